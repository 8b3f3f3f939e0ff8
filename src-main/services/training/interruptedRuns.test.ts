import { expect, test } from 'vitest'
import { closedMeanwhile } from '../../jobs/jobs.ts'
import { gaveWay } from './giveWay.ts'
import { lastTried } from './interruptedRuns.ts'

const ended =
  'The program ended while this training ran. The project is as it was before: go on with the run, or train again.'
/** Runs 3, 2 and 1 with what they say of their end. */
const tried = (...failures: (string | null)[]): string | null =>
  lastTried(failures.map((failure, index) => ({ id: `run ${failures.length - index}`, failure })))

test.each([
  ['nothing', [], null],
  ['a finished one', [null, null], 'run 2'],
  ['one that failed', ['The disk is full.', null], 'run 2'],
  ['one that a person cancelled', ['Cancelled.', null], 'run 2'],
  ['one that gave way, and the closing of the project', [gaveWay, closedMeanwhile, null], 'run 1'],
  ['the end of the program', [ended, null], 'run 1'],
  ['the end of the program in the very first run', [ended], null],
  ['the end of the program again and again', [ended, ended, null], 'run 3'],
  ['the same with the project closed in between', [ended, closedMeanwhile, ended, null], 'run 4'],
])('the last run that was tried, after %s', (_, failures, last) => {
  expect(tried(...failures)).toBe(last)
})
