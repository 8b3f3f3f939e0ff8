import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { AnnotateStep } from '#shared/contract/annotate.ts'
import type { ProjectSettings } from '#shared/domain/project.ts'
import type { ProjectStore } from '../../store/projectStore.ts'
import { createTestFolder, createTestProject } from '../../store/testStore.ts'
import { createTestContext, testCall, type TestContext } from '../testing/testContext.ts'
import { createAnnotateHandlers, type AnnotateHandlers } from './annotate.ts'

let folder: ReturnType<typeof createTestFolder>
let backend: TestContext
let store: ProjectStore
let pairIds: string[]
let ada: string
let ben: string
let annotate: AnnotateHandlers

function begin(pairs: number, settings: Partial<ProjectSettings>): void {
  const made = createTestProject({ pairs, raters: ['Ada', 'Ben'], settings })
  store = made.store
  pairIds = made.pairIds
  ;[ada, ben] = made.raterIds as [string, string]
  backend.context.session.set({ store, path: ':memory:' })
  annotate = createAnnotateHandlers(backend.context)
}
beforeEach(() => {
  folder = createTestFolder()
  backend = createTestContext(folder.path)
})
afterEach(async () => {
  vi.useRealTimers()
  await backend.close()
  folder.remove()
})

const next = async (raterId: string): Promise<AnnotateStep> =>
  annotate['annotate.next']({ raterId, queue: 'order' }, testCall)

/** Answers what is shown, as the window does: it sends back what it was given. */
async function answer(raterId: string, { next: task }: AnnotateStep, value = 0.5): Promise<AnnotateStep> {
  const { pair, orderShown, shownBecause, suggestionId, retests, pairVersion } = task!
  return annotate['annotate.commit'](
    {
      raterId,
      queue: 'order',
      pairId: pair.id,
      answer: { kind: 'score', value, rawPosition: value },
      note: null,
      timing: null,
      ...{ orderShown, shownBecause, suggestionId, retests, pairVersion },
    },
    testCall,
  )
}

/** Answers everything; what was shown, with why. */
async function walk(raterId: string): Promise<{ pairId: string; because: string; progress: string }[]> {
  const shown: { pairId: string; because: string; progress: string }[] = []
  let step = await next(raterId)
  while (step.next !== null) {
    const { pair, shownBecause } = step.next
    shown.push({
      pairId: pair.id,
      because: shownBecause,
      progress: `${step.progress.done}/${step.progress.total}`,
    })
    step = await answer(raterId, step, (shown.length % 10) / 10)
  }
  return shown
}

test('blind repeats come after a hundred answers, ten apart, and at the end', async () => {
  begin(260, { retestShare: 0.2 })
  const shown = await walk(ada)
  const repeats = shown.flatMap(({ because }, index) => (because === 'retest' ? [index] : []))
  expect(repeats.length).toBeGreaterThan(15)
  expect(shown.length).toBe(260 + repeats.length)
  const firstShown = new Map<string, number>()
  for (const [index, { pairId, because }] of shown.entries()) {
    if (because === 'retest') {
      // At least a hundred other answers lie between.
      const between = shown
        .slice(firstShown.get(pairId)! + 1, index)
        .filter(({ because: why }) => why === 'order')
      expect(between.length).toBeGreaterThanOrEqual(100)
    } else {
      expect(firstShown.has(pairId)).toBe(false)
      firstShown.set(pairId, index)
    }
  }
  const last = shown.findLastIndex(({ because }) => because === 'order')
  const during = repeats.filter((index) => index < last)
  during.slice(1).forEach((index, at) => expect(index - during[at]!).toBeGreaterThan(10))
  // The counter never stands still, and ends where it said it would.
  expect(shown.map(({ progress }) => Number(progress.split('/')[0]))).toEqual(shown.map((_, index) => index))
  expect(shown.at(-1)?.progress.split('/')[1]).toBe(String(shown.length))
})

test('a repeat is shown as any other pair, stored beside the first answer, and reveals only itself', async () => {
  begin(130, { retestShare: 0.5 })
  let step = await next(ada)
  while (step.next?.shownBecause !== 'retest') step = await answer(ada, step, 0.25)
  const { pair, retests, previous } = step.next
  expect(previous).toBeNull()
  expect(step.revealed?.pairId).not.toBe(pair.id)
  const after = await answer(ada, step, 0.75)
  expect(after.revealed).toMatchObject({ pairId: pair.id, own: { score: 0.75 } })
  expect(store.ratings.current(pair.id, ada)).toMatchObject({ id: retests, score: 0.25 })
  const undone = await annotate['annotate.undo']({ raterId: ada, queue: 'order' }, testCall)
  expect(undone.next).toMatchObject({
    pair: { id: pair.id },
    shownBecause: 'retest',
    retests,
    previous: { answer: { value: 0.75 } },
  })
  expect(store.annotation.retestedPairs(ada)).toEqual([])
  await annotate['annotate.redo']({ raterId: ada, queue: 'order' }, testCall)
  expect(store.annotation.retestedPairs(ada)).toEqual([pair.id])
})

test('a repeat of an answer that was revised meanwhile is refused, and nothing is stored', async () => {
  begin(2, { retestShare: 0 })
  const first = await next(ada)
  await answer(ada, first)
  const stale = { ...first, next: { ...first.next!, shownBecause: 'retest' as const, retests: ben } }
  await expect(answer(ada, stale)).rejects.toMatchObject({ code: 'bad-request' })
  expect(store.annotation.retestedPairs(ada)).toEqual([])
})

test('the calibration round comes first, in the same order for everybody', async () => {
  begin(8, { retestShare: 0 })
  const round = [pairIds[5]!, pairIds[1]!, pairIds[6]!]
  store.assignments.writeCalibration(round)
  const [ofAda, ofBen] = [await walk(ada), await walk(ben)]
  for (const shown of [ofAda, ofBen]) {
    expect(shown.slice(0, 3)).toMatchObject(round.map((pairId) => ({ pairId, because: 'calibration' })))
    expect(shown).toHaveLength(8)
  }
  expect((await next(ada)).progress.calibration).toEqual({ done: 3, total: 3 })
})

test('with a plan a rater sees their pairs, gold ones, and first those that were asked of them', async () => {
  begin(8, { retestShare: 0, overlap: { kind: 'every', raters: 1 } })
  const [one, two, three, gold] = pairIds as [string, string, string, string]
  store.assignments.add([
    { raterId: ada, pairId: one, kind: 'plan' },
    { raterId: ada, pairId: two, kind: 'plan' },
    { raterId: ada, pairId: three, kind: 'asked' },
    { raterId: ben, pairId: pairIds[4]!, kind: 'plan' },
  ])
  store.gold.write({ pairId: gold, score: 0.9, tolerance: 0.1, explanation: '' })
  store.assignments.planChanged()
  const shown = await walk(ada)
  expect(shown[0]).toMatchObject({ pairId: three, because: 'asked' })
  expect(shown.map(({ pairId }) => pairId).sort()).toEqual([one, two, three, gold].sort())
  expect(store.assignments.planned().get(ada)).toBe(4)
  expect((await next(ben)).progress).toMatchObject({ done: 0, total: 2 })
})

test('a repeat is due after a day, too, also after a restart; skipped, it comes later', async () => {
  // Ids never go back in time, so neither does this clock.
  vi.useFakeTimers({ now: new Date('2031-01-01T08:00:00Z'), toFake: ['Date'] })
  begin(40, { retestShare: 0.5 })
  let step = await next(ada)
  for (let count = 0; count < 20; count++) step = await answer(ada, step)
  expect(step.next?.shownBecause).toBe('order')
  vi.setSystemTime(new Date('2031-01-02T09:00:00Z'))
  annotate = createAnnotateHandlers(backend.context)
  const { next: repeat } = await next(ada)
  expect(repeat?.shownBecause).toBe('retest')
  const skipped = await annotate['annotate.skip'](
    { raterId: ada, queue: 'order', pairId: repeat!.pair.id },
    testCall,
  )
  expect(skipped.next?.shownBecause).toBe('order')
  expect(skipped.progress.skipped).toBe(0)
})
