import { expect, test } from 'vitest'
import type { Run } from '#shared/domain/run.ts'
import { exampleRun } from '../../testing/examples.ts'
import { runMenu } from './runMenu.ts'

const open = (run: Run, busy = false): string[] =>
  runMenu(run, 7, busy).flatMap(({ id, disabled }) => (disabled === true ? [] : [id]))
const hint = (run: Run, wanted: string, busy = false): string | undefined =>
  runMenu(run, 7, busy).find(({ id }) => id === wanted)?.hint

test('the run in use is neither restored, compared with itself nor binned', () => {
  const run = exampleRun(7)
  expect(open(run)).toEqual(['rename', 'pin'])
  expect(hint(run, 'bin')).toBe('It is in use: use another run first')
})

test('an earlier run can be used, compared and binned; a pinned one has to be unpinned first', () => {
  const run = exampleRun(3, { inUse: false })
  expect(open(run)).toEqual(['rename', 'pin', 'restore', 'compare', 'bin'])
  expect(open({ ...run, pinned: true })).toEqual(['rename', 'unpin', 'restore', 'compare'])
  expect([open(run, true).includes('restore'), hint(run, 'restore', true)]).toEqual([
    false,
    'Wait until the work under way is done',
  ])
})

test('a run that was stopped can be gone on with while nothing else is under way', () => {
  const stopped = exampleRun(8, { status: 'cancelled', report: null, inUse: false, resumable: true })
  expect([open(stopped), open(stopped, true), hint(stopped, 'resume', true)]).toEqual([
    ['rename', 'pin', 'resume', 'compare', 'bin'],
    ['rename', 'pin', 'compare', 'bin'],
    'Wait until the work under way is done',
  ])
})

test('a run that did not finish has no model to use, and a running one stays out of the bin', () => {
  const failed = exampleRun(8, { status: 'failed', report: null })
  const running = exampleRun(9, { status: 'running', report: null })
  expect([open(failed), open(running), hint(running, 'bin')]).toEqual([
    ['rename', 'pin', 'compare', 'bin'],
    ['rename', 'pin', 'compare'],
    'It is still training',
  ])
})
