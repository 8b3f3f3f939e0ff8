import { trainingConfiguration, type TrainingConfiguration } from '../../src-shared/domain/run.ts'
import { train, type TrainOutput } from '../../src-main/learning/train.ts'
import type { LabelledPairs } from '../../src-main/learning/trainContract.ts'
import { readWeights, type ModelWeights } from '../../src-main/learning/weights.ts'
import { splitForTraining } from '../../src-main/services/training/trainingSplit.ts'
import { premiseGroup } from '../../src-main/store/pairKeys.ts'
import type { DataPair } from '../support/dataSets.ts'
import { quick } from './quick.ts'
import { label, threads } from './vectors.ts'

/** The premise groups of pairs, as the store knows them. */
export function premiseGroupsOf(pairs: readonly DataPair[]): Set<number> {
  return new Set(pairs.map(({ premise }) => premiseGroup(premise)))
}

/**
 * Carves validation off labelled pairs as the program does.
 * @param held pairs with a premise of which are left out.
 */
export function carve(
  pairs: readonly DataPair[],
  held: readonly DataPair[],
): { train: DataPair[]; validation: DataPair[]; leftOut: number } {
  const rows = pairs.map((pair) => ({
    pair,
    pairId: pair.id,
    premiseGroup: premiseGroup(pair.premise),
    declaredSplit: 'train' as const,
    split: 'train' as const,
  }))
  const { validationShare } = trainingConfiguration.parse({})
  const parts = splitForTraining(rows, premiseGroupsOf(held), { holdoutShare: 0, validationShare })
  const texts = (own: typeof rows): DataPair[] => own.map(({ pair }) => pair)
  return {
    train: texts(parts.train),
    validation: texts(parts.validation),
    leftOut: parts.leftOutForHoldout,
  }
}

/** A training of this process with the program's defaults but for `configuration`. */
export async function trainHere(
  title: string,
  parts: {
    readonly train: readonly DataPair[]
    readonly validation: readonly DataPair[]
    readonly holdout: LabelledPairs | null
    readonly tolerance: number
  },
  configuration: Partial<TrainingConfiguration> = {},
): Promise<{ weights: ModelWeights; report: TrainOutput['report']; seconds: number }> {
  const started = performance.now()
  const { weights, report } = await train(
    {
      configuration: trainingConfiguration.parse({
        ...(quick ? { maximumEpochs: 5, interactionEpochs: 2 } : {}),
        ...configuration,
      }),
      train: await label(parts.train),
      validation: await label(parts.validation),
      holdout: parts.holdout,
      tolerance: parts.tolerance,
      classes: [],
      threads,
      backend: { name: 'cpu', gpuFolder: '' },
      checkpoint: null,
    },
    {
      signal: new AbortController().signal,
      onEpoch: () => undefined,
      onProgress: () => undefined,
      onCheckpoint: () => undefined,
    },
  )
  const seconds = (performance.now() - started) / 1000
  console.error(`${title}: trained in ${seconds.toFixed(0)} s`)
  return { weights: readWeights(weights), report, seconds }
}
