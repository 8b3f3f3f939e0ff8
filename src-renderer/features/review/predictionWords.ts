import type { ReviewModel } from '#shared/contract/review.ts'
import type { Prediction } from '#shared/domain/run.ts'
import { coefficient, percent } from '../../format/numbers.ts'

/** What the run says beyond its score, each with what is meant by it. */
export interface PredictionFact {
  readonly label: string
  readonly value: string
  readonly meaning: string
}

const signalMeanings = {
  abstention: 'A head’s own estimate of being wrong; higher is less sure.',
  variance: 'How far the heads lie apart; higher is less sure.',
  spread: 'How far raters are expected to lie apart; higher is less sure.',
  threshold: 'How near the score lies to .50; higher is less sure.',
} as const

/** A prediction's interval, expected spread, doubt, and whether the model declines, each with what is meant by it. */
export function predictionFacts(
  prediction: Prediction,
  { model, usualDeviation }: { model: ReviewModel | null; usualDeviation: number | null },
): PredictionFact[] {
  const { low, high, variance, spread, doubt, abstained } = prediction
  const signal = model?.signal ?? null
  const threshold = model?.threshold ?? null
  const above = threshold === null ? '' : ` It declines above ${coefficient(threshold)}.`
  return [
    {
      label: 'interval',
      value: `[${coefficient(low)}, ${coefficient(high)}]`,
      meaning: `Meant to hold ${percent(model?.level ?? 0.95)} of people’s scores.`,
    },
    {
      label: 'heads',
      value: `± ${coefficient(Math.sqrt(variance))}`,
      meaning: 'Standard deviation of the heads’ scores: more labels would bring them together.',
    },
    ...(spread === null
      ? []
      : [
          {
            label: 'expected spread',
            value: coefficient(spread),
            meaning: `What raters’ scores are expected to differ by${usualDeviation === null ? '' : `; usual here is ${coefficient(usualDeviation)}`}.`,
          },
        ]),
    ...(doubt === null
      ? []
      : [
          {
            label: 'doubt',
            value: coefficient(doubt),
            meaning: `${signal === null ? 'Higher is less sure.' : signalMeanings[signal]}${above}`,
          },
        ]),
    {
      label: 'abstains',
      value: abstained ? 'yes' : 'no',
      meaning: abstained ? 'The model declines to score this pair.' : 'The model stands by its score.',
    },
  ]
}
