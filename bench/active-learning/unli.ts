import { reachedShare, summariseCells, type ReplayCell } from '../../src-shared/domain/replay.ts'
import { strategyName, type StrategyName } from '../../src-shared/domain/suggestion.ts'
import { quick, sample } from '../learning/quick.ts'
import { readUnli } from '../support/dataSets.ts'
import { skipped } from '../support/targets.ts'
import { defaultTargets, printCurves } from './curves.ts'
import { replay, replayOf, rowsOfPairs, seeds, splitByPremise, toReplayPairs } from './replays.ts'

/** Labels with which a few strategies go on, as 95% of what all labels give is not reached before. */
const farther = { to: quick ? 200 : 2000, batch: 60 }
const fartherStrategies: readonly StrategyName[] = ['hybrid', 'random', 'igs']

/** Uncertain NLI, five folds by premise: seed s is judged on fold s mod 5. */
export async function unli(): Promise<void> {
  const pairs = readUnli()
  if (pairs === null) {
    skipped('unli-default-points-behind-random', '../shared/data/unli is not there')
    return
  }
  const all = await toReplayPairs(sample(pairs))
  const folds = splitByPremise(all.group)
  const replayFolds = async (
    name: string,
    strategies: readonly StrategyName[],
    options: { to?: number; batch?: number } = {},
  ) => {
    const cells: ReplayCell[] = []
    const levels: (number | null)[] = []
    const references: string[] = []
    for (const [fold, { outside, inside }] of folds.entries()) {
      const own = seeds.filter((seed) => seed % folds.length === fold)
      if (own.length === 0) continue
      const data = replayOf(rowsOfPairs(all, outside), rowsOfPairs(all, inside))
      const found = await replay(`${name}-${fold}`, data, strategies, { seeds: own, ...options })
      const { pearson } = found.reference
      levels[fold] = pearson === null ? null : reachedShare * pearson
      references.push(pearson?.toFixed(3) ?? '-')
      cells.push(...found.cells)
    }
    const of = (strategy: StrategyName): ReplayCell[] => cells.filter((cell) => cell.strategy === strategy)
    const levelOf = (seed: number): number | null => levels[seed % folds.length] ?? null
    return {
      references,
      summaries: strategies.map((strategy) =>
        summariseCells(of(strategy), strategy === 'random' ? null : of('random'), levelOf),
      ),
    }
  }
  const { references, summaries } = await replayFolds('unli', strategyName.options)
  printCurves(`UNLI dev, five folds by premise, r with all labels ${references.join(', ')}`, summaries)
  const far = await replayFolds('unli-far', fartherStrategies, farther)
  printCurves(`UNLI dev, to ${farther.to} labels by ${farther.batch}`, far.summaries)
  defaultTargets('unli', summaries)
  defaultTargets('unli-far', far.summaries)
}
