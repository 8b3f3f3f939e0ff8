import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasDisplay } from './host-web/openBrowser.ts'
import { programRoot } from './programRoot.ts'
import { builtRenderer } from './rendererFiles.ts'

let home: string
beforeAll(() => (home = mkdtempSync(join(tmpdir(), 'gradus-start-'))))
afterAll(() => rmSync(home, { recursive: true }))

function run(file: string, words: readonly string[], before: readonly string[] = []) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [...before, fileURLToPath(new URL(file, programRoot)), ...words],
    { encoding: 'utf8', env: { ...process.env, GRADUS_HOME: home }, cwd: home },
  )
  return { status, stdout, stderr }
}
const start = (...words: string[]) => run('src-main/start.ts', words)

describe('npm start', () => {
  it('says how it is used', () => {
    expect(start('--help')).toEqual({
      status: 0,
      stdout: expect.stringMatching(/^Usage: npm start/),
      stderr: '',
    })
  })

  it.each([
    [['--nonsense'], /^Unknown option '--nonsense'[^]*Usage: npm start/],
    [['--port', 'many'], /^--port takes a number from 0 to 65535, not many\.\n$/],
    [['one.gradus', 'two.gradus'], /^One project can be opened at a time\./],
  ])('refuses %j with a sentence', (words, sentence) => {
    expect(start(...words)).toEqual({ status: 1, stdout: '', stderr: expect.stringMatching(sentence) })
  })

  it.skipIf(!existsSync(builtRenderer))('ends where the named project cannot be opened', () => {
    expect(start('--web', '--no-open', 'missing.gradus')).toEqual({
      status: 1,
      stdout: '',
      stderr: expect.stringMatching(/missing\.gradus/),
    })
  })
})

describe('a Node that is too old', () => {
  it.each(['18.20.4', '20.20.2', '22.17.1'])('such as %s is told which one is needed', (version) => {
    const pretend = `data:text/javascript,Object.defineProperty(process.versions, 'node', { value: '${version}' })`
    expect(run('scripts/build-if-stale.mjs', [], ['--import', pretend])).toEqual({
      status: 1,
      stdout: '',
      stderr: `Gradus needs Node 22.18 or newer, and this is Node ${version}.\n`,
    })
  })
})

describe('hasDisplay', () => {
  it('needs a display server on Linux alone', () => {
    expect([
      hasDisplay('linux', {}),
      hasDisplay('linux', { DISPLAY: '' }),
      hasDisplay('linux', { DISPLAY: ':0' }),
      hasDisplay('linux', { WAYLAND_DISPLAY: 'wayland-0' }),
      hasDisplay('darwin', {}),
      hasDisplay('win32', {}),
    ]).toEqual([false, false, true, true, true, true])
  })
})
