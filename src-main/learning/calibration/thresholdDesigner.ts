import type { DecisionCosts, PrecisionDesign, ThresholdDesign } from '#shared/domain/judging.ts'
import { bootstrapSums, ratio, sumByGroup } from '../metrics/bootstrap.ts'
import { confusionFigures, countsOf, sumConfusion } from '../metrics/confusion.ts'
import { pairUp } from '../metrics/pairUp.ts'

/** A threshold that no score reaches. */
const never = 1.01

/** Judged rows that decisions are designed on. */
export interface DecisionRows {
  /** Calibrated, 0–1 [rows]. */
  readonly score: ArrayLike<number>
  /** 0–1 [rows]. */
  readonly target: ArrayLike<number>
  /** Equal numbers are drawn together [rows]. */
  readonly group: ArrayLike<number>
}

/** All places where decisions can differ: below all scores, between neighbours, above all. Each array is [cuts]. */
interface Cuts {
  /** A threshold there, rising from 0 to `never`. */
  readonly at: Float64Array
  /** Rows below it that are truly yes, and truly no. */
  readonly yesBelow: Uint32Array
  readonly noBelow: Uint32Array
}

function cutsOf({ score, target }: DecisionRows, truth: number): Cuts {
  const order = Uint32Array.from({ length: score.length }, (_, row) => row).sort(
    (a, b) => (score[a] ?? 0) - (score[b] ?? 0),
  )
  const at = [0]
  const below = { yes: [0], no: [0] }
  let [yes, no] = [0, 0]
  for (const [place, row] of order.entries()) {
    if ((target[row] ?? 0) >= truth) yes += 1
    else no += 1
    const [value, next] = [score[row] ?? 0, order[place + 1]]
    const following = next === undefined ? null : (score[next] ?? 0)
    if (following === value) continue
    const middle = following === null ? never : (value + following) / 2
    // Between neighbouring doubles there is no middle.
    at.push(middle > value ? middle : (following ?? never))
    below.yes.push(yes)
    below.no.push(no)
  }
  return {
    at: Float64Array.from(at),
    yesBelow: Uint32Array.from(below.yes),
    noBelow: Uint32Array.from(below.no),
  }
}

/**
 * The cheapest band of abstention: the cost of a band [low, high) is a function of `low` plus one of `high`, so the best
 * `low` up to each `high` is carried along. Of equally cheap bands the one with fewest rows in it, then the one nearest
 * to the truth threshold.
 * @param mayAbstain false: empty bands only.
 * @returns numbers of cuts.
 */
function cheapestBand(
  { at, yesBelow, noBelow }: Cuts,
  costs: DecisionCosts,
  truth: number,
  mayAbstain: boolean,
): { low: number; high: number } {
  const allNo = noBelow.at(-1) ?? 0
  const rowsBelow = (cut: number): number => (yesBelow[cut] ?? 0) + (noBelow[cut] ?? 0)
  const lowCost = (cut: number): number =>
    costs.wrongNo * (yesBelow[cut] ?? 0) - costs.abstention * rowsBelow(cut)
  const highCost = (cut: number): number =>
    costs.wrongYes * (allNo - (noBelow[cut] ?? 0)) + costs.abstention * rowsBelow(cut)
  // Costs that differ by rounding alone are equal.
  const hair = 1e-9 * rowsBelow(at.length - 1) * Math.max(costs.wrongYes, costs.wrongNo, costs.abstention)

  let best = { low: 0, high: 0, cost: Infinity, rows: 0, distance: 0 }
  let low = { cut: 0, cost: Infinity }
  for (const [high, threshold] of at.entries()) {
    const cost = lowCost(high)
    if (!mayAbstain) low = { cut: high, cost }
    else if (cost <= low.cost + hair) low = { cut: high, cost: Math.min(cost, low.cost) }
    const found = {
      low: low.cut,
      high,
      cost: lowCost(low.cut) + highCost(high),
      rows: rowsBelow(high) - rowsBelow(low.cut),
      distance: Math.abs(((at[low.cut] ?? 0) + threshold) / 2 - truth),
    }
    const difference = found.cost - best.cost
    const fewer = found.rows - best.rows || found.distance - best.distance
    if (difference < -hair || (difference <= hair && fewer < 0)) best = found
  }
  return { low: best.low, high: best.high }
}

/**
 * Finds the decision threshold and the band of abstention with the lowest expected cost per pair: no below `band.low`,
 * abstain from there, yes from `band.high`. Every cut between two scores is tried. The intervals are those of the rule
 * as found, which was chosen on the same rows and so looks a little better than it is.
 * @param truth a pair is truly a yes where its target is at least this.
 * @returns null without rows.
 * @throws RangeError on columns of unequal length.
 */
export function designThresholds(
  rows: DecisionRows,
  costs: DecisionCosts,
  truth = 0.5,
  seed = 42,
): ThresholdDesign | null {
  const { score, target, group } = rows
  const n = pairUp({ scores: score.length, targets: target.length, groups: group.length })
  if (n === 0) return null
  const cuts = cutsOf(rows, truth)
  const cutAt = (cut: number): number => cuts.at[cut] ?? 0
  const forced = cheapestBand(cuts, costs, truth, false)
  const found = cheapestBand(cuts, costs, truth, true)
  const threshold = cutAt(forced.high)
  const band = { low: cutAt(found.low), high: cutAt(found.high) }

  const sums = sumByGroup(group, 7, (row) => {
    const value = score[row] ?? 0
    const isYes = (target[row] ?? 0) >= truth
    const decided = { yes: value >= band.high, no: value < band.low }
    const alone = value >= threshold
    return [
      1,
      Number(decided.yes),
      Number(decided.yes && !isYes),
      Number(decided.no),
      Number(decided.no && isYes),
      Number(alone && !isYes),
      Number(!alone && isYes),
    ]
  })
  const [, yes = 0, , no = 0] = sums.total
  const figures = bootstrapSums(
    sums,
    ([all = 0, saidYes = 0, falseYes = 0, saidNo = 0, falseNo = 0, falseYesAlone = 0, falseNoAlone = 0]) => ({
      cost:
        (costs.wrongYes * falseYes + costs.wrongNo * falseNo + costs.abstention * (all - saidYes - saidNo)) /
        all,
      costWithoutAbstaining: (costs.wrongYes * falseYesAlone + costs.wrongNo * falseNoAlone) / all,
      wrongYes: ratio(falseYes, saidYes),
      wrongNo: ratio(falseNo, saidNo),
      wrong: ratio(falseYes + falseNo, saidYes + saidNo),
    }),
    seed,
  )
  const { cost, costWithoutAbstaining } = figures
  if (cost === null || costWithoutAbstaining === null) return null
  return {
    n,
    costs,
    truth,
    threshold,
    band,
    ...figures,
    cost,
    costWithoutAbstaining,
    shares: { yes: yes / n, no: no / n, abstain: (n - yes - no) / n },
  }
}

/**
 * Finds the lowest threshold of yes at which the precision on these rows is at least `wanted`, with the precision's
 * interval and the recall; the interval is that of the threshold as found.
 * @param wanted 0–1; @param truth as in `designThresholds`.
 * @returns null figures, with the reason, where no threshold reaches it.
 * @throws RangeError on columns of unequal length.
 */
export function designForPrecision(
  rows: DecisionRows,
  wanted: number,
  truth = 0.5,
  seed = 42,
): PrecisionDesign {
  const { score, target, group } = rows
  const n = pairUp({ scores: score.length, targets: target.length, groups: group.length })
  const none = (reason: string): PrecisionDesign => ({
    n,
    wanted,
    truth,
    threshold: null,
    precision: null,
    recall: null,
    reason,
  })
  const { at, yesBelow, noBelow } = cutsOf(rows, truth)
  const [allYes, allNo] = [yesBelow.at(-1) ?? 0, noBelow.at(-1) ?? 0]
  if (allYes === 0) return none('No judged pair is truly a yes.')
  const precisions = Array.from(at, (_, cut) => {
    const right = allYes - (yesBelow[cut] ?? 0)
    return ratio(right, right + allNo - (noBelow[cut] ?? 0)) ?? 0
  })
  const cut = precisions.findIndex((precision) => precision >= wanted)
  if (cut === -1 || cut === at.length - 1) {
    // Rounded down, lest it look like the wanted one.
    const best = precisions.reduce((most, precision) => Math.max(most, precision), 0)
    return none(
      `No threshold reaches a precision of ${wanted}; the highest is ${(Math.floor(1000 * best + 1e-9) / 1000).toFixed(3)}.`,
    )
  }
  const threshold = at[cut] ?? 0
  const sums = sumConfusion(
    group,
    (row) => (score[row] ?? 0) >= threshold,
    (row) => (target[row] ?? 0) >= truth,
  )
  const { precision, recall } = bootstrapSums(sums, (drawn) => confusionFigures(countsOf(drawn)), seed)
  return { n, wanted, truth, threshold, precision, recall, reason: null }
}
