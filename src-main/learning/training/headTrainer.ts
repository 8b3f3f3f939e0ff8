import { backendTitles } from '#shared/domain/backend.ts'
import { GradusError } from '#shared/contract/errors.ts'
import type { EpochRecord, TrainingConfiguration } from '#shared/domain/run.ts'
import type { PairInputs } from '../features/pairInputs.ts'
import { heads, type HeadName } from '../heads/registry.ts'
import { losses } from '../losses/registry.ts'
import type { BackendOptions } from '../runtime/createTrainer.ts'
import { createForward } from '../runtime/onnxTrainer.ts'
import {
  checkHeadArrays,
  epochsIn,
  writeCheckpoint,
  type Checkpoint,
  type FinishedHead,
} from './checkpoint.ts'
import type { HeadWeights } from '../weights.ts'
import type { Folds } from './folds.ts'
import { stateName, stateParts, type HeadOutput } from './trainer.ts'
import { trainHead, type HeadResult, type HeadRows, type HeadSchedule } from './trainHead.ts'

/** Where a training tells how it goes. */
export interface TrainListener {
  readonly signal: AbortSignal
  onEpoch(head: HeadName, maximumEpochs: number, record: EpochRecord): void
  /** @param share of the whole training, 0–1. */
  onProgress(share: number, phase: string): void
  /** Told at most every two seconds, and when the training is cancelled. */
  onCheckpoint(epoch: number, state: Uint8Array): void
}

/** A head to train, and how. */
export interface HeadRequest {
  readonly name: HeadName
  readonly hiddenWidth: number
  readonly columns: number
  readonly frozenWidth: number
  readonly labelColumns: number
  readonly train: HeadRows
  readonly validation: HeadRows
  /** Those of the rows to train on: a member does not learn from its own. */
  readonly folds: Folds
  readonly schedule: HeadSchedule
  /** Shares of the whole training at which this head begins and ends. */
  readonly share: readonly [begin: number, end: number]
}

export interface HeadTrainer {
  /** Trains a head, or takes it from the checkpoint where it was finished. @throws GradusError as `fit`; `bad-file`. */
  train(request: HeadRequest): Promise<HeadResult>
  /** One output of a trained head, made anew: those of trunks are too large to be kept of every head. */
  run(head: HeadResult, output: HeadOutput, inputs: PairInputs): Promise<Float32Array>
}

const millisecondsBetweenCheckpoints = 2000

/** Trains heads one after another, keeping account of what a resumed training needs. */
export function createHeadTrainer(options: {
  readonly configuration: TrainingConfiguration
  /** Kept in checkpoints. */
  readonly tolerance: number
  readonly dimension: number
  readonly backend: BackendOptions
  readonly resume: Checkpoint | null
  readonly listener: TrainListener
}): HeadTrainer {
  const { configuration, tolerance, dimension, backend, resume, listener } = options
  const finished = new Map<HeadName, FinishedHead>()
  let lastTold = performance.now()

  const tell = (present: Checkpoint['present']): void => {
    const checkpoint = { tolerance, finished, present }
    lastTold = performance.now()
    listener.onCheckpoint(epochsIn(checkpoint), writeCheckpoint(checkpoint))
  }

  return {
    async train({ name, share: [begin, end], ...request }) {
      const size = {
        members: configuration.ensembleSize,
        dimension,
        hiddenWidth: request.hiddenWidth,
        columns: request.columns,
        frozenWidth: request.frozenWidth,
      }
      const { maximumEpochs } = request.schedule
      listener.onProgress(begin, heads[name].phase)
      const known = resume?.finished.get(name)
      const parameterLengths = heads[name].parameters(size).map(({ name: parameter, shape }) => ({
        name: parameter,
        length: shape.reduce((product, side) => product * side, 1),
      }))
      if (known !== undefined) {
        checkHeadArrays(known.parameters, parameterLengths)
        for (const record of known.curves.epochs) listener.onEpoch(name, maximumEpochs, record)
        finished.set(name, known)
        const { parameters, curves } = known
        const predict = ({ inputs }: HeadRows): Promise<Float32Array> =>
          runHead(name, { size, parameters }, 'predicted', inputs)
        return {
          size,
          parameters,
          curves,
          train: await predict(request.train),
          validation: await predict(request.validation),
          backend: { name: backendTitles[backend.name], threads: backend.threads },
        }
      }

      const before = resume?.present?.head === name ? resume.present.progress : null
      if (before !== null) {
        if (before.bestEpoch > 0) checkHeadArrays(before.parameters, parameterLengths)
        checkHeadArrays(
          before.trainer.state,
          parameterLengths.flatMap((own) =>
            stateParts.map((part) => ({ ...own, name: stateName(part, own.name) })),
          ),
        )
      }
      for (const record of before?.epochs ?? []) listener.onEpoch(name, maximumEpochs, record)
      const present = { isTold: false }
      try {
        const result = await trainHead({
          ...request,
          name,
          size,
          loss: losses[configuration.loss],
          backend,
          signal: listener.signal,
          onEpoch: (record) => listener.onEpoch(name, maximumEpochs, record),
          onProgress: (share) => listener.onProgress(begin + share * (end - begin), heads[name].phase),
          checkpoints: {
            isDue: () => performance.now() - lastTold >= millisecondsBetweenCheckpoints,
            tell(progress) {
              present.isTold = true
              tell({ head: name, progress })
            },
          },
          resume: before,
        })
        finished.set(name, { parameters: result.parameters, curves: result.curves })
        return result
      } catch (thrown) {
        const cancelled = thrown instanceof GradusError && thrown.code === 'cancelled'
        if (cancelled && !present.isTold) tell(before === null ? null : { head: name, progress: before })
        throw thrown
      }
    },
    run: ({ curves, ...weights }, output, inputs) => runHead(curves.head, weights, output, inputs),
  }

  /** On the CPU, whatever the head was trained on. */
  async function runHead(
    name: HeadName,
    { size, parameters }: HeadWeights,
    output: HeadOutput,
    inputs: PairInputs,
  ): Promise<Float32Array> {
    const forward = await createForward(heads[name], size, { provider: 'cpu', threads: backend.threads })
    try {
      return await forward.run(output, inputs, parameters)
    } finally {
      await forward.close()
    }
  }
}
