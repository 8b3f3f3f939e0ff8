import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it } from 'vitest'
import { GradusError } from '#shared/contract/errors.ts'
import { exampleQueue, type ExampleQueue } from '../../testing/annotateQueue.ts'
import { exampleId } from '../../testing/examples.ts'
import { connectInMemory } from '../../testing/inMemoryBackend.ts'
import { usePickedPairs } from '../../stores/pickedPairs.ts'
import { useAnnotateStore } from './store.ts'

const timing = { timeToFirstTouch: 400, timeToCommit: 900, changeCount: 1 }
const score = (value: number): { kind: 'score'; value: number; rawPosition: number } => ({
  kind: 'score',
  value,
  rawPosition: value,
})
const work = { raterId: exampleId(901), queue: 'order' } as const
let queue: ExampleQueue

beforeEach(async () => {
  setActivePinia(createPinia())
  queue = exampleQueue(3)
  await connectInMemory(queue.handlers)
})

async function begun(): Promise<ReturnType<typeof useAnnotateStore>> {
  const store = useAnnotateStore()
  await store.begin(work, null)
  return store
}

const shown = (store: ReturnType<typeof useAnnotateStore>): unknown => ({
  premise: store.task?.pair.premise ?? null,
  done: store.progress?.done,
  previous: store.shownPrevious?.pair.premise ?? null,
  failure: store.failure?.code ?? null,
})

it('stores an answer with all that belongs to it and shows the next pair from the same reply', async () => {
  const store = await begun()
  expect(await store.commit(score(0.78), '  a note ', timing, 2)).toBe(true)
  expect(queue.commits).toEqual([
    {
      ...work,
      pairId: exampleId(1),
      answer: score(0.78),
      note: 'a note',
      confidence: 2,
      timing,
      orderShown: 0,
      shownBecause: 'order',
      suggestionId: null,
      retests: null,
      pairVersion: 1,
    },
  ])
  expect(shown(store)).toEqual({ premise: 'Premise 2', done: 1, previous: 'Premise 1', failure: null })
})

it('commits once, however often it is asked while the first is under way', async () => {
  const store = await begun()
  const { promise, resolve } = Promise.withResolvers<undefined>()
  queue.gate = promise
  const first = store.commit(score(0.2), '', timing)
  expect(await Promise.all([store.commit(score(0.2), '', timing), store.skip(), store.undo()])).toEqual([
    false,
    false,
    false,
  ])
  resolve(undefined)
  expect(await first).toBe(true)
  expect(queue.commits.map((commit) => commit.pairId)).toEqual([exampleId(1)])
})

it('keeps the pair at hand and says why where a commit fails, and takes it the next time', async () => {
  const store = await begun()
  queue.refusal = new GradusError('disk-full', 'The disk is full.')
  const turn = store.turn
  expect(await store.commit(score(0.2), '', timing)).toBe(false)
  expect({ ...(shown(store) as object), sameTurn: store.turn === turn }).toEqual({
    premise: 'Premise 1',
    done: 0,
    previous: null,
    failure: 'disk-full',
    sameTurn: true,
  })
  queue.refusal = null
  expect(await store.commit(score(0.2), '', timing)).toBe(true)
  expect(shown(store)).toEqual({ premise: 'Premise 2', done: 1, previous: 'Premise 1', failure: null })
})

describe('undo and redo', () => {
  it('go back and forth across pairs, with the answer that was given', async () => {
    const store = await begun()
    await store.commit(score(0.1), 'n', timing)
    await store.commit(score(0.2), '', timing)
    await store.undo()
    await store.undo()
    expect({
      ...(shown(store) as object),
      answer: store.task?.previous?.answer,
      note: store.task?.previous?.note,
    }).toEqual({
      premise: 'Premise 1',
      done: 0,
      previous: null,
      failure: null,
      answer: score(0.1),
      note: 'n',
    })
    expect(await store.undo()).toBe(false)
    await store.redo()
    await store.redo()
    expect(await store.redo()).toBe(false)
    expect(shown(store)).toEqual({ premise: 'Premise 3', done: 2, previous: null, failure: null })
  })
  it('never show the scores of the pair at hand', async () => {
    const store = await begun()
    await store.commit(score(0.1), '', timing)
    await store.begin(work, exampleId(1))
    expect(shown(store)).toEqual({ premise: 'Premise 1', done: 1, previous: null, failure: null })
  })
})

it('brings a skipped pair back at the end, then says that none is left', async () => {
  const store = await begun()
  await store.skip()
  await store.commit(score(0.1), '', timing)
  await store.commit(score(0.2), '', timing)
  expect(shown(store)).toEqual({ premise: 'Premise 1', done: 2, previous: 'Premise 3', failure: null })
  await store.commit({ kind: 'cannot-judge', reason: 'needs-context' }, '', timing)
  expect(shown(store)).toEqual({ premise: null, done: 3, previous: 'Premise 1', failure: null })
})

it('marks what was disputed', async () => {
  const store = await begun()
  await store.commit(score(0.1), '', timing)
  await store.dispute({ kind: 'prediction', runId: exampleId(800) }, 'Fog says nothing of fares.')
  const { others, prediction } = store.shownPrevious!.revealed
  expect([others.map((other) => other.disputed), prediction?.disputed]).toEqual([[false], true])
})

it('takes no answer for a rater who has been switched away from', async () => {
  const store = await begun()
  const { promise, resolve } = Promise.withResolvers<undefined>()
  queue.gate = promise
  const late = store.commit(score(0.2), '', timing)
  await store.begin({ ...work, raterId: exampleId(902) }, exampleId(3))
  resolve(undefined)
  expect(await late).toBe(false)
  expect(shown(store)).toEqual({ premise: 'Premise 3', done: 0, previous: null, failure: null })
})

it('begins no new turn when the same pair is fetched again after a reconnection', async () => {
  const store = await begun()
  const turn = store.turn
  await connectInMemory(queue.handlers)
  await store.refresh()
  expect([store.turn - turn, store.task?.pair.premise]).toEqual([0, 'Premise 1'])
})

describe('pairs picked from a list', () => {
  it('come one after another, with what the answer before revealed; one that is gone is passed over', async () => {
    const gone = exampleId(1)
    const open = queue.handlers['annotate.open']
    await connectInMemory({
      ...queue.handlers,
      'annotate.open': (wanted, call) => {
        if (wanted.pairId === gone) throw new GradusError('not-found', 'This pair is not in the project.')
        if (open === undefined) throw new Error('The queue opens pairs.')
        return open(wanted, call)
      },
    })
    usePickedPairs().pick([exampleId(3), gone, exampleId(2)])
    const store = useAnnotateStore()
    await store.begin({ ...work, queue: 'review' }, exampleId(3))
    expect(await store.commit(score(0.5), '', timing)).toBe(true)
    expect(shown(store)).toEqual({ premise: 'Premise 2', done: 1, previous: 'Premise 3', failure: null })
    expect(await store.skip()).toBe(true)
    // The last of them is through: the queue goes on.
    expect(store.task?.pair.premise).toBe('Premise 1')
  })
})
