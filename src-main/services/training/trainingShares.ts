import type { EmbeddingCache } from '../../encoder/embeddingCache.ts'
import type { PairTexts } from '../../store/repositories/labels.ts'
import type { TrainingData } from './trainingData.ts'

/** The parts of a training job, in their order. */
export type TrainingPart = 'encode' | 'train' | 'score'

/** Rough seconds on two processors; only their proportions show. */
const seconds = {
  perText: 0.0035,
  startTraining: 3,
  perTrainingRow: 0.003,
  perTrainingRowWithTokens: 0.03,
  perScoredPair: 0.0006,
}

const textsOf = (pairs: readonly PairTexts[]): string[] =>
  pairs.flatMap(({ premise, hypothesis }) => [premise, hypothesis])

/**
 * Weighs the parts of a training job by how long each will take, so that the share done grows evenly.
 * @param labelled the texts that are trained and judged on.
 * @param sample some of the pairs that will be scored.
 * @param tokens whether token vectors are made and trained on, too.
 * @returns the share of the whole job at a share of one part, both 0–1.
 */
export async function weighParts(
  cache: EmbeddingCache,
  data: Pick<TrainingData, 'train' | 'holdout' | 'pool'>,
  labelled: readonly PairTexts[],
  sample: readonly PairTexts[],
  tokens: boolean,
): Promise<(part: TrainingPart, share: number) => number> {
  const lacking = (texts: string[]): Promise<string[]> =>
    tokens ? cache.missingTokens(texts) : cache.missing(texts)
  const missing = (await lacking(textsOf(labelled))).length
  const sampled = textsOf(sample)
  const missingShare = sampled.length === 0 ? 0 : (await lacking(sampled)).length / sampled.length
  const scored = data.pool + data.holdout.length
  const weights = {
    encode: missing * seconds.perText,
    train:
      seconds.startTraining +
      data.train.length * (tokens ? seconds.perTrainingRowWithTokens : seconds.perTrainingRow),
    score: scored * (seconds.perScoredPair + 2 * missingShare * seconds.perText),
  }
  const total = weights.encode + weights.train + weights.score
  const before = { encode: 0, train: weights.encode, score: weights.encode + weights.train }
  return (part, share) => Math.min(1, (before[part] + share * weights[part]) / total)
}
