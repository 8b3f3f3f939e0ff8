import { spearman } from '../../src-main/learning/metrics/correlation.ts'
import { createRandom } from '../../src-main/learning/random.ts'
import { createQuickModel } from '../../src-main/learning/replay/quickModel.ts'
import { openReplay } from '../../src-main/learning/replay/replayCell.ts'
import type { ReplayData } from '../../src-main/learning/replay/replayContract.ts'
import { quick, sample } from '../learning/quick.ts'
import { threads } from '../learning/vectors.ts'
import { readStsb, readUnli } from '../support/dataSets.ts'
import { printTable } from '../support/tables.ts'
import { skipped } from '../support/targets.ts'
import { replayOf, rowsOfPairs, seeds, splitByPremise, toReplayPairs } from './replays.ts'

const counts = quick ? [40, 80] : [50, 100, 300, 1000]

/** Whether the variance of the quick model's members knows where it errs: on the holdout, labels drawn at random. */
export async function variance(): Promise<void> {
  const [train, dev, pairs] = [readStsb('train'), readStsb('dev'), readUnli()]
  if (train === null || dev === null || pairs === null) {
    skipped('quick-model-variance', '../shared/data/stsb or ../shared/data/unli is not there')
    return
  }
  const all = await toReplayPairs(sample(pairs))
  const [fold] = splitByPremise(all.group)
  if (fold === undefined) throw new RangeError('There are no premises')
  const sets = {
    'STS-B dev': replayOf(await toReplayPairs(sample(train)), await toReplayPairs(dev)),
    'UNLI, first fold': replayOf(rowsOfPairs(all, fold.outside), rowsOfPairs(all, fold.inside)),
  }
  const rows: string[][] = []
  for (const [name, data] of Object.entries(sets)) rows.push(...(await measure(name, data)))
  printTable('Variance of the members against squared error on the holdout, mean of seeds', [
    ['holdout', 'labels', 'Spearman ρ', 'MSE, most varying fifth / all', 'MSE, least varying fifth / all'],
    ...rows,
  ])
}

async function measure(name: string, data: ReplayData): Promise<string[][]> {
  const replay = await openReplay(data, threads)
  const pool = data.pool.target.length
  const { target } = data.holdout
  const heldOut = Uint32Array.from(target, (_, row) => pool + row)
  const figures = counts.map(() => ({ rho: [] as number[], high: [] as number[], low: [] as number[] }))
  for (const seed of seeds) {
    const order = createRandom(seed, 'variance').shuffle(Uint32Array.from({ length: pool }, (_, row) => row))
    const model = createQuickModel(replay.kernel, {
      pairs: pool + target.length,
      capacity: Math.max(...counts),
      group: data.pool.group,
      seed,
    })
    for (const [place, count] of counts.entries()) {
      const added = [...order.subarray(model.labelled.length, count)]
      await model.add(
        added,
        added.map((pair) => ({
          target: data.pool.target[pair] ?? 0,
          weight: 1,
          ratings: 1,
          deviation: null,
        })),
      )
      const { score, variance: own } = model.fit().predict(heldOut, 'ensemble-variance')
      const square = score.map((value, row) => (value - (target[row] ?? 0)) ** 2)
      const byVariance = [...own.keys()].sort((left, right) => (own[right] ?? 0) - (own[left] ?? 0))
      const fifth = Math.ceil(byVariance.length / 5)
      const mean = (places: readonly number[]): number =>
        places.reduce((sum, row) => sum + (square[row] ?? 0), 0) / places.length
      figures[place]?.rho.push(spearman(own, square) ?? 0)
      figures[place]?.high.push(mean(byVariance.slice(0, fifth)) / mean(byVariance))
      figures[place]?.low.push(mean(byVariance.slice(-fifth)) / mean(byVariance))
    }
  }
  await replay.kernel.dispose()
  const mean = (values: readonly number[] = []): string =>
    (values.reduce((sum, value) => sum + value, 0) / values.length).toFixed(3)
  return counts.map((count, place) => {
    const own = figures[place]
    return [name, String(count), mean(own?.rho), mean(own?.high), mean(own?.low)]
  })
}
