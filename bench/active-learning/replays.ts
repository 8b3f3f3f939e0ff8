import { mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Bought, ReplayCell, ReplayReference } from '../../src-shared/domain/replay.ts'
import { defaultProjectSettings } from '../../src-shared/domain/project.ts'
import { strategyName, type StrategyName } from '../../src-shared/domain/suggestion.ts'
import { createForkWorker } from '../../src-main/jobs/forkWorker.ts'
import type { ReplayData, ReplayPairs } from '../../src-main/learning/replay/replayContract.ts'
import { runReplay } from '../../src-main/learning/replay/runReplay.ts'
import { makeFolds } from '../../src-main/learning/training/folds.ts'
import { builtEntries } from '../../src-main/programRoot.ts'
import { keepReplay, readReplay, replayKey } from '../../src-main/services/replay/replayFile.ts'
import { groupsOf, type DataPair } from '../support/dataSets.ts'
import { quick } from '../learning/quick.ts'
import { label, threads } from '../learning/vectors.ts'

/** Whether what an earlier run has kept is taken; it may be that of an older program. */
const resume = process.argv.includes('resume')
/** Where replays are kept. */
const folder = join(tmpdir(), 'gradus-bench-active-learning')

export const seeds = Array.from({ length: quick ? 2 : 10 }, (_, seed) => seed)
export const labels = { start: 20, batch: 20, to: quick ? 100 : 1000 }

/** What projects mix into every batch unless they say otherwise. */
export const usualRandomShare = defaultProjectSettings.randomShare
/** All strategies but random, which mixing does not change. */
export const choosing: readonly StrategyName[] = strategyName.options.filter((name) => name !== 'random')

/** The threshold that near-threshold looks around. */
const threshold = 0.5

/** Pairs as a replay takes them, with vectors from the benchmarks' cache. */
export async function toReplayPairs(pairs: readonly DataPair[]): Promise<ReplayPairs> {
  const { dimension, premise, hypothesis, target } = await label(pairs)
  return { dimension, premise, hypothesis, target, group: groupsOf(pairs) }
}

/** A pool and the holdout it is judged on. */
export function replayOf(
  pool: ReplayPairs,
  holdout: ReplayPairs,
  ratings: ReplayData['ratings'] = null,
): ReplayData {
  return { pool, holdout, ratings, threshold }
}

/** Pairs in five parts by premise: for each fold what is outside it, and the fold, as row numbers. */
export function splitByPremise(group: Int32Array): { outside: Uint32Array; inside: Uint32Array }[] {
  const folds = makeFolds(group, 5, 42)
  const rows = Uint32Array.from(group.keys())
  return Array.from({ length: folds.count }, (_, fold) => ({
    outside: rows.filter((row) => folds.of[row] !== fold),
    inside: rows.filter((row) => folds.of[row] === fold),
  }))
}

/** What a replay has found, and how long that took; `null` seconds where part of it was known. */
export interface Replayed {
  readonly reference: ReplayReference
  readonly cells: readonly ReplayCell[]
  readonly seconds: number | null
}

/**
 * Replays strategies with seeds on all processors. Cells are kept under `name` as they come, and taken up again with the
 * word `resume`.
 */
export async function replay(
  name: string,
  data: ReplayData,
  strategies: readonly StrategyName[],
  options: {
    buys?: Bought
    seeds?: readonly number[]
    to?: number
    batch?: number
    randomShare?: number
  } = {},
): Promise<Replayed> {
  const { buys = { kind: 'consensus' }, to = labels.to, batch = labels.batch, randomShare = 0 } = options
  const own = options.seeds ?? seeds
  const settings = { start: labels.start, batch, to, buys, randomShare }
  const key = replayKey(data, settings)
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${name}.json`)
  const known = resume ? readReplay(file, key) : { reference: null, cells: [] }
  if (known.cells.length > 0) console.log(`${name}: ${known.cells.length} cells were kept by an earlier run`)
  const started = performance.now()
  const { reference, cells } = await runReplay({
    data,
    strategies,
    seeds: own,
    settings,
    known,
    startWorker: createForkWorker(builtEntries),
    processes: threads,
    signal: new AbortController().signal,
    onState: (state) => keepReplay(file, key, state),
    onShare: () => undefined,
  })
  return {
    reference,
    cells: cells.filter(({ strategy, seed }) => strategies.includes(strategy) && own.includes(seed)),
    seconds: known.cells.length > 0 ? null : (performance.now() - started) / 1000,
  }
}

/** Some rows of pairs. */
export function rowsOfPairs(pairs: ReplayPairs, rows: Uint32Array): ReplayPairs {
  const { dimension } = pairs
  const vectors = (side: Float32Array): Float32Array => {
    const own = new Float32Array(rows.length * dimension)
    for (const [place, row] of rows.entries())
      own.set(side.subarray(row * dimension, (row + 1) * dimension), place * dimension)
    return own
  }
  return {
    dimension,
    premise: vectors(pairs.premise),
    hypothesis: vectors(pairs.hypothesis),
    target: Float32Array.from(rows, (row) => pairs.target[row] ?? 0),
    group: Int32Array.from(rows, (row) => pairs.group[row] ?? 0),
  }
}
