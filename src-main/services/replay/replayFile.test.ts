import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { ReplayCell, ReplaySettings } from '#shared/domain/replay.ts'
import { syntheticRows } from '../../learning/testRows.ts'
import { keepReplay, readReplay, replayKey } from './replayFile.ts'

const folder = mkdtempSync(join(tmpdir(), 'gradus-replay-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const settings: ReplaySettings = { start: 10, batch: 10, to: 60, buys: { kind: 'consensus' }, randomShare: 0 }
const data = { pool: syntheticRows(8, 4, 1), holdout: syntheticRows(4, 4, 2), ratings: null, threshold: 0.5 }
const cell: ReplayCell = {
  strategy: 'igs',
  seed: 3,
  points: [{ labels: 10, pairs: 10, pearson: null }],
  seconds: 1,
}
const nothing = { reference: null, cells: [] }

test('what was found is read again under the same key alone', () => {
  const path = join(folder, 'replay.json')
  const key = replayKey(data, settings)
  expect(readReplay(path, key)).toEqual(nothing)
  const found = {
    reference: { pearson: 0.8, lambda: 30, pairs: 8 },
    cells: [cell],
  }
  keepReplay(path, key, found)
  expect(readReplay(path, key)).toMatchObject(found)
  expect(readReplay(path, 'another')).toEqual(nothing)
})

test('a damaged file is begun anew', () => {
  const path = join(folder, 'damaged.json')
  writeFileSync(path, '{"key":"x","cells":[{"strategy":"ig')
  expect(readReplay(path, 'x')).toEqual(nothing)
})

test('the key tells labels and settings apart', () => {
  const target = data.pool.target.map((value, row) => (row === 3 ? 1 - value : value))
  const keys = [
    replayKey(data, settings),
    replayKey(data, { ...settings, batch: 5 }),
    replayKey({ ...data, pool: { ...data.pool, target } }, settings),
    replayKey({ ...data, threshold: 0.6 }, settings),
  ]
  expect(new Set(keys).size).toBe(4)
  expect(replayKey({ ...data }, { ...settings })).toBe(keys[0])
})
