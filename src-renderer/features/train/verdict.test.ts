import { expect, test } from 'vitest'
import { exampleOverview, exampleReport, exampleRun, judged } from '../../testing/examples.ts'
import { endedEarly, sinceRun, spoken, verdict } from './verdict.ts'

const outlook = { labelledPairs: 120, train: 80, validation: 18, holdout: 22, pool: 400, obstacle: null }
const say = (...changes: Parameters<typeof exampleReport>): string =>
  spoken(verdict([exampleRun(7, { report: exampleReport(...changes) })], outlook))
const holdoutOf = (used: ReturnType<typeof judged>, ensemble = used) => ({
  used,
  ensemble,
  baselines: {
    mean: judged(null),
    cosine: judged(0.71),
    'hypothesis-only': judged(0.47),
    ridge: judged(0.78),
  },
})

test('a run with a holdout: figure, rivals, people, and which model is used', () => {
  const pieces = verdict([exampleRun(7)], outlook)
  expect([spoken(pieces), pieces.filter((piece) => piece.strong).map((piece) => piece.text)]).toEqual([
    'r .81 [.78, .84] on 310 held-out pairs. Ridge reaches .78, the cosine alone .71, people agree with each other at .86. The project uses the head ensemble, clearly ahead of ridge on validation (.80 against .77).',
    ['r .81 [.78, .84]', '.86'],
  ])
})

test('a head that does not beat ridge is said to be worse', () => {
  expect(
    say({
      used: 'ridge',
      validationPearson: { ensemble: 0.74, ridge: 0.77 },
      holdout: holdoutOf(judged(0.78), judged(0.75)),
    }),
  ).toBe(
    'r .78 [.75, .81] on 310 held-out pairs. The trained head reaches .75, the cosine alone .71, people agree with each other at .86. The head does not beat ridge on validation (.74 against .77), so the project uses ridge.',
  )
  expect(say({ used: 'ridge', validationPearson: { ensemble: 0.784, ridge: 0.77 } })).toContain(
    "The head's lead over ridge on validation (.78 against .77) may be chance, so the project uses ridge.",
  )
})

test('without a holdout nothing independent is claimed', () => {
  expect(say({ holdout: null, ceiling: null })).toBe(
    'Validation r .80, which also chose when to stop. No held-out pair is labelled, so nothing independent judges it. The project uses the head ensemble, clearly ahead of ridge on validation (.80 against .77).',
  )
})

test('a holdout without a correlation says why', () => {
  expect([
    say({ holdout: holdoutOf({ ...judged(null, 2), rmse: null }) }),
    say({ holdout: holdoutOf(judged(null, 40)) }),
  ]).toEqual([
    'No correlation on 2 held-out pairs: too few for a correlation. The project uses the head ensemble, clearly ahead of ridge on validation (.80 against .77).',
    'RMSE .158 on 40 held-out pairs: all have the same score, so there is no correlation. The project uses the head ensemble, clearly ahead of ridge on validation (.80 against .77).',
  ])
})

test('an unknown ceiling and an undefined validation are said', () => {
  expect(say({ ceiling: null, validationPearson: { ensemble: null, ridge: null } })).toBe(
    'r .81 [.78, .84] on 310 held-out pairs. Ridge reaches .78, the cosine alone .71; what people reach is unknown, too few pairs have two raters. The project uses the head ensemble: validation has no correlation, so the smaller error decided.',
  )
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
