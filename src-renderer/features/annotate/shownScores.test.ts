import { expect, test } from 'vitest'
import type { RevealedScores } from '#shared/contract/annotate.ts'
import { exampleId } from '../../testing/examples.ts'
import { isSameTarget, markDisputed, shownScores } from './shownScores.ts'

const revealed: RevealedScores = {
  pairId: exampleId(1),
  own: { ratingId: exampleId(500), score: 0.7 },
  others: [
    { ratingId: exampleId(701), raterName: 'Ines', score: 0.82, note: 'hm', disputed: false },
    { ratingId: exampleId(702), raterName: 'Olek', score: 0.9985, note: null, disputed: false },
  ],
  prediction: {
    ...{ runId: exampleId(800), score: 0.74, variance: 0.004, low: 0.61, high: 0.88 },
    ...{ spread: null, doubt: null, abstained: false, outOfFold: false, disputed: false },
  },
  consensus: { score: 0.8, adjudicated: true, disputed: false },
  gold: { score: 0.6, tolerance: 0.15, explanation: 'As the guideline says.', within: true, disputed: false },
}

test('every score that is revealed is listed with whose it is, and can be disputed by itself', () => {
  const shown = shownScores(revealed, 'linear')
  expect(shown.map(({ who, score, span, within, about }) => [who, score, span, within, about])).toEqual([
    ['gold', '.60', '± .15', true, 'As the guideline says.'],
    ['adjudicated', '.80', '', null, ''],
    ['Ines', '.82', '', null, 'hm'],
    ['Olek', '1.00', '', null, ''],
    ['model', '.74', '[.61–.88]', null, ''],
  ])
  const marked = shown.map(({ target }) =>
    shownScores(markDisputed(revealed, target), 'linear').map(({ disputed }) => disputed),
  )
  expect(marked).toEqual(shown.map((_, index) => shown.map((__, other) => other === index)))
  const same = shown.map(({ target }) => shown.map((other) => isSameTarget(target, other.target)))
  expect(same).toEqual(marked)
})

test('on a logit scale a score near the end is not shown as the end', () => {
  expect(shownScores(revealed, 'logit').map(({ score }) => score)).toEqual([
    '.60',
    '.80',
    '.82',
    '.9985',
    '.74',
  ])
})

test('nothing is listed that is not revealed', () => {
  expect(
    shownScores({ ...revealed, others: [], prediction: null, consensus: null, gold: null }, 'linear'),
  ).toEqual([])
})
