import { describe, expect, it } from 'vitest'
import { positionOf, valueAt, type ScaleKind } from '#shared/domain/score.ts'
import {
  drawRange,
  fromAnswer,
  grabNearest,
  moveBy,
  onScale,
  placeAt,
  placeValue,
  switchEnd,
  toAnswer,
  toggleRange,
  unset,
  type Draft,
  type RangeDraft,
} from './draft.ts'

const linear: ScaleKind = 'linear'
const logit: ScaleKind = 'logit'
const at = (value: number): { value: number; rawPosition: number } => ({ value, rawPosition: value })
const score = (value: number, rawPosition = value): Draft => ({ kind: 'score', value, rawPosition })
const range = (low: number, high: number, active: 'low' | 'high'): RangeDraft => ({
  kind: 'range',
  low: at(low),
  high: at(high),
  active,
  before: unset,
})

describe('a score', () => {
  it('is nothing that can be committed before the first touch', () => {
    expect(toAnswer(unset)).toBeNull()
  })
  it('keeps the raw position beside the value in steps of 0.01', () => {
    expect(toAnswer(placeAt(unset, 0.7849, linear))).toEqual({
      kind: 'score',
      value: 0.78,
      rawPosition: 0.7849,
    })
  })
  it('stays within the scale', () => {
    expect([
      placeAt(unset, -0.2, linear),
      placeAt(unset, 1.3, linear),
      moveBy(score(0.98), 0.1, linear),
      moveBy(score(0), -0.01, linear),
    ]).toEqual([score(0), score(1), score(1), score(0)])
  })
  it('starts from the middle when an arrow is the first touch', () => {
    expect([moveBy(unset, 0.01, linear), moveBy(unset, -0.1, linear)]).toEqual([score(0.51), score(0.4)])
  })
  it('does not gather rounding errors over many steps', () => {
    let draft: Draft = score(0)
    for (let step = 0; step < 57; step += 1) draft = moveBy(draft, 0.01, linear)
    expect(draft).toEqual(score(0.57))
  })
})

describe('a range', () => {
  it('opens around the present score and gives it back when left', () => {
    const before = score(0.95, 0.9512)
    const opened = toggleRange(before, linear)
    expect(opened).toEqual({ kind: 'range', low: at(0.85), high: at(1), active: 'low', before })
    expect(toggleRange(moveBy(opened, 0.1, linear), linear)).toEqual(before)
  })
  it('has no end before the first touch where nothing was set', () => {
    const open = toggleRange(unset, linear)
    expect(toAnswer(open)).toBeNull()
    expect(toggleRange(open, linear)).toEqual(unset)
    const low = placeAt(open, 0.3, linear)
    expect(low).toEqual(range(0.3, 0.3, 'high'))
    expect(toAnswer(placeAt(low, 0.7, linear))).toEqual({ kind: 'range', low: 0.3, high: 0.7 })
  })
  it('pushes the other end along, so that low never passes high', () => {
    expect(placeAt(range(0.2, 0.4, 'low'), 0.6, linear)).toEqual(range(0.6, 0.6, 'low'))
    expect(placeAt(range(0.2, 0.4, 'high'), 0.1, linear)).toEqual(range(0.1, 0.1, 'high'))
  })
  it('moves the end that keys or the pointer chose', () => {
    expect(moveBy(switchEnd(range(0.2, 0.6, 'low')), 0.1, linear)).toEqual(range(0.2, 0.7, 'high'))
    expect(grabNearest(range(0.2, 0.6, 'high'), 0.1)).toEqual(range(0.2, 0.6, 'low'))
    expect(grabNearest(range(0.5, 0.5, 'high'), 0.2)).toEqual(range(0.5, 0.5, 'low'))
    expect(grabNearest(range(0.5, 0.5, 'low'), 0.8)).toEqual(range(0.5, 0.5, 'high'))
  })
  it('can be drawn in either direction', () => {
    expect([drawRange(0.2, 0.61, linear), drawRange(0.8, 0.3, linear)]).toEqual([
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
  expect(answers.map((answer) => toAnswer(fromAnswer(answer, linear)))).toEqual([
    answers[0],
    answers[1],
    null,
  ])
})

it('keeps an earlier answer with more decimals than the scale gives, and its range in order', () => {
  const given = fromAnswer({ kind: 'score', value: 0.4375, rawPosition: 0.4375 }, linear)
  expect(toAnswer(given)).toEqual({ kind: 'score', value: 0.4375, rawPosition: 0.4375 })
  const third = fromAnswer({ kind: 'range', low: 0.3333, high: 0.6 }, linear)
  // .3334 stands for .33, which is below the low end.
  expect(toAnswer(placeAt(switchEnd(third), 0.3334, linear))).toEqual({
    kind: 'range',
    low: 0.33,
    high: 0.33,
  })
})

describe('on a logit scale', () => {
  it('the pointer gives the value of its place, and the place is kept', () => {
    expect(toAnswer(placeAt(unset, 0.9, logit))).toEqual({ kind: 'score', value: 0.989, rawPosition: 0.9 })
    expect(toAnswer(placeAt(unset, 0.75, logit))).toEqual({ kind: 'score', value: 0.93, rawPosition: 0.75 })
  })
  it('digits and the ends give exactly their value', () => {
    const given = [0, 0.1, 0.5, 0.9, 1].map((value) => toAnswer(placeValue(unset, value, logit)))
    expect(given).toEqual(
      [0, 0.1, 0.5, 0.9, 1].map((value) => ({
        kind: 'score',
        value,
        rawPosition: expect.closeTo(positionOf(value, logit), 12) as number,
      })),
    )
    expect([given[0], given[4]]).toEqual([
      { kind: 'score', value: 0, rawPosition: 0 },
      { kind: 'score', value: 1, rawPosition: 1 },
    ])
  })
  it('arrows move along the track, each step to another value, up to the end and back to where they began', () => {
    let draft: Draft = placeValue(unset, 0, logit)
    const values: number[] = []
    for (let step = 0; step < 100; step += 1) {
      draft = moveBy(draft, 0.01, logit)
      values.push(draft.kind === 'score' ? draft.value : Number.NaN)
    }
    expect([values[0], values[49], values[98], values[99]]).toEqual([0.0007, 0.5, 0.9993, 1])
    expect(values.every((value, index) => index === 0 || value > (values[index - 1] ?? 1))).toBe(true)
    const third = placeValue(unset, 0.3, logit)
    const there = moveBy(moveBy(third, 0.1, logit), -0.1, logit)
    expect(toAnswer(there)).toMatchObject({ value: 0.3 })
    expect(toAnswer(moveBy(unset, 0.1, logit))).toEqual({ kind: 'score', value: 0.73, rawPosition: 0.6 })
  })
  it('a range has the values of its two places', () => {
    const drawn = drawRange(0.9, 0.2, logit)
    expect(toAnswer(drawn)).toEqual({ kind: 'range', low: 0.041, high: 0.989 })
    expect(grabNearest(drawn, 0.7)).toMatchObject({ active: 'high' })
    const opened = toggleRange(placeAt(unset, 0.5, logit), logit)
    expect(toAnswer(opened)).toEqual({ kind: 'range', low: 0.27, high: 0.73 })
    expect(valueAt(0.4, logit)).toBeCloseTo(0.27, 2)
  })
  it('an answer given on a linear scale keeps its value and stands where that value is', () => {
    const before = { kind: 'score', value: 0.78, rawPosition: 0.7812 } as const
    const draft = fromAnswer(before, logit)
    expect(draft).toEqual({
      kind: 'score',
      value: 0.78,
      rawPosition: expect.closeTo(positionOf(0.78, logit), 12) as number,
    })
    expect(onScale(draft, logit)).toEqual(draft)
    expect(toAnswer(onScale(range(0.2, 0.6, 'low'), logit))).toEqual({ kind: 'range', low: 0.2, high: 0.6 })
  })
})
