import { pointsBehindRandom, reachedShare, summariseCells } from '../../src-shared/domain/replay.ts'
import { defaultStrategy, type StrategyName } from '../../src-shared/domain/suggestion.ts'
import type { Bought, ReplayCell, ReplaySummary } from '../../src-shared/domain/replay.ts'
import { replayRows } from '../../src-main/learning/replay/replayTable.ts'
import { quick, sample } from '../learning/quick.ts'
import { readRaters } from '../support/dataSets.ts'
import { printTable } from '../support/tables.ts'
import { skipped, target } from '../support/targets.ts'
import { replay, replayOf, rowsOfPairs, splitByPremise, toReplayPairs, usualRandomShare } from './replays.ts'

const shown = quick ? [20, 40, 60, 80, 100] : [20, 40, 60, 100, 200, 400, 600, 1000]

/** What is bought, by what chooses new pairs; the default with the share of random pairs that projects mix in. */
const ways: readonly { name: string; strategy: StrategyName; buys: Bought }[] = [
  { name: 'random, one each', strategy: 'random', buys: { kind: 'each', ratings: 1 } },
  { name: 'random, five each', strategy: 'random', buys: { kind: 'each', ratings: 5 } },
  { name: 'random, new or again', strategy: 'random', buys: { kind: 'new-or-again' } },
  { name: 'default, one each', strategy: defaultStrategy, buys: { kind: 'each', ratings: 1 } },
  { name: 'default, three each', strategy: defaultStrategy, buys: { kind: 'each', ratings: 3 } },
  { name: 'default, five each', strategy: defaultStrategy, buys: { kind: 'each', ratings: 5 } },
  { name: 'default, new or again', strategy: defaultStrategy, buys: { kind: 'new-or-again' } },
]

/** STS 2015, single ratings bought one at a time; a fifth of the premises is the holdout, judged by the mean of five. */
export async function sts2015(): Promise<void> {
  const raters = readRaters()
  if (raters === null) {
    skipped('sts2015-points-behind-random', '../shared/data/sts2015-raters is not there')
    return
  }
  const kept = sample(raters)
  const all = await toReplayPairs(kept)
  const [split] = splitByPremise(all.group)
  if (split === undefined) throw new RangeError('There are no premises')
  const ratings = {
    starts: new Int32Array(split.outside.length + 1),
    scores: Float32Array.from([...split.outside].flatMap((row) => kept[row]?.scores ?? [])),
  }
  for (const [place, row] of split.outside.entries())
    ratings.starts[place + 1] = (ratings.starts[place] ?? 0) + (kept[row]?.scores.length ?? 0)
  const data = replayOf(rowsOfPairs(all, split.outside), rowsOfPairs(all, split.inside), ratings)
  const found = new Map<string, readonly ReplayCell[]>()
  let level: number | null = null
  let reference = ''
  for (const { name, strategy, buys } of ways) {
    const replayed = await replay(`sts2015-${name.replaceAll(/\W+/g, '-')}`, data, [strategy], {
      buys,
      randomShare: strategy === 'random' ? 0 : usualRandomShare,
    })
    const { pearson, lambda, pairs } = replayed.reference
    level = pearson === null ? null : reachedShare * pearson
    reference = `${pairs} pairs to choose from, r ${pearson?.toFixed(4) ?? '-'} with all means of five (λ = ${lambda})`
    found.set(name, replayed.cells)
  }
  const against = (name: string, other: string): ReplaySummary =>
    summariseCells(found.get(name) ?? [], found.get(other) ?? [], () => level)
  const one = 'random, one each'
  const [head = [], ...rows] = replayRows(
    ways.map(({ name }) =>
      name === one ? summariseCells(found.get(one) ?? [], null, () => level) : against(name, one),
    ),
    shown,
  )
  printTable(`STS 2015, labels are single ratings: ${reference}; behind ${one}`, [
    head,
    ...rows.map((row, place) => [ways[place]?.name ?? '', ...row.slice(1)]),
  ])
  const policy = 'default, new or again'
  const overRandom = against(policy, one)
  target('sts2015-policy-points-behind-random', pointsBehindRandom(overRandom), '<=', 0, 0)
  target('sts2015-policy-share-of-random', overRandom.shareOfRandom?.value ?? NaN, '<=', 0.75, 2)
  for (const other of ['default, one each', 'default, three each', 'default, five each']) {
    const compared = against(policy, other)
    const name = other.replace('default, ', '').replaceAll(' ', '-')
    target(`sts2015-policy-points-behind-${name}`, pointsBehindRandom(compared), '<=', 0, 0)
  }
}
