import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { Rung } from '#shared/domain/backend.ts'
import { openLadderFile, type LadderFile } from './ladderFile.ts'

const root = mkdtempSync(join(tmpdir(), 'gradus-ladder-file-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const logged: unknown[] = []
let files = 0
function open(folder = join(root, String(++files))): LadderFile {
  mkdirSync(folder, { recursive: true })
  return openLadderFile(folder, (thrown) => void logged.push(thrown))
}

const rungs: Rung[] = [
  { name: 'webgpu', verdict: 'fit', reason: 'Right.', millisecondsPerStep: 2 },
  { name: 'cpu', verdict: 'fit', reason: 'It is always there.', millisecondsPerStep: 8 },
]
const at = '2026-11-25T04:00:00.000Z'
const machine = { program: '1.0.0', onnxruntime: '1.30.0', tensorflowGpu: null, card: 'Card A' }

test('what was found holds on the same machine and program only', () => {
  const folder = join(root, 'same')
  open(folder).keep(machine, { at, rungs })
  const file = open(folder)
  expect(file.probed({ ...machine })).toEqual({ at, rungs })
  const others: Record<string, string | null>[] = [
    { ...machine, program: '1.0.1' },
    { ...machine, onnxruntime: '1.31.0' },
    { ...machine, tensorflowGpu: '4.22.0' },
    { ...machine, card: null },
    { ...machine, processor: 'another' },
    { program: '1.0.0', onnxruntime: '1.30.0', card: 'Card A' },
  ]
  expect(others.map((other) => file.probed(other))).toEqual(others.map(() => null))
})

test('the choice outlives a change of the machine, and the verdicts a change of the choice', () => {
  const file = open()
  expect([file.choice(), file.probed(machine)]).toEqual(['automatic', null])
  file.keep(machine, { at, rungs })
  file.choose('webgpu')
  expect([file.choice(), file.probed(machine)?.rungs]).toEqual(['webgpu', rungs])
  file.keep({ ...machine, card: 'Card B' }, { at, rungs: [] })
  expect([file.choice(), file.probed(machine)]).toEqual(['webgpu', null])
  expect(logged).toEqual([])
})

test('a damaged file counts as none, is logged, and is written anew', () => {
  const folder = join(root, 'damaged')
  mkdirSync(folder)
  writeFileSync(join(folder, 'backends.json'), '{"choice":"quantum"}')
  const file = open(folder)
  expect([file.choice(), file.probed(machine)]).toEqual(['automatic', null])
  expect(logged).toHaveLength(2)
  file.choose('cpu')
  expect(open(folder).choice()).toBe('cpu')
})
