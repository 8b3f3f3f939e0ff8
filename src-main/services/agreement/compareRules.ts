import { setImmediate as yieldToOthers } from 'node:timers/promises'
import type { RuleDifference } from '#shared/contract/agreement.ts'
import { consensusOf, type GivenScore, type RaterModel } from '#shared/domain/consensus.ts'
import { needsOverlap } from '../../agreement/figure.ts'
import type { GatheredRatings, ScoreColumns } from './gatherRatings.ts'

/** A pair that moves by more is counted. */
const much = 0.1
/** Scores looked at before other work gets its turn: some milliseconds. */
const rowsPerTurn = 10_000

/**
 * How far the consensus by median and by the rater model lies from the mean, over the pairs that two raters or more have
 * scored.
 * @param counted the scores that count; @param model null where there is none, and `noModel` says why.
 */
export async function compareRules(
  counted: ScoreColumns,
  raters: GatheredRatings['raters'],
  model: RaterModel | null,
  noModel: string | null,
): Promise<RuleDifference[]> {
  const sums = { median: { apart: 0, moved: 0 }, 'rater-model': { apart: 0, moved: 0 } }
  let pairs = 0
  const compare = (given: readonly GivenScore[]): void => {
    if (given.length < 2) return
    pairs += 1
    const mean = consensusOf('mean', given, null) ?? 0
    for (const rule of ['median', 'rater-model'] as const) {
      const apart = Math.abs((consensusOf(rule, given, model) ?? mean) - mean)
      sums[rule].apart += apart
      sums[rule].moved += apart > much ? 1 : 0
    }
  }
  let given: GivenScore[] = []
  for (const [row, pair] of counted.pair.entries()) {
    if (row > 0 && pair !== counted.pair[row - 1]) {
      compare(given)
      given = []
    }
    if (row % rowsPerTurn === rowsPerTurn - 1) await yieldToOthers()
    given.push({ raterId: raters[counted.rater[row] ?? -1]?.id ?? '', score: counted.score[row] ?? 0 })
  }
  compare(given)
  const differenceOf = (rule: 'median' | 'rater-model', missing: string | null): RuleDifference => ({
    rule,
    meanDifference: missing === null ? sums[rule].apart / pairs : null,
    moved: missing === null ? sums[rule].moved : 0,
    reason: missing,
  })
  const none = pairs === 0 ? needsOverlap : null
  return [
    { rule: 'mean', meanDifference: none === null ? 0 : null, moved: 0, reason: none },
    differenceOf('median', none),
    differenceOf('rater-model', none ?? (model === null ? noModel : null)),
  ]
}
