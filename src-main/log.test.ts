import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createLog } from './log.ts'

let folder: string
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'gradus-log-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

it('keeps what was thrown, with stack and cause', () => {
  const log = createLog(folder)
  log(new TypeError('x is undefined', { cause: new Error('deeper') }), 'annotate.commit')
  log('a mere text', 'frame')
  const text = readFileSync(join(folder, 'gradus.log'), 'utf8')
  expect(text).toMatch(
    /^\S+Z annotate\.commit: TypeError: x is undefined\n +at [^]*\n {2}caused by Error: deeper\n +at [^]*\n\S+Z frame: a mere text\n$/,
  )
})

it('begins anew when it has grown', () => {
  const log = createLog(folder)
  log('first', 'test')
  truncateSync(join(folder, 'gradus.log'), 5 * 1024 * 1024)
  log('second', 'test')
  log('third', 'test')
  expect(readdirSync(folder).sort()).toEqual(['gradus.1.log', 'gradus.log'])
  expect(readFileSync(join(folder, 'gradus.log'), 'utf8')).toMatch(/^\S+ test: third\n$/)
})

it('falls back to stderr where it cannot write', () => {
  const said = vi.spyOn(console, 'error').mockImplementation(() => undefined)
  createLog(join(folder, 'missing'))('lost', 'test')
  expect(said.mock.calls).toEqual([[expect.stringMatching(/test: lost\n\(not in .*gradus\.log: .*ENOENT/)]])
  said.mockRestore()
})
