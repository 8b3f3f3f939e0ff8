import { z } from 'zod'

/** A score: how strongly hypothesis belongs to premise, 0 (not at all) to 1 (fully). */
export const score = z.number().min(0).max(1)

/**
 * How the position on the track becomes a value: `linear` as it is; `logit` along a logistic curve, which gives the ends
 * more room, for probabilities (as the scale of Chen et al. 2020, "Uncertain Natural Language Inference").
 */
export const scaleKind = z.enum(['linear', 'logit'])
export type ScaleKind = z.infer<typeof scaleKind>

/** How far the logistic curve reaches on either side: the ends of the track stand for 1 to 148, and 148 to 1. */
const reach = 5

function logistic(x: number): number {
  return 1 / (1 + Math.exp(-x))
}

/** The value of a position on the track; both 0–1, and both ends are exact. */
export function valueAt(position: number, kind: ScaleKind): number {
  if (kind === 'linear' || position <= 0 || position >= 1) return position
  const [low, high] = [logistic(-reach), logistic(reach)]
  return (logistic(reach * (2 * position - 1)) - low) / (high - low)
}

/** The position on the track of a value: the inverse of `valueAt`. */
export function positionOf(value: number, kind: ScaleKind): number {
  if (kind === 'linear' || value <= 0 || value >= 1) return value
  const [low, high] = [logistic(-reach), logistic(reach)]
  const share = low + value * (high - low)
  return (Math.log(share / (1 - share)) / reach + 1) / 2
}

/**
 * How many decimals a value is given and shown with: as few as tell one step of .01 on the track from the next. Towards the
 * ends of a logit scale such a step is as small as .0007; the ends themselves need none.
 */
export function shownDecimals(value: number, kind: ScaleKind): number {
  const toEnd = Math.min(value, 1 - value)
  if (kind === 'linear' || toEnd >= 0.15 || toEnd <= 0) return 2
  return toEnd >= 0.01 ? 3 : 4
}

/** The value that a rater sees, and gives, at a position on the track: `valueAt`, with the decimals that are shown. */
export function givenValueAt(position: number, kind: ScaleKind): number {
  const value = valueAt(position, kind)
  const steps = 10 ** shownDecimals(value, kind)
  return Math.round(value * steps) / steps
}

/** A closed range of outside scores that is mapped linearly to 0–1. */
export const scoreRange = z
  .object({ low: z.number(), high: z.number() })
  .refine((range) => range.high > range.low, 'The upper end of the score range must be above the lower end.')
export type ScoreRange = z.infer<typeof scoreRange>

/**
 * Maps an outside score linearly to 0–1.
 * @returns the mapped score, or null where `outside` is not a finite number inside the range (ends included).
 */
export function toUnitScore(outside: number, range: ScoreRange): number | null {
  if (!Number.isFinite(outside) || outside < range.low || outside > range.high) return null
  return (outside - range.low) / (range.high - range.low)
}
