import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { createTestFolder, createTestProject } from '../store/testStore.ts'

const program = fileURLToPath(new URL('main.ts', import.meta.url))
const folder = createTestFolder()
const path = join(folder.path, 'p.gradus')
afterAll(() => rmSync(folder.path, { recursive: true, force: true }))

function gradus(...words: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [program, ...words], {
    env: { ...process.env, GRADUS_HOME: join(folder.path, 'home') },
  })
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })))
}

test('disagreements are listed with their reasons, and settled from the command line', async () => {
  const { store, pairIds, raterIds } = createTestProject({ pairs: 2, raters: ['Ada', 'Ben'], path })
  for (const [rater, score] of [0.1, 0.9].entries())
    store.annotation.commit({
      pairId: pairIds[1]!,
      raterId: raterIds[rater]!,
      answer: { kind: 'score', value: score, rawPosition: score },
      note: null,
      scaleKind: 'linear',
      timing: null,
      orderShown: 0,
      shownBecause: 'order',
      suggestionId: null,
      guidelineVersion: 1,
      source: 'annotate',
    })
  store.close()
  const listed = await gradus('disagreements', path, '--json')
  expect(JSON.parse(listed.stdout)).toMatchObject({
    total: 1,
    disagreements: [
      { pair: pairIds[1], ratings: [{ rater: 'Ada', score: 0.1 }, { rater: 'Ben' }], predicted: null },
    ],
  })
  const decided = ['--pair', 'pair 2', '--by', 'Ada', '--reason', 'Same event.']
  expect(await gradus('settle', path, ...decided, '--adjudicate', '.7')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('Adjudicated .70') as string,
  })
  const after = await gradus('disagreements', path)
  expect(after.stdout).toBe('Nothing to settle. Pairs with scores of two raters or more: 1; settled: 1.\n')
  const binned = await gradus('settle', path, ...decided, '--bin')
  const restored = await gradus('settle', path, ...decided, '--restore', '--json')
  expect([binned.code, JSON.parse(restored.stdout)]).toMatchObject([0, { decision: { kind: 'restored' } }])
}, 60_000)

test('what cannot be decided is said in one sentence', async () => {
  const about = ['--pair', 'pair 2', '--reason', 'because']
  const nothing = await gradus('settle', path, ...about, '--by', 'Ada')
  const both = await gradus('settle', path, ...about, '--by', 'Ada', '--bin', '--ambiguous')
  const stranger = await gradus('settle', path, ...about, '--by', 'Nobody', '--bin')
  expect([
    nothing.code,
    nothing.stderr.startsWith('Say what is decided'),
    both.code,
    stranger.code,
    stranger.stderr,
  ]).toEqual([1, true, 1, 1, 'No rater of this project is called "Nobody".\n'])
}, 60_000)
