import { expect, test } from 'vitest'
import type { ReplayCell, ReplayPlan } from '#shared/domain/replay.ts'
import { openProjectStore } from '../projectStore.ts'

const plan: ReplayPlan = {
  asked: {
    strategies: ['random', 'igs'],
    seeds: 2,
    start: 10,
    batch: 10,
    to: 40,
    randomShare: 0.25,
    threshold: 0.5,
  },
  pairs: { pool: 90, holdout: 20 },
  remarks: ['Few.'],
}
const cell: ReplayCell = {
  strategy: 'igs',
  seed: 1,
  points: [
    { labels: 10, pairs: 10, pearson: null },
    { labels: 20, pairs: 20, pearson: 0.5 },
  ],
  seconds: 1.5,
}
const reference = { pearson: 0.75, lambda: 10, pairs: 90 }

test('the same replay goes on with its parts, another one begins without', () => {
  const store = openProjectStore(':memory:', { create: true })
  const { replays } = store
  expect(replays.last()).toBeNull()
  const begun = { key: 'a', plan, labels: '1', begunAt: '2026-01-01T00:00:00.000Z' }
  replays.begin(begun)
  expect(replays.last()).toEqual({ ...begun, reference: null, cells: [] })
  replays.keepReference(reference)
  replays.keepCell(cell)
  replays.keepCell({ ...cell, seed: 0 })
  expect(replays.last()).toEqual({ ...begun, reference, cells: [{ ...cell, seed: 0 }, cell] })

  const wider = { ...begun, labels: '2', plan: { ...plan, asked: { ...plan.asked, seeds: 5 } } }
  replays.begin(wider)
  expect(replays.last()).toEqual({ ...wider, reference, cells: [{ ...cell, seed: 0 }, cell] })
  replays.begin({ ...wider, key: 'b' })
  expect(replays.last()).toEqual({ ...wider, key: 'b', reference: null, cells: [] })
  store.close()
})
