import { z } from 'zod'
import { ulid } from './ids.ts'
import { scaleKind, score } from './score.ts'

export const cannotJudgeReason = z.enum([
  'not-understandable',
  'needs-context',
  'outside-my-knowledge',
  'other',
])
export type CannotJudgeReason = z.infer<typeof cannotJudgeReason>

/** What a rater answers for one pair. A range counts as its midpoint where one number is needed. */
export const answer = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('score'), value: score, rawPosition: score }),
  z
    .object({ kind: z.literal('range'), low: score, high: score })
    .refine((range) => range.low <= range.high, 'A range needs its low end below its high end.'),
  z.object({ kind: z.literal('cannot-judge'), reason: cannotJudgeReason }),
])
export type Answer = z.infer<typeof answer>

/** The one number an answer stands for, or null where the rater could not judge. */
export function answerScore(given: Answer): number | null {
  switch (given.kind) {
    case 'score':
      return given.value
    case 'range':
      return (given.low + given.high) / 2
    case 'cannot-judge':
      return null
  }
}

/**
 * Why a pair was shown to the rater: its turn in their order, a suggestion, opened from a list, opened to answer anew, the
 * calibration round, another rating asked for, or shown again blind.
 */
export const shownBecause = z.enum([
  'order',
  'suggestion',
  'chosen',
  'revision',
  'calibration',
  'asked',
  'retest',
])
export type ShownBecause = z.infer<typeof shownBecause>

/** How long answering took; milliseconds. Idle time (no input for over 30 s) is not counted in `timeToCommit`. */
export const ratingTiming = z.object({
  timeToFirstTouch: z.number().int().nonnegative().nullable(),
  timeToCommit: z.number().int().nonnegative(),
  changeCount: z.number().int().nonnegative(),
})
export type RatingTiming = z.infer<typeof ratingTiming>

/** How sure a rater was: 1 unsure, 2 fairly sure, 3 sure. */
export const confidence = z.number().int().min(1).max(3)

/** The same in words, from 1 to 3. */
export const confidenceWords = ['unsure', 'fairly sure', 'sure'] as const

/** A confidence in words; null where nothing was said, or it is none. */
export function confidenceInWords(given: number | null): string | null {
  return given === null ? null : (confidenceWords[given - 1] ?? null)
}

/** The confidence that words say; null where they say none. */
export function confidenceFromWords(words: string): number | null {
  const place = confidenceWords.findIndex((known) => known === words)
  return place === -1 ? null : place + 1
}

/** Where a rating row came from. `redo` gives an earlier answer again: by redo, or by undoing its revision. */
export const ratingSource = z.enum(['annotate', 'redo', 'import', 'command-line'])

/** One rater's score of one pair at one time: never changed, only superseded. */
export const rating = z.object({
  id: ulid,
  pairId: ulid,
  raterId: ulid,
  answer,
  note: z.string().nullable(),
  /** Null where the project does not ask, or the rater did not say. */
  confidence: confidence.nullable(),
  scaleKind,
  timing: ratingTiming.nullable(),
  orderShown: z.number().int().nonnegative().nullable(),
  shownBecause: shownBecause.nullable(),
  suggestionId: ulid.nullable(),
  guidelineVersion: z.number().int().positive(),
  /** 1 for the first time a rater scores a pair, 2 for the next pass … */
  passNumber: z.number().int().positive(),
  source: ratingSource,
  supersedes: ulid.nullable(),
  /** The answer of the same rater that this one repeats blind; it takes nobody's place. */
  retests: ulid.nullable(),
  /** The version of the pair's text that was rated, from 1 on. */
  pairVersion: z.number().int().positive(),
  createdAt: z.iso.datetime(),
})
export type Rating = z.infer<typeof rating>
