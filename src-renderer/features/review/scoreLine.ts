import type { Prediction } from '#shared/domain/run.ts'
import { coefficient, intervalEnds } from '../../format/numbers.ts'

/** Where the parts of a score line stand, in whole hundredths of its width. */
export interface LinePlaces {
  readonly low: number
  readonly high: number
  readonly score: number
}

/** Places on a line from 0 to 1; what lies outside is put at its end, and the interval always holds the score. */
export function placesOf({ score, low, high }: Pick<Prediction, 'score' | 'low' | 'high'>): LinePlaces {
  const place = (value: number): number => Math.round(Math.min(1, Math.max(0, value)) * 100)
  return { low: place(Math.min(low, score)), high: place(Math.max(high, score)), score: place(score) }
}

/** A prediction in words: ".62 [.41, .83]". */
export function predictionText(prediction: Pick<Prediction, 'score' | 'low' | 'high'>): string {
  return `${coefficient(prediction.score)} ${intervalEnds(prediction)}`
}
