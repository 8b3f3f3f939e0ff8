import { afterEach, expect, test } from 'vitest'
import type { EvidenceState } from '#shared/contract/evidence.ts'
import type { EvidenceReport } from '#shared/domain/evidence.ts'
import { exampleId, exampleJob, exampleOverview } from '../../testing/examples.ts'
import { connectInMemory } from '../../testing/inMemoryBackend.ts'
import { mountView, settled } from '../../testing/mountView.ts'
import ProgressSection from './ProgressSection.vue'
import {
  adviceParts,
  curveChart,
  curveLegend,
  curveNote,
  curveTable,
  labelWords,
  paceWords,
} from './progressTables.ts'

afterEach(() => {
  document.body.innerHTML = ''
})

const around = (value: number, half = 0.03) => ({ value, low: value - half, high: value + half })

const report: EvidenceReport = {
  figures: {
    labels: { given: 240, used: 240, random: 130, chosen: 100, other: 10, base: 60 },
    holdout: { pairs: 180, premises: 150, used: 180 },
    curve: {
      points: [20, 60, 240].map((labels, place) => ({ labels, pearson: around(0.6 + place / 10) })),
      reason: null,
    },
    comparison: {
      points: [{ added: 60, chosen: 0.78, random: 0.75, difference: around(0.03, 0.02) }],
      draws: 8,
      verdict: 'better',
      sentence: 'Chosen pairs teach the model more than random ones.',
    },
    saving: {
      saved: around(70, 50),
      points: [],
      verdict: 'saved',
      sentence: 'About 70 labels saved so far (20 to 120).',
    },
    projection: {
      points: [50, 200, 500].map((more) => ({ more, labels: 240 + more, pearson: around(0.81) })),
      fit: { a: 0.9, b: 1, c: 0.5, points: 12 },
      gain: around(0.01, 0.01),
      reason: null,
    },
    remarks: [],
    seconds: 2,
  },
  runs: [{ number: 7, labels: 200, pearson: around(0.79) }],
  present: around(0.79),
  ceiling: { pairs: 40, pearson: 0.86, mae: 0.1 },
  stop: { advice: 'stop', sentence: 'Stopping is reasonable: the next 50 labels add little.' },
  createdAt: '2026-11-23T10:00:00.000Z',
}
const pace = {
  raters: [
    { raterId: exampleId(1), name: 'Ada', ratings: 20, pairsPerMinute: 12 },
    { raterId: exampleId(2), name: 'Ben', ratings: 20, pairsPerMinute: 8 },
  ],
  pairsPerMinute: 9.6,
  minutesForNext: 5.2,
  reason: null,
}

async function mounted(state: EvidenceState) {
  const asked: string[] = []
  let present = state
  const served = await connectInMemory({
    'project.current': () => exampleOverview(),
    'jobs.list': () => [],
    'evidence.read': () => present,
    'evidence.measure': () => {
      asked.push('measure')
      return { jobId: exampleId(80) }
    },
  })
  const { wrapper } = await mountView(ProgressSection, '/train')
  return { asked, wrapper, served, now: (later: EvidenceState) => (present = later) }
}

test('the last report is shown at once, and said to be old where it is', async () => {
  const { wrapper } = await mounted({ report, isCurrent: false, pace })
  const text = wrapper.text()
  expect(text).toContain('Stopping is reasonable: the next 50 labels add little.')
  expect(text).toContain('ratings, runs or settings have changed since')
  expect(text).toContain('About 70 labels saved so far (20 to 120).')
  expect(text).toContain('240 labels: 130 at random, 100 chosen by a strategy, 10 otherwise.')
  expect(text).toContain(
    '9.6 pairs a minute (Ada 12.0, Ben 8.0): the next 50 labels take one person about 5 min.',
  )
  const table = wrapper.findAll('button').find((button) => button.text() === 'Table')!
  await table.trigger('click')
  expect(wrapper.findAll('tbody tr').map((row) => row.text())).toContain('run 7200.790 [.760, .820]')
})

test('before the first it says what it would say, measures when asked, and shows it when the job has ended', async () => {
  const { wrapper, asked, served, now } = await mounted({ report: null, isCurrent: false, pace })
  expect(wrapper.text()).toContain('It is measured after each training.')
  const button = wrapper.findAll('button').find((found) => found.text() === 'Measure')!
  await button.trigger('click')
  await settled()
  expect(asked).toEqual(['measure'])
  served.emit('job', exampleJob(80, { kind: 'evidence' }))
  await settled()
  expect(button.attributes('disabled')).toBeDefined()
  now({ report, isCurrent: true, pace })
  served.emit('job', { ...exampleJob(80, { kind: 'evidence' }), outcome: { status: 'finished' } })
  await settled()
  expect(wrapper.text()).toContain('Stopping is reasonable')
  expect(wrapper.text()).not.toContain('have changed since')
})

test('what cannot be told is a sentence and a way on, without empty charts', async () => {
  const reason = 'The holdout has 12 rated pairs of 4 premises: too small to judge with.'
  const figures: EvidenceReport['figures'] = {
    ...report.figures,
    curve: { points: [], reason },
    comparison: { points: [], draws: 0, verdict: null, sentence: reason },
    projection: { points: [], fit: null, gain: null, reason },
  }
  const stop = {
    advice: 'unknown',
    sentence: `Whether more labels pay cannot be told yet. ${reason}`,
  } as const
  const { wrapper } = await mounted({ report: { ...report, figures, stop }, isCurrent: true, pace })
  expect(wrapper.text().split(reason)).toHaveLength(2)
  expect(wrapper.find('.chart-card').exists()).toBe(false)
  expect(wrapper.findAll('button').map((button) => button.text())).toContain('Go to Annotate')
})

test('the projection goes on from the last point, and what is not there is not in the legend', () => {
  const chart = curveChart(report)
  expect(chart.lines[1]?.points.map(({ x }) => x)).toEqual([240, 290, 440, 740])
  expect(curveLegend(chart).map(({ label }) => label)).toEqual([
    'as labels came (ridge)',
    'projected',
    'runs',
    'one rater against the others .86',
  ])
  const bare = { ...report, runs: [], ceiling: null }
  const none = {
    ...bare,
    figures: { ...bare.figures, projection: { ...bare.figures.projection, points: [], fit: null } },
  }
  expect(curveLegend(curveChart(none)).map(({ label }) => label)).toEqual(['as labels came (ridge)'])
  expect(curveTable(none).rows).toHaveLength(3)
  expect(curveNote(report)).toBe(
    '180 held-out pairs of 150 premises. Bands are 95% intervals. Runs were judged on the holdout as it was then. Projected by a power law through 12 points: 50 more .81 [.78, .84], 200 more .81 [.78, .84], 500 more .81 [.78, .84].',
  )
})

test('the advice is told from what it rests on', () => {
  expect(adviceParts({ advice: 'go-on', sentence: 'Go on: r .81 rises.' })).toEqual({
    lead: 'Go on:',
    rest: ' r .81 rises.',
  })
})

test('words for labels that were drawn, and for a pace that is not known', () => {
  const labels = { given: 5200, used: 2000, random: 2000, chosen: 0, other: 0, base: 2000 }
  expect(labelWords({ ...report, figures: { ...report.figures, labels } })).toBe(
    '2,000 labels of 5,200: 2,000 at random, 0 chosen by a strategy.',
  )
  const none = { raters: [], pairsPerMinute: null, minutesForNext: null, reason: 'Nobody has rated.' }
  expect(paceWords(none)).toBe('Nobody has rated.')
})
