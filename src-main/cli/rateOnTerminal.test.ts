import { expect, test } from 'vitest'
import { readTyped } from './rateOnTerminal.ts'

const score = (value: number): unknown => ({
  kind: 'answer',
  answer: { kind: 'score', value, rawPosition: value },
})
const range = (low: number, high: number): unknown => ({
  kind: 'answer',
  answer: { kind: 'range', low, high },
})
const nothing = { kind: 'not-understood' }

test.each([
  ['0', score(0)],
  [' 1 ', score(1)],
  ['.35', score(0.35)],
  ['0,4', score(0.4)],
  ['1.5', nothing],
  ['-0.2', nothing],
  ['0x1', nothing],
  ['', nothing],
  ['.2-.5', range(0.2, 0.5)],
  ['0.2 .. 0.5', range(0.2, 0.5)],
  ['.5-.2', nothing],
  ['.2-.5-.6', nothing],
  ['S', { kind: 'skip' }],
  ['n', { kind: 'cannot-judge' }],
  ['u', { kind: 'undo' }],
  ['r', { kind: 'redo' }],
  ['q', { kind: 'quit' }],
  ['quit', nothing],
])('a rater who types %j', (line, typed) => {
  expect(readTyped(line)).toEqual(typed)
})
