import { expect, test } from 'vitest'
import { trainingConfiguration } from '#shared/domain/run.ts'
import type { TriedConfiguration } from '#shared/domain/search.ts'
import { syntheticRows } from '../testRows.ts'
import { partition } from './partition.ts'
import { search, type SearchInput } from './search.ts'
import { trainStack, type Stack } from './trainStack.ts'

const rows = syntheticRows(160, 8, 5)
const backend = { name: 'cpu' as const, gpuFolder: '' }
const configuration = trainingConfiguration.parse({
  hiddenWidth: 16,
  learningRate: 0.005,
  dropout: 0.1,
  batchSize: 16,
  maximumEpochs: 12,
})
const listener = {
  signal: new AbortController().signal,
  onProgress: () => undefined,
  onTried: () => undefined,
}

function inputWith(changed: Partial<SearchInput> = {}): SearchInput {
  return { configuration, count: 6, method: 'sobol', rows, threads: 1, backend, ...changed }
}

function withoutSeconds(tried: readonly TriedConfiguration[]): Omit<TriedConfiguration, 'seconds'>[] {
  return tried.map(({ seconds, ...rest }) => {
    expect(seconds).toBeGreaterThan(0)
    return rest
  })
}

test('a search tries the given configuration and others, finds the best, and says how far it is ahead', async () => {
  const told: TriedConfiguration[] = []
  const shares: number[] = []
  const { report } = await search(inputWith(), {
    ...listener,
    onProgress: (share) => shares.push(share),
    onTried: (tried) => told.push(tried),
  })
  expect(report).toMatchObject({ method: 'sobol', seed: 42, rows: 160, folds: 5, remarks: [] })
  expect(report.tried.map(({ number }) => number)).toEqual([0, 1, 2, 3, 4, 5])
  expect(told.toSorted((left, right) => left.number - right.number)).toEqual(report.tried)
  expect(told[0]?.number).toBe(0)
  const { pearson, epochs } = report.tried[0]!
  // The target is the cosine's share with a little noise: heads that learn at all are far above .5.
  expect(pearson!.value).toBeGreaterThan(0.6)
  expect([pearson!.low < pearson!.value, pearson!.value < pearson!.high]).toEqual([true, true])
  expect(epochs).toBeGreaterThan(0)
  const highest = Math.max(...report.tried.map((tried) => tried.pearson?.value ?? -1))
  expect(report.tried[report.best!]?.pearson?.value).toBe(highest)
  expect(report.behind[0]!.value).toBeCloseTo(highest - pearson!.value, 12)
  expect(report.givenIsEnough).toBe(report.behind[0]!.value <= report.behind[0]!.standardError)
  expect(shares).toEqual(shares.toSorted((left, right) => left - right))
  expect([shares[0], shares.at(-1)]).toEqual([0, 1])
}, 60_000)

test('the same seed gives the same figures to the last bit; another does not', async () => {
  const small = { ...configuration, maximumEpochs: 3 }
  const once = await search(inputWith({ configuration: small, count: 3 }), listener)
  const again = await search(inputWith({ configuration: small, count: 3 }), listener)
  const other = await search(inputWith({ configuration: { ...small, seed: 7 }, count: 3 }), listener)
  expect(withoutSeconds(again.report.tried)).toEqual(withoutSeconds(once.report.tried))
  expect(other.report.tried[0]?.pearson).not.toEqual(once.report.tried[0]?.pearson)
}, 60_000)

function stackOf(changed: Partial<Stack> = {}): Stack {
  const features = 4 * rows.dimension + 1
  return {
    settings: [
      { learningRate: 0.005, hiddenWidth: 16, dropout: 0, loss: 'mse', weightDecay: 0.01 },
      { learningRate: 0.02, hiddenWidth: 16, dropout: 0, loss: 'mse', weightDecay: 0.01 },
    ],
    rows,
    inputs: {
      pairs: rows,
      standardisation: {
        mean: new Float32Array(features),
        scale: new Float32Array(features).fill(3),
      },
      frozen: null,
    },
    partition: partition(rows.group, 0.15, 42),
    configuration: { ...configuration, maximumEpochs: 4 },
    backend: { ...backend, threads: 1 },
    signal: listener.signal,
    onProgress: () => undefined,
    ...changed,
  }
}

test('no label of a fold reaches the scores of that fold', async () => {
  const stack = stackOf()
  const fold = 2
  const own = stack.partition.judged[fold]!
  const target = rows.target.slice()
  for (const row of own) target[row] = 1 - (target[row] ?? 0)
  const [plain] = await trainStack(stack)
  const [turned] = await trainStack(stackOf({ rows: { ...rows, target } }))
  if (plain?.kind !== 'trained' || turned?.kind !== 'trained') throw new Error('Diverged')
  expect(own.length).toBeGreaterThan(20)
  for (const row of own)
    expect(turned.scores.map((own) => own[row])).toEqual(plain.scores.map((own) => own[row]))
  expect(turned.epochs[fold]).toBe(plain.epochs[fold])
  // The other heads learn from it.
  const others = stack.partition.judged[0]!
  expect([...others].some((row) => turned.scores[0]![row] !== plain.scores[0]![row])).toBe(true)
}, 60_000)

test('without dropout a configuration comes out the same, whatever is stacked beside it', async () => {
  const { settings } = stackOf()
  const [, beside] = await trainStack(stackOf())
  const [alone] = await trainStack(stackOf({ settings: settings.slice(1) }))
  if (beside?.kind !== 'trained' || alone?.kind !== 'trained') throw new Error('Diverged')
  expect(beside.epochs).toEqual(alone.epochs)
  for (const [copy, scores] of alone.scores.entries())
    for (const [row, score] of scores.entries()) expect(beside.scores[copy]![row]).toBeCloseTo(score, 4)
  // The two heads of a fold begin with weights of their own.
  expect(alone.scores[0]).not.toEqual(alone.scores[1])
}, 60_000)

test('a configuration that diverges says so and leaves its neighbour alone', async () => {
  const { settings } = stackOf()
  const [first, second] = settings
  const results = await trainStack(stackOf({ settings: [{ ...first!, learningRate: 1e30 }, second!] }))
  expect(results[0]).toEqual({ kind: 'diverged', epoch: 1 })
  const [alone] = await trainStack(stackOf({ settings: [second!] }))
  if (results[1]?.kind !== 'trained' || alone?.kind !== 'trained') throw new Error('Diverged')
  expect(results[1].epochs).toEqual(alone.epochs)
}, 60_000)

test('a search in which everything diverges ends with a report that says so', async () => {
  const broken = { ...rows, premise: rows.premise.map(() => NaN) }
  const { report } = await search(inputWith({ rows: broken, count: 2 }), listener)
  expect(report).toMatchObject({ best: null, behind: [null, null], givenIsEnough: null })
  for (const tried of report.tried)
    expect(tried).toMatchObject({
      pearson: null,
      standardError: null,
      mae: null,
      rmse: null,
      epochs: null,
      reason: 'Diverged in epoch 1: a loss was no longer a number.',
    })
})

test('heads of a loss that predicts two columns are judged by their score', async () => {
  const { settings } = stackOf()
  const results = await trainStack(
    stackOf({
      settings: settings.map((one) => ({ ...one, loss: 'gaussian' as const })),
      configuration: { ...configuration, maximumEpochs: 10 },
    }),
  )
  for (const result of results) {
    if (result.kind !== 'trained') throw new Error('Diverged')
    const error = result.scores[0]!.reduce(
      (sum, score, row) => sum + Math.abs(score - (rows.target[row] ?? 0)),
      0,
    )
    expect(error / rows.target.length).toBeLessThan(0.25)
  }
}, 60_000)

test('a cancel ends the search between parts', async () => {
  const controller = new AbortController()
  const ended = search(inputWith({ configuration: { ...configuration, maximumEpochs: 500 } }), {
    ...listener,
    signal: controller.signal,
    onProgress: (share) => {
      if (share > 0) controller.abort()
    },
  })
  await expect(ended).rejects.toMatchObject({ code: 'cancelled' })
}, 60_000)

test('too few labelled pairs are refused with what is needed; one premise is remarked on', async () => {
  const few = syntheticRows(20, 8, 5)
  await expect(search(inputWith({ rows: few }), listener)).rejects.toMatchObject({
    code: 'not-enough-labels',
    details: { rows: 20, needed: 30 },
  })
  const onePremise = { ...rows, group: new Int32Array(160) }
  const { report } = await search(
    inputWith({ rows: onePremise, count: 2, configuration: { ...configuration, maximumEpochs: 1 } }),
    listener,
  )
  expect(report.remarks).toHaveLength(1)
}, 60_000)
