import { expect, test } from 'vitest'
import { countsEpoch, firstStanding, standAfter, type Standing } from './earlyStopping.ts'

/** The standing after some epochs, judged by Pearson or by loss. */
function after(kind: 'pearson' | 'loss', figures: readonly number[], minimumDelta: number): Standing {
  return figures.reduce(
    (standing, figure, index) =>
      standAfter(
        standing,
        { epoch: index + 1, pearson: kind === 'pearson' ? figure : null, loss: kind === 'loss' ? figure : 0 },
        minimumDelta,
      ),
    firstStanding,
  )
}

test('Pearson must rise by the smallest gain itself', () => {
  expect(after('pearson', [0.5, 0.5005], 0.001)).toEqual({
    bestEpoch: 2,
    monitored: 0.5005,
    reference: 0.5,
    waited: 1,
  })
  expect(after('pearson', [0.5, 0.5005, 0.5011], 0.001)).toMatchObject({ reference: 0.5011, waited: 0 })
})

test('a loss must fall by that share of itself: small losses gain as large ones do', () => {
  // By .2% each time, which on a loss of .01 is far less than .001.
  const falling = [1, 0.998, 0.996, 0.994]
  for (const scale of [0.01, 1, 100]) {
    const losses = falling.map((loss) => loss * scale)
    expect(after('loss', losses, 0.001)).toMatchObject({ bestEpoch: 4, waited: 0 })
    // By .05% each time: the third is the first to lie .1% below the first.
    const slowly = [1, 0.9995, 0.9989].map((loss) => loss * scale)
    expect(after('loss', slowly.slice(0, 2), 0.001)).toMatchObject({ bestEpoch: 2, waited: 1 })
    expect(after('loss', slowly, 0.001)).toMatchObject({ bestEpoch: 3, waited: 0 })
  }
})

test('the first epoch is a gain, and a loss that rises is none', () => {
  expect(after('loss', [0.3], 0.001)).toEqual({
    bestEpoch: 1,
    monitored: -0.3,
    reference: -0.3,
    waited: 0,
  })
  expect(after('loss', [0.3, 0.31, 0.32], 0.001)).toMatchObject({ bestEpoch: 1, waited: 2 })
  // Losses of logarithms of densities may be negative.
  expect(after('loss', [-0.3, -0.31], 0.001)).toMatchObject({ bestEpoch: 2, waited: 0 })
})

test('an epoch counts from the tenth step on, and the last one always', () => {
  expect([countsEpoch(9, 1, 50), countsEpoch(10, 1, 50), countsEpoch(3, 3, 3)]).toEqual([false, true, true])
})
