import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest'
import type { AgreementReport } from '#shared/contract/agreement.ts'
import { createRandom } from '../../learning/random.ts'
import { findNotFinite } from '../../learning/testReport.ts'
import type { ProjectStore } from '../../store/projectStore.ts'
import type { NewRating } from '../../store/repositories/ratings.ts'
import { addTestPairs } from '../../store/testStore.ts'
import { openEmptyProject, type EmptyProject } from '../testing/emptyTestProject.ts'
import { createTestFolders } from '../testing/trainingProject.ts'
import { createAgreementHandlers, type AgreementHandlers } from './agreement.ts'

const folders = createTestFolders()
afterAll(() => folders.remove())
let project: EmptyProject
let handlers: AgreementHandlers
beforeEach(() => {
  project = openEmptyProject(folders)
  handlers = createAgreementHandlers(project.context)
})
afterEach(() => project.close())

const call = { signal: new AbortController().signal }

interface Given {
  readonly pairId: string
  readonly raterId: string
  readonly value: number | null
  readonly retests?: string
  readonly seconds?: number
}

function toRating({ pairId, raterId, value, retests, seconds }: Given): NewRating {
  return {
    pairId,
    raterId,
    answer:
      value === null
        ? { kind: 'cannot-judge', reason: 'needs-context' }
        : { kind: 'score', value, rawPosition: value },
    note: null,
    scaleKind: 'linear',
    timing:
      seconds === undefined
        ? null
        : { timeToFirstTouch: null, timeToCommit: Math.round(1000 * seconds), changeCount: 1 },
    orderShown: null,
    shownBecause: retests === undefined ? 'order' : 'retest',
    suggestionId: null,
    guidelineVersion: 1,
    source: 'annotate',
    passNumber: retests === undefined ? 1 : 2,
    supersedes: null,
    ...(retests === undefined ? {} : { retests }),
  }
}

/** Writes ratings in one transaction. @returns their ids. */
function rate(store: ProjectStore, given: readonly Given[]): string[] {
  return store.database.transaction(() => given.map((one) => store.ratings.insert(toRating(one))))()
}

const addRaters = (store: ProjectStore, names: readonly string[]): string[] =>
  names.map((name) => store.raters.create(name).id)

const clip = (value: number): number => Math.min(1, Math.max(0, value))

/** Every rater scores every pair, with a bias and a noise of their own: rater r is .05 · r too high. */
function rateAll(store: ProjectStore, pairIds: readonly string[], raterIds: readonly string[]): void {
  const random = createRandom(3, 'ratings of a test')
  rate(
    store,
    pairIds.flatMap((pairId, pair) => {
      const truth = 0.1 + (0.6 * pair) / pairIds.length
      return raterIds.map((raterId, rater) => ({
        pairId,
        raterId,
        value: clip(truth + 0.05 * rater + 0.08 * (random.uniform() - 0.5) * (rater + 1)),
      }))
    }),
  )
}

const report = (): Promise<AgreementReport> | AgreementReport => handlers['agreement.report']({}, call)

/** Has the intervals computed and gives the report that holds them. */
async function complete(): Promise<AgreementReport> {
  const { jobId } = await handlers['agreement.intervals']({}, call)
  const job = await project.context.jobs.ended(jobId)
  expect([job.outcome, project.logged]).toEqual([{ status: 'finished' }, []])
  return report()
}

/** Every figure is a number, or absent with a reason; nowhere is there NaN. */
function expectSound(made: AgreementReport): void {
  expect(findNotFinite(made)).toEqual([])
  const walk = (value: unknown, path: string): string[] => {
    if (typeof value !== 'object' || value === null) return []
    if ('value' in value && 'reason' in value && 'low' in value) {
      const { value: figure, low, high, reason } = value as Record<string, unknown>
      const bad =
        figure === null ? typeof reason !== 'string' || reason === '' || low !== null || high !== null : false
      return bad ? [path] : []
    }
    return Object.entries(value).flatMap(([key, own]) => walk(own, `${path}.${key}`))
  }
  expect(walk(made, '')).toEqual([])
}

test('none: nothing is measured, and nothing fails', async () => {
  const made = await report()
  expectSound(made)
  expect(made).toMatchObject({ ratings: 0, pairs: 0, raters: 0, overlapping: 0, table: [], together: null })
  expect(made.alpha).toMatchObject({ value: null, reason: expect.stringMatching(/two raters/i) as string })
  await expect(handlers['agreement.intervals']({}, call)).rejects.toMatchObject({ code: 'nothing-to-do' })
})

test('one rater only: what needs another one is absent with its reason, the rest is there', async () => {
  const { store } = project
  const [first, second] = addTestPairs(store, 2) as [string, string]
  const [ada] = addRaters(store, ['Ada', 'Idle']) as [string, string]
  rate(store, [
    { pairId: first, raterId: ada, value: 0.2, seconds: 4 },
    { pairId: second, raterId: ada, value: null, seconds: 9 },
  ])
  const made = await report()
  expectSound(made)
  expect(made).toMatchObject({ ratings: 1, pairs: 1, raters: 1, overlapping: 0, ratersPerPair: null })
  expect(made.table).toHaveLength(1)
  expect(made.table[0]).toMatchObject({
    name: 'Ada',
    ratings: 1,
    cannotJudge: 1,
    cannotJudgeShare: { value: 0.5 },
    pearson: { value: null },
    mae: { value: null },
    pace: { value: 4 },
  })
  expect(made.differences.map(({ meanDifference }) => meanDifference)).toEqual([null, null, null])
  expect(await handlers['consensus.fit']({}, call)).toMatchObject({ fitted: false })
  expect(await handlers['agreement.rater']({ raterId: ada }, call)).toMatchObject({
    drift: [{ from: 1, to: 1, score: 0.2, difference: null, pace: 4 }],
    repeats: [],
    gold: [],
  })
})

test('no overlap, and two raters who never met', async () => {
  const { store } = project
  const pairs = addTestPairs(store, 6)
  const [ada, ben, cleo] = addRaters(store, ['Ada', 'Ben', 'Cleo']) as [string, string, string]
  rate(
    store,
    pairs.slice(0, 4).map((pairId, pair) => ({ pairId, raterId: pair < 2 ? ada : ben, value: 0.1 * pair })),
  )
  const apart = await report()
  expectSound(apart)
  expect(apart).toMatchObject({ overlapping: 0, raters: 2, together: null, alpha: { value: null } })
  // Cleo meets both, who still have not met each other.
  rate(
    store,
    pairs.slice(0, 4).map((pairId, pair) => ({ pairId, raterId: cleo, value: 0.1 * pair + 0.05 })),
  )
  const made = await complete()
  expectSound(made)
  expect(made).toMatchObject({ overlapping: 4, raters: 3, withIntervals: true })
  expect(made.alpha.value).toBeGreaterThan(0.5)
  const compared = await handlers['agreement.compare']({ firstId: ada, secondId: ben }, call)
  expect(compared).toMatchObject({
    shared: 0,
    pearson: { value: null, reason: 'these two have not scored the same pair' },
    mae: { value: null },
    furthest: [],
  })
})

test('constant raters: agreement about nothing is no agreement, and no division by zero', async () => {
  const { store } = project
  const pairs = addTestPairs(store, 8)
  const raters = addRaters(store, ['Ada', 'Ben'])
  rate(
    store,
    pairs.flatMap((pairId) => raters.map((raterId) => ({ pairId, raterId, value: 0.5 }))),
  )
  const made = await complete()
  expectSound(made)
  expect(made).toMatchObject({ overlapping: 8, alpha: { value: null }, iccSingle: { value: null } })
  expect(made.table.map(({ pearson, mae }) => [pearson.value, mae.value])).toEqual([
    [null, 0],
    [null, 0],
  ])
})

test('one constant rater among others, and a rater with one rating', async () => {
  const { store } = project
  const pairs = addTestPairs(store, 20)
  const raters = addRaters(store, ['Ada', 'Ben', 'Same', 'Once'])
  rateAll(store, pairs, raters.slice(0, 2))
  rate(store, [
    ...pairs.map((pairId) => ({ pairId, raterId: raters[2]!, value: 0.4 })),
    { pairId: pairs[0]!, raterId: raters[3]!, value: 0.9 },
  ])
  const made = await complete()
  expectSound(made)
  const byName = new Map(made.table.map((rater) => [rater.name, rater]))
  expect(byName.get('Same')).toMatchObject({
    pearson: { value: null },
    mae: { value: expect.any(Number) as number },
  })
  expect(byName.get('Once')).toMatchObject({ ratings: 1, pearson: { value: null } })
  expect(byName.get('Ada')?.pearson.value).toBeGreaterThan(0.5)
})

test('a thousand raters are measured in time, off the main thread', { timeout: 60_000 }, async () => {
  const { store } = project
  const pairs = addTestPairs(store, 5000)
  const raters = addRaters(
    store,
    Array.from({ length: 1000 }, (_, index) => `Rater ${index}`),
  )
  const random = createRandom(5, 'a thousand raters')
  rate(
    store,
    pairs.flatMap((pairId, pair) =>
      Array.from({ length: 5 }, (_, turn) => ({
        pairId,
        raterId: raters[(pair * 7 + turn * 131) % 1000]!,
        value: clip((pair % 97) / 97 + 0.4 * (random.uniform() - 0.5)),
      })),
    ),
  )
  const made = await report()
  expectSound(made)
  expect(made).toMatchObject({ ratings: 25_000, raters: 1000, overlapping: 5000 })
  expect(made.table).toHaveLength(1000)
  expect(made.alpha.value).toBeGreaterThan(0.7)
  console.log(`1000 raters, 25,000 ratings: ${made.seconds.toFixed(2)} s`)
})

test('repeats, gold, pace and can’t judge are told for each rater', async () => {
  const { store } = project
  const pairs = addTestPairs(store, 12)
  const raters = addRaters(store, ['Ada', 'Ben'])
  const [ada, ben] = raters as [string, string]
  const ids = rate(
    store,
    pairs.flatMap((pairId, pair) => [
      { pairId, raterId: ada, value: pair / 12, seconds: 2 + pair },
      { pairId, raterId: ben, value: clip(pair / 12 + 0.1) },
    ]),
  )
  rate(store, [
    { pairId: pairs[0]!, raterId: ada, value: 0.3, retests: ids[0]! },
    { pairId: pairs[1]!, raterId: ada, value: 1 / 12 + 0.1, retests: ids[2]! },
  ])
  store.gold.write({ pairId: pairs[6]!, score: 0.5, tolerance: 0.05, explanation: '' })
  const made = await report()
  const [first, second] = made.table
  expect(first).toMatchObject({
    name: 'Ada',
    retests: 2,
    retest: { value: expect.closeTo(0.2, 9) as number },
    golds: 1,
    gold: { value: 1 },
    pace: { value: 7.5 },
  })
  expect(second).toMatchObject({ name: 'Ben', retests: 0, retest: { value: null }, gold: { value: 0 } })
  const detail = await handlers['agreement.rater']({ raterId: ada }, call)
  expect(detail.bins.reduce((sum, bin) => sum + bin, 0)).toBe(12)
  expect(detail.drift.map(({ from, to, pace }) => [from, to, pace])).toEqual([
    [1, 6, 4.5],
    [7, 12, 10.5],
  ])
  expect(detail.drift[0]?.difference).toBeCloseTo(-0.1, 9)
  expect(detail.repeats).toMatchObject([
    { pairId: pairs[0], score: 0.3, other: 0, premise: 'Premise of pair 1' },
    { pairId: pairs[1] },
  ])
  expect(detail.retest.pearson).toMatchObject({ value: null, reason: 'Needs three blind repeats.' })
  const apart = detail.repeats.reduce((sum, { score, other }) => sum + score - other, 0)
  expect(detail.retest.difference.value).toBeCloseTo(apart / 2, 12)
  expect(detail.gold).toMatchObject([{ pairId: pairs[6], score: 0.5, other: 0.5, within: true }])
  const compared = await handlers['agreement.compare']({ firstId: ada, secondId: ben }, call)
  expect(compared).toMatchObject({
    shared: 12,
    difference: { value: expect.closeTo((1.1 + 1 / 12) / 12, 9) as number },
  })
  expect(made.together).toEqual({ firstId: ada, secondId: ben })
})

test('a rater set aside counts for nothing, stays in the table, and comes back, with the reasons kept', async () => {
  const { store } = project
  const pairs = addTestPairs(store, 10)
  const raters = addRaters(store, ['Ada', 'Ben', 'Cleo'])
  rateAll(store, pairs, raters)
  const before = await report()
  const cleo = raters[2]!
  await handlers['rater.setAside']({ raterId: cleo, reason: 'Hurried.' }, call)
  const without = await report()
  expectSound(without)
  expect(without).toMatchObject({ ratings: 20, raters: 2, setAside: 1 })
  expect(without.table.find(({ raterId }) => raterId === cleo)).toMatchObject({
    ratings: 10,
    setAside: { reason: 'Hurried.' },
  })
  await expect(handlers['rater.setAside']({ raterId: cleo, reason: 'Again.' }, call)).rejects.toMatchObject({
    code: 'nothing-to-do',
  })
  await handlers['rater.takeBack']({ raterId: cleo, reason: 'Looked at again.' }, call)
  expect(await report()).toEqual({ ...before, seconds: expect.any(Number) as number })
})

test('nothing is measured twice while no rating changes, and a new one is seen', async () => {
  const { store } = project
  const pairs = addTestPairs(store, 10)
  const raters = addRaters(store, ['Ada', 'Ben'])
  rateAll(store, pairs, raters)
  const [first, second] = await Promise.all([report(), report()])
  expect(second).toBe(first)
  const withIntervals = await complete()
  expect(withIntervals.alpha.low).toBeLessThan(withIntervals.alpha.value ?? 0)
  expect(withIntervals.alpha.value).toBe(first.alpha.value)
  // A change that is none of the ratings keeps the intervals.
  store.project.writeTitle('Another title')
  expect(await report()).toBe(withIntervals)
  store.ratings.insert({
    ...toRating({ pairId: pairs[0]!, raterId: raters[0]!, value: 1 }),
    supersedes: store.ratings.current(pairs[0]!, raters[0]!)!.id,
  })
  const changed = await report()
  expect(changed.withIntervals).toBe(false)
  expect(changed.alpha.value).not.toBe(first.alpha.value)
})

test('the rater model is kept, and fitted anew only after ratings have changed', async () => {
  const { store } = project
  const pairs = addTestPairs(store, 40)
  const raters = addRaters(store, ['Ada', 'Ben', 'Cleo'])
  rateAll(store, pairs, raters)
  expect(await handlers['consensus.fit']({}, call)).toEqual({ fitted: true, reason: null })
  const model = store.consensus.model()
  expect(Object.keys(model?.raters ?? {}).toSorted()).toEqual(raters.toSorted())
  // Rater r scores .05 · r higher.
  const biases = raters.map((raterId) => model?.raters[raterId]?.bias ?? 0)
  expect(biases[2]).toBeGreaterThan(biases[0] ?? 0)
  await handlers['consensus.fit']({}, call)
  expect(store.consensus.model()).toBe(model)
  rate(store, [{ pairId: pairs[0]!, raterId: raters[0]!, value: 0.9 }])
  await handlers['consensus.fit']({}, call)
  expect(store.consensus.model()).not.toBe(model)
})

test('every table is written as CSV', async () => {
  const { store } = project
  const pairs = addTestPairs(store, 10)
  rateAll(store, pairs, addRaters(store, ['Ada', 'Ben']))
  const folder = join(folders.projects, 'tables')
  mkdirSync(folder, { recursive: true })
  const { jobId } = await handlers['agreement.export'](
    { folderToken: project.context.files.allow(folder) },
    call,
  )
  const job = await project.context.jobs.ended(jobId)
  expect(job.outcome).toEqual({ status: 'finished' })
  const files = job.detail.kind === 'export' ? job.detail.files.map(({ name }) => name) : []
  expect(files).toEqual([
    'agreement.csv',
    'raters.csv',
    'rater_pairs.csv',
    'rater_histograms.csv',
    'rater_drift.csv',
    'blind_repeats.csv',
    'gold_scores.csv',
    'pair_sd_histogram.csv',
    'reliability_by_raters.csv',
    'consensus_rules.csv',
  ])
  const lines = (name: string): string[] => readFileSync(join(folder, name), 'utf8').trim().split('\n')
  const made = await report()
  expect(lines('agreement.csv')).toContain(`alpha,${made.alpha.value},,,`)
  expect(lines('raters.csv')).toHaveLength(3)
  expect(lines('rater_pairs.csv')[1]).toMatch(/^Ada,Ben,10,0\.\d+,0\.\d+,/)
  expect(files.filter((name) => /NaN|undefined/.test(readFileSync(join(folder, name), 'utf8')))).toEqual([])
  expect(existsSync(join(folder, 'agreement.jsonl'))).toBe(false)
})
