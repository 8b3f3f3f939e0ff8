import { GradusError } from '#shared/contract/errors.ts'
import type { EmbeddedPairs, LabelledPairs } from './trainContract.ts'

/** Fewer labelled rows than this teach a head nothing. */
const fewestRows = 10

/** @throws GradusError `bad-request` where the arrays of a split do not belong together or hold impossible numbers. */
export function checkPairs(pairs: EmbeddedPairs, split: string): void {
  const { dimension, premise, hypothesis } = pairs
  if (premise.length !== hypothesis.length || premise.length % dimension !== 0)
    throw new GradusError(
      'bad-request',
      `The ${split} embeddings do not pair up: ${premise.length} and ${hypothesis.length} numbers for width ${dimension}.`,
    )
}

/** As `checkPairs`, for rows with targets in 0–1, weights above 0 and groups. */
export function checkLabelled(pairs: LabelledPairs, split: string): void {
  checkPairs(pairs, split)
  const rows = pairs.premise.length / pairs.dimension
  for (const column of ['target', 'weight', 'group'] as const)
    if (pairs[column].length !== rows)
      throw new GradusError(
        'bad-request',
        `The ${split} split has ${rows} pairs but ${pairs[column].length} entries of ${column}.`,
      )
  if (!pairs.target.every((target) => target >= 0 && target <= 1))
    throw new GradusError('bad-request', `A target of the ${split} split is not between 0 and 1.`)
  if (!pairs.weight.every((weight) => weight > 0 && Number.isFinite(weight)))
    throw new GradusError('bad-request', `A weight of the ${split} split is not above 0.`)
}

/** @throws GradusError `not-enough-labels` where nothing can be learnt from the rows. */
export function checkLearnable(train: LabelledPairs, validation: LabelledPairs): void {
  const rows = train.target.length
  if (rows < fewestRows)
    throw new GradusError(
      'not-enough-labels',
      `Training needs at least ${fewestRows} labelled pairs outside validation and holdout; there are ${rows}. Rate more pairs first.`,
      { rows, needed: fewestRows },
    )
  if (validation.target.length === 0)
    throw new GradusError(
      'not-enough-labels',
      'Training needs at least one labelled pair for validation; there is none. Rate more pairs first.',
    )
  if (train.target.every((target) => target === train.target[0]))
    throw new GradusError(
      'not-enough-labels',
      `All ${rows} labelled training pairs have the score ${train.target[0] ?? 0}, so there is nothing to learn. Rate pairs of other degrees first.`,
    )
}
