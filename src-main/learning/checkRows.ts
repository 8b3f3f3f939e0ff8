import { GradusError } from '#shared/contract/errors.ts'
import { isFiniteFloat16 } from '../onnx/float16.ts'
import type { EmbeddedPairs, LabelledPairs, TokenPairs } from './trainContract.ts'
import { rowCount, selectRows } from './training/trainer.ts'

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
  if (pairs.tokens !== null && !tokensFit(pairs, pairs.tokens))
    throw new GradusError('bad-request', `The ${split} token vectors do not belong to its pairs.`)
}

/** Whether every pair has two texts, and every text tokens. */
function tokensFit({ dimension, premise }: EmbeddedPairs, tokens: TokenPairs): boolean {
  const { values, starts, lengths } = tokens
  const rows = premise.length / dimension
  const all = values.length / dimension
  return (
    starts.length === lengths.length &&
    starts.every(
      (start, text) => start >= 0 && (lengths[text] ?? 0) > 0 && start + (lengths[text] ?? 0) <= all,
    ) &&
    [tokens.premise, tokens.hypothesis].every(
      (side) => side.length === rows && side.every((text) => text >= 0 && text < starts.length),
    )
  )
}

/** @throws GradusError `bad-request` where an embedding or a token vector holds what is no finite number. */
export function checkFinite(pairs: EmbeddedPairs, split: string): void {
  const rows = rowCount(pairs)
  const bad = rows - finiteRows(pairs).length
  if (bad > 0)
    throw new GradusError(
      'bad-request',
      `The embeddings of ${bad} of ${rows} ${split} pairs hold numbers that are not finite. Have their texts encoded again.`,
      { bad, rows },
    )
}

/**
 * The pairs whose embeddings and token vectors are all finite; others are left out, with a remark.
 * @throws GradusError `bad-request` where none is left.
 */
export function keepFinite(pairs: LabelledPairs, split: string, remarks: string[]): LabelledPairs {
  const rows = rowCount(pairs)
  const kept = finiteRows(pairs)
  if (kept.length === rows) return pairs
  if (kept.length === 0) checkFinite(pairs, split)
  remarks.push(
    `The embeddings of ${rows - kept.length} of ${rows} ${split} pairs hold numbers that are not finite, so these are left out.`,
  )
  return selectRows(pairs, kept)
}

/** Row numbers of the pairs whose numbers are all finite. */
export function finiteRows(pairs: EmbeddedPairs): Uint32Array {
  const { dimension, tokens } = pairs
  const isFinite = (vectors: Float32Array, row: number): boolean =>
    vectors.subarray(row * dimension, (row + 1) * dimension).every(Number.isFinite)
  const texts = Array.from(tokens?.starts ?? [], (start, text) =>
    (tokens?.values ?? new Uint16Array())
      .subarray(start * dimension, (start + (tokens?.lengths[text] ?? 0)) * dimension)
      .every(isFiniteFloat16),
  )
  return Uint32Array.from({ length: rowCount(pairs) }, (_, row) => row).filter(
    (row) =>
      isFinite(pairs.premise, row) &&
      isFinite(pairs.hypothesis, row) &&
      (tokens === null ||
        ((texts[tokens.premise[row] ?? 0] ?? false) && (texts[tokens.hypothesis[row] ?? 0] ?? false))),
  )
}

/** As `checkPairs`, for rows with targets in 0–1, weights above 0 and groups. */
export function checkLabelled(pairs: LabelledPairs, split: string): void {
  checkPairs(pairs, split)
  const rows = pairs.premise.length / pairs.dimension
  for (const column of ['target', 'weight', 'group', 'deviation', 'ratings'] as const)
    if (pairs[column].length !== rows)
      throw new GradusError(
        'bad-request',
        `The ${split} split has ${rows} pairs but ${pairs[column].length} entries of ${column}.`,
      )
  if (!pairs.target.every((target) => target >= 0 && target <= 1))
    throw new GradusError('bad-request', `A target of the ${split} split is not between 0 and 1.`)
  if (!pairs.weight.every((weight) => weight > 0 && Number.isFinite(weight)))
    throw new GradusError('bad-request', `A weight of the ${split} split is not above 0.`)
  if (!pairs.deviation.every((deviation) => deviation >= 0 && Number.isFinite(deviation)))
    throw new GradusError('bad-request', `A deviation of the ${split} split is below 0 or no number.`)
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
