import { z } from 'zod'
import type { ConsensusRule } from './project.ts'

/** What the rater model knows of one rater: scores are `bias + scale · μ` with errors of this standard deviation. */
export const raterParameters = z.object({
  bias: z.number(),
  scale: z.number(),
  deviation: z.number().positive(),
})

/** A fitted rater model: pairs' scores μ are normal with this mean and variance; raters by id. */
export const raterModel = z.object({
  mean: z.number(),
  variance: z.number().positive(),
  /** For raters that the model has not met: no bias, scale 1, and the errors of the usual rater. */
  usualDeviation: z.number().positive(),
  raters: z.record(z.string(), raterParameters),
})
export type RaterModel = z.infer<typeof raterModel>

/** Gathers one pair's scores under a rater model; the posterior of μ given them is normal. */
export interface ModelledScore {
  precision: number
  weighted: number
}

/** What is known of a pair before anybody has scored it. */
export function beginModelled({ mean, variance }: RaterModel): ModelledScore {
  return { precision: 1 / variance, weighted: mean / variance }
}

/** Adds one rater's score: precision b²/σ² and weighted sum b(y − a)/σ² of y = a + bμ + ε, ε ~ N(0, σ²). */
export function addModelled(sum: ModelledScore, model: RaterModel, raterId: string, given: number): void {
  const { bias, scale, deviation } = model.raters[raterId] ?? {
    bias: 0,
    scale: 1,
    deviation: model.usualDeviation,
  }
  const variance = deviation * deviation
  sum.precision += (scale * scale) / variance
  sum.weighted += (scale * (given - bias)) / variance
}

/** The posterior mean, kept within 0–1. */
export function modelledScore({ precision, weighted }: ModelledScore): number {
  return Math.min(1, Math.max(0, weighted / precision))
}

/** The middle value, the mean of the two middle ones where they are even; null of none. */
export function medianOf(scores: readonly number[]): number | null {
  const sorted = scores.toSorted((left, right) => left - right)
  const middle = sorted.length / 2
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]]
  return low === undefined || high === undefined ? null : (low + high) / 2
}

/** One rater's score of a pair, 0–1. */
export interface GivenScore {
  readonly raterId: string
  readonly score: number
}

/**
 * The scores of one pair as one number, 0–1; null without any.
 * @param model of the raters; without one, the mean stands in for it.
 */
export function consensusOf(
  rule: ConsensusRule,
  given: readonly GivenScore[],
  model: RaterModel | null,
): number | null {
  if (given.length === 0) return null
  if (rule === 'median') return medianOf(given.map(({ score }) => score))
  if (rule === 'mean' || model === null)
    return given.reduce((sum, { score }) => sum + score, 0) / given.length
  const sum = beginModelled(model)
  for (const { raterId, score } of given) addModelled(sum, model, raterId, score)
  return modelledScore(sum)
}
