import { expect, test } from 'vitest'
import {
  exampleEvaluation,
  exampleOverview,
  exampleReport,
  exampleRun,
  judged,
} from '../../testing/examples.ts'
import { choice, endedEarly, sinceRun, spoken, verdict } from './verdict.ts'

const outlook = { labelledPairs: 120, train: 80, validation: 18, holdout: 22, pool: 400, obstacle: null }
const say = (...changes: Parameters<typeof exampleReport>): string =>
  spoken(verdict([exampleRun(7, { report: exampleReport(...changes) })], outlook))
const judgedAs = (used: ReturnType<typeof judged>) => exampleEvaluation({ used })
const rows = (train: number) => ({ ...exampleReport().rows, train })
const ceilingAt = (pearson: number) => ({ pairs: 120, pearson, mae: 0.09 })

test('a run with a holdout: its figure, ridge, people, and what would help', () => {
  const pieces = verdict([exampleRun(7)], outlook)
  expect([spoken(pieces), pieces.filter((piece) => piece.strong).map((piece) => piece.text)]).toEqual([
    'r .81 [.78, .84] on 310 held-out pairs; ridge .78; people .86: with 1,090 labels, a stronger encoder might help more than further ones.',
    ['r .81 [.78, .84]', '.86'],
  ])
})

test('what would help depends on where the interval lies to what people reach', () => {
  const wide = { ...judged(0.7), pearson: { value: 0.7, low: 0.4, high: 0.87 } }
  expect([
    say({ rows: rows(400) }),
    say({ ceiling: ceilingAt(0.82) }),
    say({ ceiling: ceilingAt(0.7) }),
    say({ holdout: judgedAs(wide) }),
  ]).toEqual([
    'r .81 [.78, .84] on 310 held-out pairs; ridge .78; people .86: more labels should help.',
    'r .81 [.78, .84] on 310 held-out pairs; ridge .78; people .82: more labels will not help much, a stronger encoder might.',
    'r .81 [.78, .84] on 310 held-out pairs; ridge .78; people .70: more labels will not help much, a stronger encoder might.',
    'r .70 [.40, .87] on 310 held-out pairs; ridge .78; people .86: too few held-out pairs to tell how far from people it is.',
  ])
})

test('where ridge is used, the rival is the blend', () => {
  expect(say({ used: 'ridge', ceiling: null })).toBe(
    'r .81 [.78, .84] on 310 held-out pairs; the blend .81; what people reach is unknown: too few pairs have two raters.',
  )
})

test('why the model in use is used', () => {
  const first = {
    blend: { ridge: 0, cosine: 0, regression: 1, interaction: 0 },
    outOfFoldPearson: {},
    validationPearson: { regression: 0.802, ridge: 0.771 },
  }
  expect([
    choice(exampleReport()),
    choice(exampleReport({ used: 'ridge', outOfFoldPearson: { blend: 0.774, ridge: 0.771 } })),
    choice(exampleReport(first)),
    choice(exampleReport({ outOfFoldPearson: { blend: null, ridge: 0.7 } })),
    choice(exampleReport({ used: 'ridge', outOfFoldPearson: { blend: null, ridge: null } })),
  ]).toEqual([
    'Scores are given by a blend of ridge .66, interaction .34, clearly ahead of ridge (.802 against .771 on pairs they were not trained on).',
    'The heads do not clearly beat ridge (.774 against .771 on pairs they were not trained on), so ridge is used.',
    'Scores are given by regression alone, clearly ahead of ridge (.802 against .771 on validation).',
    'Scores are given by a blend of ridge .66, interaction .34; no correlation could be had, so the smaller error decided.',
    'Scores are given by ridge; no correlation could be had, so the smaller error decided.',
  ])
})

test('without a holdout nothing independent is claimed', () => {
  expect([say({ holdout: null }), say({ holdout: null, used: 'ridge' })]).toEqual([
    'Validation r .81, which also chose when to stop: no held-out pair is labelled, so nothing independent judges this model.',
    'Validation r .78, which also chose when to stop: no held-out pair is labelled, so nothing independent judges this model.',
  ])
})

test('a holdout without a correlation says why', () => {
  expect([
    say({ holdout: judgedAs({ ...judged(null, 2), rmse: null }) }),
    say({ holdout: judgedAs(judged(null, 40)) }),
  ]).toEqual([
    'No correlation on 2 held-out pairs: too few for a correlation.',
    'RMSE .158 on 40 held-out pairs: all have the same score, so there is no correlation.',
  ])
})

test('before the first run: what is there, or what is missing', () => {
  const obstacle = 'Training needs at least 20 labelled pairs outside the holdout; there are 3.'
  const failed = exampleRun(1, { status: 'failed', report: null })
  expect(
    [
      verdict([], null),
      verdict([failed], outlook),
      verdict([], { ...outlook, holdout: 0 }),
      verdict([], { ...outlook, obstacle }),
    ].map(spoken),
  ).toEqual([
    '',
    'Not trained yet. 120 labelled pairs can be used now; 22 held-out pairs will judge the result.',
    'Not trained yet. 120 labelled pairs can be used now; none of them is held out, so nothing independent would judge the result.',
    `Not trained yet. ${obstacle}`,
  ])
})

test('a run that ended early says what happened and what is in use', () => {
  const killed = exampleRun(8, {
    status: 'failed',
    report: null,
    failure: 'The training process was ended by SIGKILL.',
  })
  const cancelled = exampleRun(8, { status: 'cancelled', report: null, failure: 'Cancelled.' })
  expect([
    endedEarly([killed, exampleRun(7)]),
    endedEarly([cancelled]),
    endedEarly([exampleRun(7), cancelled]),
    endedEarly([]),
  ]).toEqual([
    {
      text: 'Run 8 did not finish. The training process was ended by SIGKILL. The project still uses run 7.',
      failed: true,
    },
    { text: 'Run 8 was cancelled. The project has no model yet.', failed: false },
    null,
    null,
  ])
})

test('new ratings since the run', () => {
  const { model } = exampleOverview()
  expect([sinceRun(model), sinceRun(model && { ...model, newRatings: 0 }), sinceRun(null)]).toEqual([
    '32 new ratings since run 7',
    'no new ratings since run 7',
    '',
  ])
})
