import { expect, test } from 'vitest'
import {
  exampleAgreement,
  exampleFigure,
  exampleRater,
  missingFigure,
} from '../../testing/agreementExamples.ts'
import { projectionTable, projectionWords } from './agreementTables.ts'
import { agreementFacts, agreementVerdict, alphaWords, comparedWords } from './agreementVerdict.ts'
import { differenceWords } from './consensusWords.ts'
import { asSentence, figureText, signed } from './figureWords.ts'
import { raterLines } from './raterLines.ts'

const spoken = (pieces: readonly { text: string }[]): string => pieces.map(({ text }) => text).join('')

test('α is put in words by the conventions of .667 and .8, minding its interval', () => {
  expect([
    alphaWords(exampleFigure(0.51, 0.02)),
    alphaWords(exampleFigure(0.667, null)),
    alphaWords(exampleFigure(0.79, 0.02)),
    alphaWords(exampleFigure(0.7, 0.2)),
    alphaWords(exampleFigure(0.85, 0.04)),
    alphaWords(missingFigure('Needs two raters.')),
  ]).toEqual([
    'below .667, too low to rest conclusions on single scores',
    'between .667 and .8, good for tentative conclusions only',
    'between .667 and .8, good for tentative conclusions only, though its interval reaches across .8',
    'between .667 and .8, good for tentative conclusions only, though its interval reaches across .667 and .8',
    'at least .8, scores can be relied upon',
    '',
  ])
})

test('the verdict says what single scores and means are worth, or why nothing can be said', () => {
  expect(spoken(agreementVerdict(exampleAgreement()))).toBe(
    'α .71 [.68, .74]: between .667 and .8, good for tentative conclusions only. One rater’s score: ICC(1) .70 ' +
      '[.67, .73]. The mean of 3 raters, as many as a pair has: ICC(2,k) .88 [.85, .91].',
  )
  const constant = exampleAgreement({
    alpha: missingFigure('all scores are the same'),
    iccSingle: missingFigure('x'),
  })
  expect(spoken(agreementVerdict(constant))).toBe('No α: all scores are the same.')
  expect(agreementFacts(exampleAgreement({ setAside: 1 }))).toEqual([
    '360 ratings of 60 pairs',
    '60 pairs with two raters or more, 3 raters each',
    '3 raters',
    '1 set aside',
  ])
})

test('figures show a dash with the reason where they are missing, and never NaN', () => {
  expect([
    figureText(exampleFigure(0.4)),
    figureText(exampleFigure(0.4, null)),
    figureText(missingFigure('Needs three shared pairs.')),
    figureText(exampleFigure(Number.NaN)).value,
    asSentence('needs more raters'),
    [signed(0.041), signed(-0.11), signed(0.004)],
  ]).toEqual([
    { value: '.40', ends: '[.37, .43]', reason: '' },
    { value: '.40', ends: '', reason: '' },
    { value: '–', ends: '', reason: 'Needs three shared pairs.' },
    '–',
    'Needs more raters.',
    ['+.04', '−.11', '.00'],
  ])
})

test('raters are sorted by any column, those without the figure last either way', () => {
  const { table } = exampleAgreement()
  const order = (key: string, descending: boolean): string[] =>
    raterLines(table, { key, descending }).map(({ name }) => name)
  expect([
    order('ratings', true),
    order('name', false),
    order('bias', false),
    order('pearson', true),
    order('pearson', false),
  ]).toEqual([
    ['Rater 1', 'Rater 2', 'Rater 3'],
    ['Rater 1', 'Rater 2', 'Rater 3'],
    ['Rater 2', 'Rater 1', 'Rater 3'],
    ['Rater 1', 'Rater 2', 'Rater 3'],
    ['Rater 2', 'Rater 1', 'Rater 3'],
  ])
  const gold = exampleRater(4, { gold: exampleFigure(0.8, null), golds: 10 })
  expect(raterLines([gold], { key: 'gold', descending: true })[0]?.figures.gold).toEqual({
    value: '80%',
    ends: 'of 10',
    reason: '',
  })
})

test('what more raters buy is told in raters, and measured points stand beside the projection', () => {
  expect(projectionWords(exampleAgreement())).toBe('Raters a pair needs: 2 for .80, 4 for .90.')
  const { projection } = exampleAgreement()
  expect(
    projectionWords(exampleAgreement({ projection: { ...projection, curve: projection.curve.slice(0, 1) } })),
  ).toBe('Even with 1 rater a pair their mean reaches only .70.')
  expect(projectionTable(exampleAgreement()).rows.slice(0, 2)).toEqual([
    ['1', '.70', '–'],
    ['2', '.82', '.81 [.78, .84]'],
  ])
})

test('rules and raters are compared in a sentence', () => {
  expect(
    exampleAgreement()
      .differences.map(differenceWords)
      .concat(
        differenceWords({ rule: 'median', meanDifference: null, moved: 0, reason: 'Needs two raters.' }),
      ),
  ).toEqual([
    '',
    'Differs from the mean by .014 on average; 1 pair moves by more than .1.',
    'Differs from the mean by .042 on average; 9 pairs move by more than .1.',
    'Needs two raters.',
  ])
  expect([
    comparedWords('Ada', 'Ben', exampleFigure(0.08, null)),
    comparedWords('Ada', 'Ben', exampleFigure(-0.2, null)),
    comparedWords('Ada', 'Ben', exampleFigure(0.001, null)),
  ]).toEqual([
    'On average Ben gives .08 more than Ada.',
    'On average Ada gives .20 more than Ben.',
    'On average Ada and Ben give the same.',
  ])
})
