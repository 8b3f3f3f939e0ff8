import { trainingConfiguration, type EpochRecord, type TrainingConfiguration } from '#shared/domain/run.ts'
import type { HeadName } from './heads/registry.ts'
import { syntheticClasses, syntheticTokenRows } from './testRows.ts'
import type { TrainInput } from './train.ts'
import type { LabelledPairs } from './trainContract.ts'
import type { TrainListener } from './training/headTrainer.ts'

/** Small heads that learn fast. */
const small = {
  ensembleSize: 3,
  hiddenWidth: 16,
  learningRate: 0.01,
  batchSize: 16,
  maximumEpochs: 6,
  interactionWidth: 8,
  interactionLearningRate: 0.01,
  interactionBatchSize: 32,
  interactionEpochs: 4,
}

/** A small training that can train every head, on synthetic rows; for tests. */
export function trainInput(
  configuration: Partial<TrainingConfiguration> = {},
  rows: Partial<Pick<TrainInput, 'train' | 'validation' | 'holdout' | 'checkpoint'>> = {},
): TrainInput {
  return {
    configuration: trainingConfiguration.parse({ ...small, ...configuration }),
    train: syntheticTokenRows(120, 8, 1),
    validation: syntheticTokenRows(110, 8, 2),
    holdout: syntheticTokenRows(60, 8, 3),
    tolerance: 0.15,
    classes: syntheticClasses,
    threads: 1,
    backend: { name: 'cpu', gpuFolder: '' },
    checkpoint: null,
    ...rows,
  }
}

/** The rows without token vectors: no interaction head can be trained on them. */
export function withoutTokens(rows: LabelledPairs): LabelledPairs {
  return { ...rows, tokens: null }
}

/** A listener that keeps what it is told. */
export interface TestListener extends TrainListener {
  readonly epochs: [HeadName, EpochRecord][]
  readonly progress: [number, string][]
  readonly checkpoints: { epoch: number; state: Uint8Array }[]
}

/** @param cancelAfter epochs of all heads together, after which the training is cancelled. */
export function createListener(cancelAfter = Infinity): TestListener {
  const controller = new AbortController()
  const epochs: TestListener['epochs'] = []
  const progress: TestListener['progress'] = []
  const checkpoints: TestListener['checkpoints'] = []
  return {
    epochs,
    progress,
    checkpoints,
    signal: controller.signal,
    onEpoch(head, _, record) {
      epochs.push([head, record])
      if (epochs.length >= cancelAfter) controller.abort()
    },
    onProgress: (share, phase) => void progress.push([share, phase]),
    onCheckpoint: (epoch, state) => void checkpoints.push({ epoch, state }),
  }
}
