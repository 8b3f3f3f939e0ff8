import { afterAll, beforeEach, expect, test } from 'vitest'
import { createTestFolders, openTestBackend, type TestBackend } from '../testing/trainingProject.ts'
import { createEvidenceHandlers } from './evidence.ts'
import { measureAfterRun } from './measure.ts'

const folders = createTestFolders()
afterAll(() => folders.remove())

let backend: TestBackend
beforeEach(() => {
  backend = openTestBackend(folders)
  return () => backend.close()
})

const call = { signal: new AbortController().signal }

function rate(pairId: string, raterId: string, value: number, milliseconds: number): void {
  backend.store.annotation.commit({
    pairId,
    raterId,
    answer: { kind: 'score', value, rawPosition: value },
    note: null,
    scaleKind: 'linear',
    timing: { timeToFirstTouch: 500, timeToCommit: milliseconds, changeCount: 0 },
    orderShown: null,
    shownBecause: 'order',
    suggestionId: null,
    guidelineVersion: 1,
    source: 'annotate',
  })
}

test('what labels are worth is measured on the labels as they are, kept, and old once somebody rates', async () => {
  const { context, store } = backend
  // With the usual share too few pairs of the sample are held out.
  store.project.writeSettings({ ...store.project.read().settings, holdoutShare: 0.35 })
  const handlers = createEvidenceHandlers(context)
  expect(await handlers['evidence.read']({}, call)).toMatchObject({
    report: null,
    isCurrent: false,
    pace: { pairsPerMinute: null, minutesForNext: null },
  })
  const { jobId } = await handlers['evidence.measure']({}, call)
  // Asked again meanwhile, it is the one that runs.
  expect(await handlers['evidence.measure']({}, call)).toEqual({ jobId })
  const job = await context.jobs.ended(jobId)
  expect(backend.logged).toEqual([])
  expect(job.outcome).toEqual({ status: 'finished' })

  const { report, isCurrent } = await handlers['evidence.read']({}, call)
  expect(isCurrent).toBe(true)
  expect(report).toMatchObject({
    runs: [],
    ceiling: null,
    figures: {
      labels: { chosen: 0, other: 0 },
      comparison: { verdict: null, sentence: expect.stringMatching(/No suggestion is rated yet/) as string },
      curve: { reason: null },
    },
  })
  const { labels, curve } = report!.figures
  expect(labels.random).toBe(labels.given)
  expect(curve.points.at(-1)?.labels).toBe(labels.given)
  expect(report!.present).toEqual(curve.points.at(-1)?.pearson)

  const rater = store.raters.create('Zoe').id
  for (const { id } of store.pairs.keys(0, 10)) rate(id, rater, 0.4, 6000)
  const later = await handlers['evidence.read']({}, call)
  expect([later.isCurrent, later.report]).toEqual([false, report])
  // Ten ratings of six seconds each.
  expect(later.pace).toMatchObject({ pairsPerMinute: 10, minutesForNext: 5, reason: null })
}, 120_000)

test('a holdout that is too small is said, and there is advice that nothing can be told', async () => {
  const { context, store } = backend
  store.project.writeSettings({ ...store.project.read().settings, holdoutShare: 0 })
  const handlers = createEvidenceHandlers(context)
  await context.jobs.ended((await handlers['evidence.measure']({}, call)).jobId)
  const { report } = await handlers['evidence.read']({}, call)
  expect(report).toMatchObject({
    present: null,
    figures: { curve: { points: [], reason: expect.stringMatching(/too small to judge/) as string } },
    stop: { advice: 'unknown', sentence: expect.stringMatching(/too small to judge/) as string },
  })
}, 120_000)

test('a run that ends has it measured in a window, and in no command', () => {
  const { context, store } = backend
  measureAfterRun(context, store)
  expect(context.jobs.list()).toEqual([])
  measureAfterRun({ ...context, host: 'web' }, store)
  expect(context.jobs.list().map(({ detail }) => detail.kind)).toEqual(['evidence'])
})
