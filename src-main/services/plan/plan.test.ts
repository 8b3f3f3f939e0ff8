import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { GradusError } from '#shared/contract/errors.ts'
import type { OverlapPlan } from '#shared/domain/plan.ts'
import { openProjectStore, type ProjectStore } from '../../store/projectStore.ts'
import { addTestPairs, createTestFolder, createTestProject } from '../../store/testStore.ts'
import { createTestContext, testCall, type TestContext } from '../testing/testContext.ts'
import { createProjectHandlers } from '../projects/projects.ts'
import { createPlanHandlers, type PlanHandlers } from './plan.ts'
import { mergeWork } from './workFiles.ts'

let folder: ReturnType<typeof createTestFolder>
let backend: TestContext
let store: ProjectStore
let pairIds: string[]
let raterIds: string[]
let plan: PlanHandlers

function begin(pairs: number, raters: string[]): void {
  const path = join(folder.path, 'main.gradus')
  ;({ store, pairIds, raterIds } = createTestProject({ pairs, raters, path }))
  backend.context.session.set({ store, path })
  plan = createPlanHandlers(backend.context)
}
beforeEach(() => {
  folder = createTestFolder()
  backend = createTestContext(folder.path)
})
afterEach(async () => {
  await backend.close()
  folder.remove()
})

function rate(
  into: ProjectStore,
  raterId: string,
  pairId: string,
  value: number,
  retests: string | null = null,
): string {
  return into.annotation.commit({
    pairId,
    raterId,
    answer: { kind: 'score', value, rawPosition: value },
    note: null,
    scaleKind: 'linear',
    timing: null,
    orderShown: 0,
    shownBecause: 'order',
    suggestionId: null,
    guidelineVersion: 1,
    source: 'annotate',
    retests,
  }).ratingId
}

async function deal(overlap: OverlapPlan | null): Promise<void> {
  const { jobId } = await plan['plan.set']({ overlap }, testCall)
  if (jobId !== null) await backend.context.jobs.ended(jobId)
}

function ratersOf(pairId: string): string[] {
  return store.assignments.ofPair(pairId).map(({ raterId }) => raterId)
}

test('every pair gets as many raters, all equally many pairs, and every two raters meet', async () => {
  begin(100, ['A', 'B', 'C', 'D', 'E'])
  await deal({ kind: 'every', raters: 2 })
  expect(pairIds.map((id) => ratersOf(id).length)).toEqual(pairIds.map(() => 2))
  const { raters } = await plan['plan.read']({}, testCall)
  expect(raters.map(({ assigned }) => assigned)).toEqual([40, 40, 40, 40, 40])
  const met = new Set(pairIds.map((id) => ratersOf(id).toSorted().join()))
  expect(met.size).toBe(10)
  // Dealt again, nothing changes where nothing has.
  const before = pairIds.map(ratersOf)
  await deal({ kind: 'every', raters: 2 })
  expect(pairIds.map(ratersOf)).toEqual(before)
})

test('a share of the pairs gets several raters, the rest one', async () => {
  begin(400, ['A', 'B', 'C'])
  await deal({ kind: 'share', share: 0.25, raters: 3 })
  const several = pairIds.filter((id) => ratersOf(id).length === 3).length
  expect(pairIds.every((id) => [1, 3].includes(ratersOf(id).length))).toBe(true)
  expect(several).toBeGreaterThan(70)
  expect(several).toBeLessThan(130)
  const { raters } = await plan['plan.read']({}, testCall)
  const loads = raters.map(({ assigned }) => assigned)
  expect(Math.max(...loads) - Math.min(...loads)).toBeLessThanOrEqual(1)
})

test('what is answered stays with who answered it; a new rater and new pairs get their part', async () => {
  begin(40, ['A', 'B'])
  await deal({ kind: 'every', raters: 1 })
  const [first] = raterIds as [string, string]
  const answered = pairIds.filter((id) => ratersOf(id)[0] === first).slice(0, 10)
  for (const pairId of answered) rate(store, first, pairId, 0.5)
  const third = store.raters.create('C').id
  const more = addTestPairs(store, 20, 'later ')
  const { jobId } = await plan['plan.deal']({}, testCall)
  await backend.context.jobs.ended(jobId)
  for (const pairId of answered) expect(ratersOf(pairId)).toEqual([first])
  for (const pairId of [...pairIds, ...more]) expect(ratersOf(pairId)).toHaveLength(1)
  const loads = (await plan['plan.read']({}, testCall)).raters.map(({ assigned }) => assigned)
  expect(loads).toEqual([20, 20, 20])
  store.raters.decide(third, 'set-aside', 'left')
  const again = await plan['plan.deal']({}, testCall)
  await backend.context.jobs.ended(again.jobId)
  expect((await plan['plan.read']({}, testCall)).raters.map(({ assigned }) => assigned)).toEqual([30, 30, 0])
})

test('more raters wanted than there are: all get the pair, and the job says how many pairs are short', async () => {
  begin(5, ['A', 'B'])
  const { jobId } = await plan['plan.set']({ overlap: { kind: 'every', raters: 3 } }, testCall)
  const { detail } = await backend.context.jobs.ended(jobId!)
  expect(detail).toEqual({ kind: 'deal', short: 5 })
  expect(pairIds.map((id) => ratersOf(id).length)).toEqual([2, 2, 2, 2, 2])
})

test('gold and calibration pairs are everybody’s and not dealt', async () => {
  begin(10, ['A', 'B'])
  store.gold.write({ pairId: pairIds[0]!, score: 0.8, tolerance: 0.1, explanation: 'plain' })
  expect(await plan['calibration.choose']({ pairs: 3 }, testCall)).toEqual({ pairs: 3 })
  await deal({ kind: 'every', raters: 1 })
  const everybodys = new Set(store.assignments.everybodys().map(({ pairId }) => pairId))
  expect(everybodys.size).toBeGreaterThanOrEqual(3)
  for (const pairId of pairIds) expect(ratersOf(pairId)).toHaveLength(everybodys.has(pairId) ? 0 : 1)
})

test('the result of the calibration round is against gold, else against the others', async () => {
  begin(5, ['A', 'B', 'C'])
  const [a, b, c] = raterIds as [string, string, string]
  store.assignments.writeCalibration(pairIds.slice(0, 3))
  store.gold.write({ pairId: pairIds[1]!, score: 0.2, tolerance: 0.1, explanation: '' })
  rate(store, a, pairIds[0]!, 0.9)
  rate(store, b, pairIds[0]!, 0.5)
  rate(store, c, pairIds[0]!, 0.7)
  rate(store, a, pairIds[1]!, 0.3)
  rate(store, a, pairIds[2]!, 0.4)
  const { rows, bias, mae } = await plan['calibration.result']({ raterId: a }, testCall)
  expect(
    rows.map(({ pairId, own, against, isGold }) => [pairIds.indexOf(pairId), own, against, isGold]),
  ).toEqual([
    [0, 0.9, expect.closeTo(0.6, 12), false],
    [1, 0.3, 0.2, true],
    [2, 0.4, null, false],
  ])
  expect([bias, mae]).toEqual([expect.closeTo(0.2, 12), expect.closeTo(0.2, 12)])
})

/** The whole rating table, and what stands, by content. */
function contents(of: ProjectStore): unknown {
  const all = (sql: string): unknown[] => of.database.prepare(sql).raw().all()
  return {
    rows: all('SELECT * FROM rating ORDER BY id'),
    standing: all('SELECT id, pair_id, rater_id, score FROM current_rating ORDER BY id'),
    retests: all('SELECT id, retests, score FROM current_retest ORDER BY id'),
  }
}

async function split(names: readonly number[], to: string): Promise<string[]> {
  const path = join(folder.path, to)
  mkdirSync(path)
  const { files } = await plan['work.split'](
    { raterIds: names.map((index) => raterIds[index]!), folderToken: backend.context.files.allow(path) },
    testCall,
  )
  return files.map(({ fileName }) => join(path, fileName))
}

function work(path: string, act: (file: ProjectStore) => void): void {
  const file = openProjectStore(path, { create: false })
  try {
    act(file)
  } finally {
    file.close()
  }
}

test('a work file holds the rater’s pairs and ratings, and nothing of anybody else', async () => {
  begin(6, ['Ada', 'Ben'])
  const [ada, ben] = raterIds as [string, string]
  rate(store, ada, pairIds[0]!, 0.3)
  rate(store, ben, pairIds[0]!, 0.9)
  store.gold.write({ pairId: pairIds[5]!, score: 0.8, tolerance: 0.1, explanation: 'secret' })
  await deal({ kind: 'every', raters: 1 })
  const [file] = await split([0], 'out')
  work(file!, (of) => {
    expect(of.project.read()).toMatchObject({ id: store.project.read().id, workRaterId: ada })
    expect(of.raters.list().map(({ name }) => name)).toEqual(['Ada'])
    expect(of.ratings.history(pairIds[0]!).map(({ raterName, score }) => [raterName, score])).toEqual([
      ['Ada', 0.3],
    ])
    expect(of.gold.list()).toEqual([])
    const theirs = new Set(
      pairIds.filter((id) => ratersOf(id).includes(ada) || id === pairIds[5] || id === pairIds[0]),
    )
    expect(new Set(pairIds.filter((id) => of.pairs.byId(id) !== null))).toEqual(theirs)
    expect(of.guidelines.latest()).toEqual(store.guidelines.latest())
  })
  const token = backend.context.files.allow(join(folder.path, 'out'))
  const again = plan['work.split']({ raterIds: [ada], folderToken: token }, testCall)
  await expect(again).rejects.toMatchObject({ code: 'already-exists' })
})

test('merging is the same in whatever order and however often, two machines for one rater included', async () => {
  begin(8, ['Ada', 'Ben', 'Cleo'])
  const [ada, ben, cleo] = raterIds as [string, string, string]
  const kept = rate(store, ada, pairIds[0]!, 0.1)
  const files = await split([0, 1, 2], 'one')
  const [adaOne, benOne, cleoOne] = files as [string, string, string]
  const [adaTwo] = (await split([0], 'two')) as [string]
  // Ada at two machines: the same pairs on both, a revision on one, a retraction on the other.
  work(adaOne, (of) => {
    rate(of, ada, pairIds[0]!, 0.2)
    rate(of, ada, pairIds[1]!, 0.3)
    rate(of, ada, pairIds[2]!, 0.4)
    of.annotation.undo(ada)
  })
  work(adaTwo, (of) => {
    rate(of, ada, pairIds[1]!, 0.5)
    rate(of, ada, pairIds[2]!, 0.6)
    rate(of, ada, pairIds[0]!, 0.15, kept)
    rate(of, ada, pairIds[1]!, 0.55)
  })
  work(benOne, (of) => {
    for (const [index, pairId] of pairIds.entries()) rate(of, ben, pairId, index / 10)
  })
  work(cleoOne, (of) => {
    rate(of, cleo, pairIds[7]!, 0.7)
    of.annotation.undo(cleo)
  })
  // What the lead does meanwhile: another answer of Ada's, another text.
  rate(store, ada, pairIds[3]!, 0.9)
  store.decisions.fixText(pairIds[6]!, { premise: 'A better premise.', hypothesis: 'A hypothesis.' })
  store.database.pragma('wal_checkpoint(TRUNCATE)')

  const all = [adaOne, adaTwo, benOne, cleoOne]
  const orders = [
    all,
    all.toReversed(),
    [benOne, adaTwo, adaTwo, cleoOne, adaOne, benOne, adaOne],
    [cleoOne, adaOne, benOne, adaTwo, ...all],
  ]
  const results = orders.map((order, index) => {
    const path = join(folder.path, `merged ${index}.gradus`)
    store.database.prepare('VACUUM INTO ?').run(path)
    const copy = openProjectStore(path, { create: false })
    for (const file of order) mergeWork(copy, file)
    const found = contents(copy)
    copy.close()
    return found
  })
  for (const result of results.slice(1)) expect(result).toEqual(results[0])
  const { standing, retests } = results[0] as {
    standing: [string, string, string, number][]
    retests: unknown[]
  }
  const scoreOf = (rater: string, pair: number): number | undefined =>
    standing.find(([, pairId, raterId]) => pairId === pairIds[pair] && raterId === rater)?.[3]
  expect([0, 1, 2, 3].map((pair) => scoreOf(ada, pair))).toEqual([0.2, 0.55, 0.6, 0.9])
  expect(standing.filter(([, , raterId]) => raterId === cleo)).toEqual([])
  // Rated on the text that was fixed meanwhile: it stays with that.
  expect(pairIds.map((_, pair) => scoreOf(ben, pair))).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5, undefined, 0.7])
  expect(retests).toHaveLength(1)
})

test('what was merged goes out again with the next work file, and comes back as known', async () => {
  begin(4, ['Ada'])
  const [ada] = raterIds as [string]
  const [first] = (await split([0], 'one')) as [string]
  work(first, (of) => void rate(of, ada, pairIds[0]!, 0.1))
  const token = (path: string): string => backend.context.files.allow(path)
  expect((await plan['work.merge']({ fileTokens: [token(first)] }, testCall)).files).toEqual([
    { fileName: 'Test - Ada.gradus', rater: 'Ada', added: 1, known: 0, leftOut: 0 },
  ])
  expect(store.tally.read().ratings).toBe(1)
  const [second] = (await split([0], 'two')) as [string]
  work(second, (of) => {
    expect(of.ratings.current(pairIds[0]!, ada)?.score).toBe(0.1)
    rate(of, ada, pairIds[0]!, 0.2)
  })
  const merged = await plan['work.merge']({ fileTokens: [token(second), token(first)] }, testCall)
  expect(merged.files.map(({ added, known }) => [added, known])).toEqual([
    [1, 1],
    [0, 1],
  ])
  expect(store.ratings.current(pairIds[0]!, ada)?.score).toBe(0.2)
})

test('what is no work file of this project is refused, and nothing is changed', async () => {
  begin(3, ['Ada'])
  await split([0], 'one')
  const other = createTestProject({ pairs: 1, raters: ['Ada'], path: join(folder.path, 'other.gradus') })
  other.store.close()
  const copy = join(folder.path, 'copy.gradus')
  store.database.prepare('VACUUM INTO ?').run(copy)
  const before = contents(store)
  const refusal = (path: string): string => {
    try {
      mergeWork(store, path)
      return 'merged'
    } catch (thrown) {
      return thrown instanceof GradusError ? thrown.code : String(thrown)
    }
  }
  expect([join(folder.path, 'other.gradus'), copy, join(folder.path, 'nowhere.gradus')].map(refusal)).toEqual(
    ['bad-file', 'bad-file', 'not-found'],
  )
  expect(contents(store)).toEqual(before)
})

test('in a work file only its rater rates, and what belongs to the project is refused', async () => {
  begin(3, ['Ada', 'Ben'])
  const [own] = (await split([0], 'one')) as [string]
  const file = openProjectStore(own, { create: false })
  backend.context.session.set({ store: file, path: own })
  const projects = createProjectHandlers(backend.context)
  const refused = [
    plan['plan.set']({ overlap: null }, testCall),
    plan['calibration.choose']({ pairs: 1 }, testCall),
    plan['work.merge']({ fileTokens: [backend.context.files.allow(own)] }, testCall),
    projects['project.configure']({ title: 'Mine' }, testCall),
    projects['project.writeGuideline']({ text: 'Mine' }, testCall),
    projects['rater.create']({ name: 'Cleo' }, testCall),
  ]
  for (const outcome of refused)
    await expect(outcome).rejects.toMatchObject({
      code: 'bad-request',
      message: expect.stringContaining('split off "Test" for Ada') as string,
    })
  const overview = await projects['project.current']({}, testCall)
  expect(overview).toMatchObject({ isWorkFile: true, raters: [{ name: 'Ada', planned: null }] })
})
