import type { BlendWeights, ModelName, UsedModel } from '#shared/domain/run.ts'
import { blendScores, fitBlend, noBlend, type BlendedModel } from '../blend.ts'
import { shareBetter } from '../metrics/compare.ts'
import { pearson } from '../metrics/correlation.ts'
import { numberGroups } from '../metrics/groups.ts'
import { squaredError } from '../metrics/squaredError.ts'
import type { LabelledPairs } from '../trainContract.ts'
import type { UnseenScores } from './folds.ts'

/** How sure the blend's lead over ridge must be. */
const sureShare = 0.975
/** In fewer premise groups even a lead in each of them is chance too often: 2⁻⁵ > 1 − `sureShare`. */
const fewestGroups = 6
/** With fewer labels nothing says which heads to trust. */
export const fewestForHeads = 30

export interface Choice {
  readonly used: UsedModel
  readonly blend: BlendWeights
  /** The blend of what needs no token vectors. */
  readonly pooledBlend: BlendWeights
  /** Of the model in use. */
  readonly scores: UnseenScores
  /** Of the blend of what needs no token vectors. */
  readonly pooledScores: UnseenScores
  readonly outOfFoldPearson: Partial<Record<ModelName, number | null>>
  readonly validationPearson: Partial<Record<ModelName, number | null>>
  /** Whether the lead was judged row by row, for want of premises. */
  readonly byRow: boolean
}

/**
 * Fits the blend and chooses between it and ridge, on training rows out of fold and validation rows together: the blend
 * where its Pearson is higher in at least `sureShare` of the resamples of no fewer than `fewestGroups` groups, since a
 * small lead on rows that early stopping has seen is often none on others. Where all rows share one premise, each is a
 * group of its own. Where Pearson is not defined the lower squared
 * error decides; with fewer than `fewestForHeads` labels, ridge or the cosine, whichever has that.
 */
export function chooseModel(
  models: Readonly<Partial<Record<BlendedModel, UnseenScores>>> & { readonly ridge: UnseenScores },
  train: LabelledPairs,
  validation: LabelledPairs,
): Choice {
  const target = join(train.target, validation.target)
  const weight = join(train.weight, validation.weight)
  const onePremise = shareOnePremise(train, validation)
  // Groups are numbered within each split, and but for a single premise none is in both.
  const apart = train.group.reduce((most, group) => Math.max(most, group), 0) + 1
  const group = Int32Array.from(join(train.group, validation.group), (own, row) =>
    onePremise ? row : row < train.group.length ? own : own + apart,
  )
  const unseen: Partial<Record<BlendedModel, Float32Array>> = {}
  for (const [name, scores] of Object.entries(models))
    unseen[name as BlendedModel] = join(scores.train, scores.validation)
  const { ridge, cosine } = unseen
  if (ridge === undefined) throw new RangeError('There is no ridge')

  const error = (scores: Float32Array | undefined): number =>
    scores === undefined ? Infinity : squaredError(scores, target)
  const few = target.length < fewestForHeads
  const pooled = { ...unseen }
  delete pooled.interaction
  const blend = few
    ? { ...noBlend, ...(error(cosine) < error(ridge) ? { cosine: 1 } : { ridge: 1 }) }
    : fitBlend(unseen, target, weight)
  const pooledBlend = few ? blend : fitBlend(pooled, target, weight)
  const blended = blendScores(blend, unseen, target.length)

  const share = few ? null : shareBetter(blended, ridge, target, group)
  const isSure = share !== null && share >= sureShare && numberGroups(group).count >= fewestGroups
  const used = (share === null ? error(blended) < error(ridge) : isSure) ? 'blend' : 'ridge'
  const scores = used === 'blend' ? blended : ridge
  const length = train.target.length
  const part = (all: Float32Array): UnseenScores => ({
    train: all.subarray(0, length),
    validation: all.subarray(length),
  })
  const correlations = (side: keyof UnseenScores): Partial<Record<ModelName, number | null>> => {
    const own = (all: Float32Array): number | null =>
      pearson(part(all)[side], side === 'train' ? train.target : validation.target)
    return {
      blend: own(blended),
      ridge: own(ridge),
      ...(unseen.regression === undefined ? {} : { regression: own(unseen.regression) }),
      ...(unseen.interaction === undefined ? {} : { interaction: own(unseen.interaction) }),
    }
  }
  return {
    used,
    blend,
    pooledBlend,
    scores: part(scores),
    pooledScores: part(blendScores(pooledBlend, unseen, target.length)),
    outOfFoldPearson: correlations('train'),
    validationPearson: correlations('validation'),
    byRow: onePremise && !few,
  }
}

/** Whether all rows of both splits have the same premise, of which they then have the same vector. */
function shareOnePremise(train: LabelledPairs, validation: LabelledPairs): boolean {
  if ([train, validation].some(({ group }) => numberGroups(group).count > 1)) return false
  const [one, other] = [train, validation].map(({ premise, dimension }) => premise.subarray(0, dimension))
  return one?.every((value, place) => value === other?.[place]) ?? false
}

function join<A extends Float32Array | Int32Array>(left: A, right: A): Float32Array {
  const all = new Float32Array(left.length + right.length)
  all.set(left)
  all.set(right, left.length)
  return all
}
