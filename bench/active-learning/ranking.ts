import { strategyName } from '../../src-shared/domain/suggestion.ts'
import { createRandom } from '../../src-main/learning/random.ts'
import { rankBatches } from '../../src-main/learning/strategies/batches.ts'
import { strategies } from '../../src-main/learning/strategies/registry.ts'
import type { Pool } from '../../src-main/learning/strategies/strategy.ts'
import { quick } from '../learning/quick.ts'
import { printTable } from '../support/tables.ts'
import { target } from '../support/targets.ts'

const pairs = quick ? 10_000 : 100_000
const width = 384
const wantedSeconds = 2
/** What a project keeps ready. */
const suggestions = 500
const wantedSecondsForAll = 10

/** How long a batch of 20 takes from a pool of 100,000, with few and with many labels. */
export function ranking(): void {
  const random = createRandom(1, 'ranking')
  const draw = (length: number): Float32Array => Float32Array.from({ length }, () => random.uniform())
  const vectors = draw(pairs * width)
  const poolWith = (labelled: number): Pool => {
    const rows = Uint32Array.from({ length: pairs }, (_, row) => row)
    const candidates = rows.slice(labelled)
    const own = (): Float32Array => draw(candidates.length)
    return {
      width,
      vectors,
      candidates,
      labelled: rows.slice(0, labelled),
      target: draw(labelled),
      predictions: {
        score: own(),
        variance: own(),
        memberLow: own(),
        memberHigh: own(),
        members: 5,
        spread: own(),
      },
      threshold: 0.5,
      seed: 1,
      count: 20,
    }
  }
  const pools = [30, 1000].map((labelled) => ({ labelled, pool: poolWith(labelled) }))
  let slowest = 0
  const rows = strategyName.options.map((name) => [
    name,
    ...pools.flatMap(({ pool }) => {
      const started = performance.now()
      const { considered } = strategies[name](pool)
      const seconds = (performance.now() - started) / 1000
      slowest = Math.max(slowest, seconds)
      return [seconds.toFixed(2), String(considered)]
    }),
  ])
  printTable(`A batch of 20 from ${pairs} × ${width}`, [
    ['strategy', ...pools.flatMap(({ labelled }) => [`s, ${labelled} rated`, 'candidates compared'])],
    ...rows,
  ])
  target('ranking-seconds-slowest', slowest, '<=', wantedSeconds, 2)

  const request = { strategy: 'hybrid', batchSize: 20, randomShare: 0.2, most: suggestions } as const
  let slowestList = 0
  const lists = pools.map(({ labelled, pool }) => {
    const started = performance.now()
    const { considered } = rankBatches(pool, request)
    const seconds = (performance.now() - started) / 1000
    slowestList = Math.max(slowestList, seconds)
    return [String(labelled), seconds.toFixed(2), String(considered)]
  })
  printTable(`${suggestions} suggestions in batches of 20 by the hybrid, from ${pairs} × ${width}`, [
    ['rated', 's', 'candidates compared'],
    ...lists,
  ])
  target('ranking-seconds-batches', slowestList, '<=', wantedSecondsForAll, 2)
}
