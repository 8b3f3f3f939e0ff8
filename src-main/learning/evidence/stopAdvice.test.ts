import { expect, test } from 'vitest'
import { adviseStopping } from './stopAdvice.ts'

const curve = { points: [], reason: 'The holdout is too small.' }
const rising = (value: number) => ({
  curve: { points: [], reason: null },
  projection: { points: [], fit: null, gain: { value, low: value / 2, high: 2 * value }, reason: null },
})
const present = { value: 0.81, low: 0.78, high: 0.84 }

test('it goes on while the next labels add more than half the interval', () => {
  expect(adviseStopping(rising(0.032), present, 0.9, 120)).toEqual({
    advice: 'go-on',
    sentence:
      'Go on: the next 50 labels are expected to add .032 (.016 to .064) to r, more than the ±.030 to which the present r .81 (.78 to .84) is known on 120 held-out pairs.',
  })
  expect(adviseStopping(rising(0.028), present, null, 120)).toEqual({
    advice: 'stop',
    sentence:
      'Stopping is reasonable: the next 50 labels are expected to add .028 (.014 to .056) to r, less than the ±.030 to which the present r .81 (.78 to .84) is known on 120 held-out pairs. More rated pairs in the holdout would tell smaller gains.',
  })
})

test('it stops at what people reach, however much more labels would add', () => {
  expect(adviseStopping(rising(0.2), present, 0.81, 400)).toMatchObject({ advice: 'stop' })
  expect(adviseStopping(rising(0.2), present, 0.82, 400)).toMatchObject({ advice: 'go-on' })
})

test('it says why it cannot be told', () => {
  const projection = { points: [], fit: null, gain: null, reason: 'r has not risen.' }
  expect(adviseStopping({ curve, projection }, null, null, 5).sentence).toMatch(/holdout is too small/)
  expect(adviseStopping({ curve, projection }, present, null, 50)).toEqual({
    advice: 'unknown',
    sentence: 'Whether more labels pay cannot be told yet. r has not risen.',
  })
})
