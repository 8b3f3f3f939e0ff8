import { expect, test } from 'vitest'
import { createRandom } from '../random.ts'
import { canBeTold, chooseSignal, wrongScores } from './calibrate.ts'

test('a score is wrong where it is further from its target than the tolerance', () => {
  expect(wrongScores([0.5, 0.5, 0.5, 0.1], [0.5, 0.75, 0.8, 0.5], 0.25)).toEqual([false, false, true, true])
})

test('ten wrong and ten right scores are enough to tell them apart', () => {
  const wrong = (yes: number, no: number): boolean[] => [
    ...new Array<boolean>(yes).fill(true),
    ...new Array<boolean>(no).fill(false),
  ]
  expect([wrong(10, 10), wrong(9, 50), wrong(50, 9), []].map(canBeTold)).toEqual([true, false, false, false])
})

const random = createRandom(4, 'signals')
const wrong = Array.from({ length: 100 }, (_, row) => row % 4 === 0)
const group = Int32Array.from(wrong.keys())
/** Tells wrong from right up to noise. */
const signal = (noise: number): Float32Array =>
  Float32Array.from(wrong, (isWrong) => Number(isWrong) + noise * random.uniform())

test('the signal of lowest AURC is chosen, and as many rows are abstained from as are wrong', () => {
  const perfect = signal(0.9)
  const chosen = chooseSignal(
    { variance: signal(5), abstention: perfect, threshold: signal(2) },
    wrong,
    group,
  )
  expect(chosen?.name).toBe('abstention')
  expect(Object.keys(chosen?.aurc ?? {})).toEqual(['variance', 'abstention', 'threshold'])
  expect(chosen!.aurc.abstention).toBeLessThan(chosen!.aurc.threshold!)
  expect(chosen!.aurc.threshold).toBeLessThan(chosen!.aurc.variance!)
  // 25 of 100 are wrong, and the best signal has just these above its threshold.
  expect([...perfect].map((value) => value > chosen!.abstainAbove)).toEqual(wrong)
  // AURC by hand: risk 0 up to 75 rows, then (k − 75) / k for k to 100, in the mean over 100.
  const byHand =
    Array.from({ length: 25 }, (_, index) => (index + 1) / (76 + index)).reduce((a, b) => a + b) / 100
  expect(chosen!.aurc.abstention).toBeCloseTo(byHand, 6)
})

test('equal signals keep the first, and nothing is chosen where wrong and right are too few', () => {
  const same = signal(3)
  expect(chooseSignal({ spread: same, variance: same }, wrong, group)?.name).toBe('spread')
  expect(
    chooseSignal(
      { spread: same },
      wrong.map(() => false),
      group,
    ),
  ).toBeNull()
  expect(chooseSignal({}, wrong, group)).toBeNull()
})
