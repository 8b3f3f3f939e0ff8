import { backendTitles, type BackendName } from '#shared/domain/backend.ts'
import type { Trainer, TrainerOptions } from '../training/trainer.ts'
import { chooseThreads } from './chooseThreads.ts'
import { createOnnxGpuTrainer } from './onnxGpuTrainer.ts'
import { createOnnxTrainer } from './onnxTrainer.ts'
import { createTensorflowTrainer } from './tensorflow.ts'
import { loadTensorflowGpu } from './tensorflowGpu.ts'

/** What a training is told to run on. */
export interface BackendOptions {
  readonly name: BackendName
  /** The folder of `npm run gpu:install`, whether there is one or not. */
  readonly gpuFolder: string
  /** Processors that may be used. */
  readonly threads: number
}

/** A head in training, and what a report says of where. */
export interface PlacedTrainer {
  readonly trainer: Trainer
  readonly backend: { readonly name: string; readonly threads: number }
}

/**
 * Creates a head's trainer on a back end. On the CPU the number of threads is chosen by timing, which changes no bit of
 * the result.
 */
export async function createTrainer(
  options: TrainerOptions,
  { name, gpuFolder, threads }: BackendOptions,
): Promise<PlacedTrainer> {
  const used = name === 'cpu' ? await chooseThreads(options, threads) : 1
  return {
    trainer: await createTrainerOn(options, { name, gpuFolder, threads: used }),
    backend: { name: backendTitles[name], threads: used },
  }
}

/** The same with exactly these threads. */
export async function createTrainerOn(
  options: TrainerOptions,
  { name, gpuFolder, threads }: BackendOptions,
): Promise<Trainer> {
  switch (name) {
    case 'tfjs-node-gpu':
      return createTensorflowTrainer(loadTensorflowGpu(gpuFolder), options)
    case 'webgpu':
      return createOnnxGpuTrainer(options)
    case 'cuda':
    case 'cpu':
      return createOnnxTrainer(options, { provider: name, threads })
  }
}
