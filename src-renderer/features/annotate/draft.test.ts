import { describe, expect, it } from 'vitest'
import {
  drawRange,
  fromAnswer,
  grabNearest,
  moveBy,
  placeAt,
  switchEnd,
  toAnswer,
  toggleRange,
  unset,
  type Draft,
  type RangeDraft,
} from './draft.ts'

const score = (value: number, rawPosition = value): Draft => ({ kind: 'score', value, rawPosition })
const range = (low: number, high: number, active: 'low' | 'high'): RangeDraft => ({
  kind: 'range',
  low,
  high,
  active,
  before: unset,
})

describe('a score', () => {
  it('is nothing that can be committed before the first touch', () => {
    expect(toAnswer(unset)).toBeNull()
  })
  it('keeps the raw position beside the value in steps of 0.01', () => {
    expect(toAnswer(placeAt(unset, 0.7849))).toEqual({ kind: 'score', value: 0.78, rawPosition: 0.7849 })
  })
  it('stays within the scale', () => {
    expect([
      placeAt(unset, -0.2),
      placeAt(unset, 1.3),
      moveBy(score(0.98), 0.1),
      moveBy(score(0), -0.01),
    ]).toEqual([score(0), score(1), score(1), score(0)])
  })
  it('starts from the middle when an arrow is the first touch', () => {
    expect([moveBy(unset, 0.01), moveBy(unset, -0.1)]).toEqual([score(0.51), score(0.4)])
  })
  it('does not gather rounding errors over many steps', () => {
    let draft: Draft = score(0)
    for (let step = 0; step < 57; step += 1) draft = moveBy(draft, 0.01)
    expect(draft).toEqual(score(0.57))
  })
})

describe('a range', () => {
  it('opens around the present score and gives it back when left', () => {
    const before = score(0.95, 0.9512)
    const opened = toggleRange(before)
    expect(opened).toEqual({ kind: 'range', low: 0.85, high: 1, active: 'low', before })
    expect(toggleRange(moveBy(opened, 0.1))).toEqual(before)
  })
  it('has no end before the first touch where nothing was set', () => {
    const open = toggleRange(unset)
    expect(toAnswer(open)).toBeNull()
    expect(toggleRange(open)).toEqual(unset)
    const low = placeAt(open, 0.3)
    expect(low).toEqual(range(0.3, 0.3, 'high'))
    expect(toAnswer(placeAt(low, 0.7))).toEqual({ kind: 'range', low: 0.3, high: 0.7 })
  })
  it('pushes the other end along, so that low never passes high', () => {
    expect(placeAt(range(0.2, 0.4, 'low'), 0.6)).toEqual(range(0.6, 0.6, 'low'))
    expect(placeAt(range(0.2, 0.4, 'high'), 0.1)).toEqual(range(0.1, 0.1, 'high'))
  })
  it('moves the end that keys or the pointer chose', () => {
    expect(moveBy(switchEnd(range(0.2, 0.6, 'low')), 0.1)).toEqual(range(0.2, 0.7, 'high'))
    expect(grabNearest(range(0.2, 0.6, 'high'), 0.1)).toEqual(range(0.2, 0.6, 'low'))
    expect(grabNearest(range(0.5, 0.5, 'high'), 0.2)).toEqual(range(0.5, 0.5, 'low'))
    expect(grabNearest(range(0.5, 0.5, 'low'), 0.8)).toEqual(range(0.5, 0.5, 'high'))
  })
  it('can be drawn in either direction', () => {
    expect([drawRange(0.2, 0.61), drawRange(0.8, 0.3)]).toEqual([
      range(0.2, 0.61, 'high'),
      range(0.3, 0.8, 'low'),
    ])
  })
})

it('takes up an earlier answer as it was', () => {
  const answers = [
    { kind: 'score', value: 0.78, rawPosition: 0.7812 },
    { kind: 'range', low: 0.2, high: 0.4 },
    { kind: 'cannot-judge', reason: 'needs-context' },
  ] as const
  expect(answers.map((answer) => toAnswer(fromAnswer(answer)))).toEqual([answers[0], answers[1], null])
})
