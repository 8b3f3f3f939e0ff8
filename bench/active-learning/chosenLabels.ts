import type { LabelArm } from '../../src-shared/domain/evidence.ts'
import type { StrategyName } from '../../src-shared/domain/suggestion.ts'
import { createRandom } from '../../src-main/learning/random.ts'
import { createQuickModel } from '../../src-main/learning/replay/quickModel.ts'
import type { OpenReplay } from '../../src-main/learning/replay/replayCell.ts'
import { createNearestRated } from '../../src-main/learning/strategies/nearestRated.ts'
import { drawAtRandom } from '../../src-main/learning/strategies/random.ts'
import { strategies } from '../../src-main/learning/strategies/registry.ts'

const batch = 20
const work = 2.5e8

/** Labels as a project with suggestions would have given them: rows of the pool, in their order, with the arm of each. */
export async function chooseLabels(
  { data, kernel, vectors }: OpenReplay,
  {
    strategy,
    seed,
    start,
    to,
    randomShare,
  }: {
    strategy: StrategyName
    seed: number
    start: number
    to: number
    randomShare: number
  },
): Promise<{ rows: Uint32Array; arms: LabelArm[] }> {
  const pool = data.pool.target.length
  const order = createRandom(seed, 'chosen labels').shuffle(Uint32Array.from(data.pool.target.keys()))
  const pairs = pool + data.holdout.target.length
  const model = createQuickModel(kernel, { pairs, capacity: to, group: data.pool.group, seed })
  const nearest = createNearestRated(vectors, data.pool.dimension)
  const arms: LabelArm[] = []
  const label = async (rows: readonly number[], arm: LabelArm): Promise<void> => {
    arms.push(...rows.map(() => arm))
    await model.add(
      rows,
      rows.map((row) => ({ target: data.pool.target[row] ?? 0, weight: 1, ratings: 1, deviation: null })),
    )
  }
  await label([...order.subarray(0, start)], 'random')
  while (model.labelled.length < to) {
    const isLabelled = new Set(model.labelled)
    const candidates = order.filter((row) => !isLabelled.has(row)).sort()
    const drawn = Math.round(randomShare * batch)
    const ranked = {
      width: data.pool.dimension,
      vectors,
      candidates,
      labelled: model.labelled,
      target: Float32Array.from(model.labels, ({ target }) => target),
      predictions: model.fit().predict(candidates, strategy),
      threshold: data.threshold,
      seed: seed + 1000 * model.labelled.length,
      count: batch - drawn,
      nearest,
      work,
    }
    const chosen = strategies[strategy](ranked).choices.map(({ candidate }) => candidate)
    const others = drawAtRandom({ ...ranked, count: batch }).choices.map(({ candidate }) => candidate)
    const rest = others.filter((candidate) => !chosen.includes(candidate)).slice(0, drawn)
    const rowsOf = (places: readonly number[]): number[] => places.map((place) => candidates[place] ?? 0)
    await label(rowsOf(chosen), 'chosen')
    await label(rowsOf(rest), 'random-suggestion')
  }
  return { rows: model.labelled, arms }
}
