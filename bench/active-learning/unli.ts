import {
  reachedShare,
  summariseCells,
  type ReplayCell,
  type ReplaySummary,
} from '../../src-shared/domain/replay.ts'
import { strategyName, type StrategyName } from '../../src-shared/domain/suggestion.ts'
import { quick, sample } from '../learning/quick.ts'
import { readUnli } from '../support/dataSets.ts'
import { skipped } from '../support/targets.ts'
import { defaultTargets, printCurves } from './curves.ts'
import {
  choosing,
  replay,
  replayOf,
  rowsOfPairs,
  seeds,
  splitByPremise,
  toReplayPairs,
  usualRandomShare,
} from './replays.ts'

/** Labels with which a few strategies go on, as 95% of what all labels give is not reached before. */
const farther = { to: quick ? 200 : 2000, batch: 60 }
const fartherStrategies: readonly StrategyName[] = ['random', 'hybrid', 'igs']
const usual = `${100 * usualRandomShare}%`

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
    options: { to?: number; batch?: number; randomShare?: number } = {},
  ): Promise<Folds> => {
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
    return { references, cells, levelOf: (seed) => levels[seed % folds.length] ?? null }
  }
  const alone = await replayFolds('unli', strategyName.options)
  const mixed = await replayFolds('unli-mixed', choosing, { randomShare: usualRandomShare })
  printCurves(
    `UNLI dev, five folds by premise, each strategy alone, r with all labels ${alone.references.join(', ')}`,
    summarise(alone.cells, alone),
  )
  const asUsed = summarise([...randomOf(alone), ...mixed.cells], alone)
  printCurves(`UNLI dev, ${usual} of each batch at random, as projects do`, asUsed)
  const far = await replayFolds('unli-far', fartherStrategies, farther)
  const farMixed = await replayFolds('unli-far-mixed', fartherStrategies.slice(1), {
    ...farther,
    randomShare: usualRandomShare,
  })
  const title = `UNLI dev, to ${farther.to} labels by ${farther.batch}`
  printCurves(`${title}, each strategy alone`, summarise(far.cells, far))
  const farAsUsed = summarise([...randomOf(far), ...farMixed.cells], far)
  printCurves(`${title}, ${usual} of each batch at random`, farAsUsed)
  defaultTargets('unli', asUsed)
  defaultTargets('unli-far', farAsUsed)
}

/** The cells of all folds, and the r that a cell of a seed is timed to. */
interface Folds {
  readonly references: readonly string[]
  readonly cells: readonly ReplayCell[]
  readonly levelOf: (seed: number) => number | null
}

function randomOf({ cells }: Folds): ReplayCell[] {
  return cells.filter(({ strategy }) => strategy === 'random')
}

/** Each strategy against random, of all folds together. */
function summarise(cells: readonly ReplayCell[], { levelOf }: Pick<Folds, 'levelOf'>): ReplaySummary[] {
  const random = cells.filter(({ strategy }) => strategy === 'random')
  return [...new Set(cells.map(({ strategy }) => strategy))].map((strategy) =>
    summariseCells(
      cells.filter((cell) => cell.strategy === strategy),
      strategy === 'random' ? null : random,
      levelOf,
    ),
  )
}
