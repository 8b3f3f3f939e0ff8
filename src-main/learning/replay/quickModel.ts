import type { StrategyName } from '#shared/domain/suggestion.ts'
import { itemDeviations } from '../metrics/itemDeviation.ts'
import type { CandidatePredictions } from '../strategies/strategy.ts'
import { createBootstrapMembers } from './bootstrapMembers.ts'
import { createGrowingRidge, type DualModel, type RidgeState } from './growingRidge.ts'
import type { BoughtLabel } from './labelPurse.ts'
import type { PairKernel } from './pairKernel.ts'

/** As many as the project's ensemble has heads. */
const memberCount = 5

/** What the model of a replay says after a fit. */
export interface QuickFit {
  readonly state: RidgeState
  /** Scores of all pairs, not clipped [pairs]. */
  readonly score: Float64Array
  /** Predictions of some pairs for a strategy. */
  predict(pairs: Uint32Array, strategy: StrategyName): CandidatePredictions
}

/** The model that a replay fits after each batch. */
export interface QuickModel {
  /** Rows of the pairs that are labelled, in the order in which they were. */
  readonly labelled: Uint32Array
  readonly labels: readonly BoughtLabel[]
  add(pairs: readonly number[], labels: readonly BoughtLabel[]): Promise<void>
  /** Gives a labelled pair another label. @param place among the labelled. */
  change(place: number, label: BoughtLabel): void
  fit(): QuickFit
}

/**
 * Ridge on pooled features, the project's own baseline and on few labels its best scorer, with the strength chosen by
 * leaving premises out (`createGrowingRidge`), and five ridges by the Bayesian bootstrap for what an ensemble knows of its
 * own doubts. That is little: their variance ranks the squared errors on a holdout at ρ .01 to .06 (`npm run bench --
 * active-learning variance`), since what is left of them is mostly raters' noise. Members of weaker λ, random features
 * under a ridge, and the distance to the nearest label did no better; five small perceptrons reach .06 to .23, at
 * sixty times the time.
 * @param pairs how many pairs the kernel has; @param group [pool].
 */
export function createQuickModel(
  kernel: PairKernel,
  { pairs, capacity, group, seed }: { pairs: number; capacity: number; group: Int32Array; seed: number },
): QuickModel {
  const ridge = createGrowingRidge(capacity)
  const members = createBootstrapMembers(memberCount, seed)
  const products: Float32Array[] = []
  const labels: BoughtLabel[] = []
  let labelled = new Uint32Array()

  return {
    get labelled() {
      return labelled
    },
    labels,
    async add(added, own) {
      if (added.length === 0) return
      const found = await kernel.products(Uint32Array.from(added))
      products.push(...found)
      labels.push(...own)
      labelled = Uint32Array.of(...labelled, ...added)
      ridge.add(
        own.map(({ target, weight }, place) => ({ target, weight, group: group[added[place] ?? 0] ?? 0 })),
        found.map((product) => Float64Array.from(labelled, (pair) => product[pair] ?? 0)),
      )
      members.add(added)
    },
    change(place, label) {
      labels[place] = label
      ridge.change(place, label.target, label.weight)
    },
    fit() {
      const state = ridge.fit()
      const [score = new Float64Array()] = scores(products, pairs, [state])
      return {
        state,
        score,
        predict(wanted, strategy) {
          const own = (values: Float64Array): Float32Array =>
            Float32Array.from(wanted, (pair) => Math.min(1, Math.max(0, values[pair] ?? 0)))
          const readsMembers = strategy === 'ensemble-variance' || strategy === 'hybrid'
          const said = readsMembers ? scores(products, pairs, members.fit(ridge, state.lambda)).map(own) : []
          const spread = strategy === 'predicted-spread' ? ridge.fitTo(deviations(labels, state)) : null
          const [predicted] = spread === null ? [] : scores(products, pairs, [spread])
          return {
            score: own(score),
            ...summariseMembers(said, wanted.length),
            spread: predicted === undefined ? null : own(predicted),
          }
        },
      }
    },
  }
}

/**
 * Variance, lowest and highest of members' scores.
 * @param scores of each member [rows].
 */
export function summariseMembers(
  scores: readonly Float32Array[],
  rows: number,
): Pick<CandidatePredictions, 'variance' | 'memberLow' | 'memberHigh' | 'members'> {
  const variance = new Float32Array(rows)
  const memberLow = new Float32Array(rows)
  const memberHigh = new Float32Array(rows)
  for (let row = 0; row < rows && scores.length > 0; row++) {
    let [sum, low, high] = [0, Infinity, -Infinity]
    for (const member of scores) {
      const value = member[row] ?? 0
      sum += value
      low = Math.min(low, value)
      high = Math.max(high, value)
    }
    const mean = sum / scores.length
    let squares = 0
    for (const member of scores) squares += ((member[row] ?? 0) - mean) ** 2
    variance[row] = squares / scores.length
    memberLow[row] = low
    memberHigh[row] = high
  }
  return { variance, memberLow, memberHigh, members: scores.length }
}

/** The scores of all pairs by several models [models][pairs]. */
function scores(
  products: readonly Float32Array[],
  pairs: number,
  models: readonly DualModel[],
): Float64Array[] {
  return models.map(({ weight, bias }) => {
    const score = new Float64Array(pairs).fill(bias)
    for (const [place, product] of products.entries()) {
      const own = weight[place] ?? 0
      for (let pair = 0; pair < pairs; pair++) score[pair] = (score[pair] ?? 0) + own * (product[pair] ?? 0)
    }
    return score
  })
}

/**
 * What is learnt as the spread: raters' deviations, shrunk, where any pair has two ratings; else how far each label is
 * from its score out of fold, which is all that is known then of where labels are hard to foresee.
 */
function deviations(labels: readonly BoughtLabel[], { outOfFold }: RidgeState): Float64Array {
  const own = itemDeviations({
    mean: labels.map(({ target }) => target),
    deviation: labels.map(({ deviation }) => deviation ?? 0),
    ratings: labels.map(({ ratings }) => ratings),
  }).deviation
  return own ?? Float64Array.from(labels, ({ target }, place) => Math.abs(target - (outOfFold[place] ?? 0)))
}
