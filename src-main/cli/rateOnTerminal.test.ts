import { expect, test } from 'vitest'
import { readTyped } from './rateOnTerminal.ts'

const score = (value: number, confidence: number | null = null): unknown => ({
  kind: 'answer',
  answer: { kind: 'score', value, rawPosition: value },
  confidence,
})
const range = (low: number, high: number, confidence: number | null = null): unknown => ({
  kind: 'answer',
  answer: { kind: 'range', low, high },
  confidence,
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
  expect(readTyped(line, false)).toEqual(typed)
  // A project that asks how sure raters are takes all of it, too.
  expect(readTyped(line, true)).toEqual(typed)
})

test.each([
  ['.7 sure', score(0.7, 3)],
  ['.7  fairly sure', score(0.7, 2)],
  ['.2-.5 Unsure', range(0.2, 0.5, 1)],
  ['sure', nothing],
  ['s sure', nothing],
  ['.7 surely', nothing],
])('how sure, where the project asks: %j', (line, typed) => {
  expect(readTyped(line, true)).toEqual(typed)
  expect(readTyped(line, false)).toEqual(nothing)
})
