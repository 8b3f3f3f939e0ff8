import { afterEach, expect, test } from 'vitest'
import type { ReviewRow } from '#shared/contract/review.ts'
import { exampleId, exampleOverview } from '../../testing/examples.ts'
import { connectInMemory } from '../../testing/inMemoryBackend.ts'
import { mountView, settled } from '../../testing/mountView.ts'
import { predictionFacts } from './predictionWords.ts'
import { retrainOffer } from './retrain.ts'
import { filterWords, emptyFilter } from './reviewTabs.ts'
import { rowLead, showsScores } from './rowWords.ts'
import { extendTo, nothingSelected, toggleRow } from './selection.ts'
import View from './View.vue'

afterEach(() => {
  document.body.innerHTML = ''
})

function suggested(rank: number, changes: Partial<ReviewRow> = {}): ReviewRow {
  return {
    position: rank - 1,
    pairId: exampleId(200 + rank),
    externalId: null,
    premise: `Premise ${rank}`,
    hypothesis: `Hypothesis ${rank}`,
    kind: null,
    weight: 0,
    reasons: [],
    scores: [],
    consensus: null,
    prediction: {
      score: 0.62,
      variance: 0.02,
      low: 0.41,
      high: 0.83,
      spread: null,
      doubt: null,
      abstained: false,
      outOfFold: false,
    },
    settled: null,
    why: 'The 5 heads range from 0.38 to 0.82. Asks for a first score.',
    suggestion: {
      id: exampleId(100 + rank),
      strategy: 'ensemble-variance',
      ask: 'new-pair',
      rank,
      reason: 'The 5 heads range from 0.38 to 0.82.',
      outcome: 'waiting',
    },
    deviation: null,
    ...changes,
  }
}

let refreshed = 0
async function reviewOf(rows: ReviewRow[], overview = exampleOverview()) {
  await connectInMemory({
    'project.current': () => overview,
    'jobs.list': () => [],
    'review.filters': () => [],
    'review.refresh': () => {
      refreshed += 1
      return { jobId: exampleId(900) }
    },
    'review.list': ({ offset, limit, query }) => {
      const listed = query.tab === 'uncertain' ? rows : []
      return {
        total: listed.length,
        rows: listed.slice(offset, offset + limit),
        counts: {
          uncertain: rows.length,
          ambiguous: 0,
          disputed: 0,
          'model-gap': 0,
          abstained: 0,
          disagreements: 0,
          settled: 0,
          compared: 0,
          comparedByThree: 0,
          raters: 1,
          predicted: 3,
          predictedAndRated: 0,
        },
        usualDeviation: null,
        ranking: {
          strategy: 'hybrid',
          batchSize: 20,
          randomShare: 0.2,
          waiting: 40,
          considered: 40,
          remark: null,
          createdAt: '2026-05-04T10:00:00.000Z',
        },
        model: { runNumber: 7, level: 0.9, signal: null, tolerance: null, threshold: null },
      }
    },
  })
  return mountView(View, '/review')
}

test('reviewing begins with what waits for whoever is at work; rank, what it asks for and why stand in its row', async () => {
  const { wrapper, router } = await reviewOf([suggested(1), suggested(2)])
  const head = wrapper.get('button.head')
  for (const words of ['1', 'new pair', 'model .62', 'Premise 1', 'The 5 heads range from 0.38 to 0.82.'])
    expect(head.text()).toContain(words)
  await wrapper
    .findAll('button')
    .find((button) => button.text() === 'Start reviewing')
    ?.trigger('click')
  await settled()
  expect(router.currentRoute.value.fullPath).toBe('/annotate?queue=review')
  wrapper.unmount()
})

test('how suggestions were ranked is said, and where settings say otherwise now; they are ranked anew', async () => {
  const { settings } = exampleOverview()
  const { wrapper } = await reviewOf(
    [suggested(1)],
    exampleOverview({ settings: { ...settings, strategy: 'igs' } }),
  )
  const line = wrapper.get('.line')
  expect(line.text()).toContain('in batches of 20, 20% of the new pairs drawn at random.')
  expect(line.text()).toContain('Settings say otherwise now.')
  await line.get('button').trigger('click')
  await settled()
  expect(refreshed).toBe(1)
  wrapper.unmount()
})

test('without a model, and with every suggestion rated, the view says what to do next', async () => {
  const without = await reviewOf([], exampleOverview({ model: null }))
  const empty = without.wrapper.get('.empty h2').text()
  without.wrapper.unmount()
  const done = await reviewOf([])
  expect([empty, done.wrapper.get('.empty h2').text()]).toEqual(['No model yet', 'Every suggestion is rated'])
  done.wrapper.unmount()
})

test('scores of a pair that waits for the next rater are not drawn where rating begins', () => {
  const scores = [{ raterName: 'Ada', score: 0.1, range: null }]
  const waiting = suggested(1, { scores, consensus: 0.1 })
  const rated = suggested(1, { scores, suggestion: { ...waiting.suggestion!, outcome: 'scored' } })
  expect([
    showsScores('uncertain', waiting),
    showsScores('uncertain', rated),
    showsScores('model-gap', waiting),
  ]).toEqual([false, true, true])
})

test('each list begins its rows with what it is about', () => {
  const scores = [0.1, 0.9, 0.9].map((score, index) => ({ raterName: `Rater ${index}`, score, range: null }))
  const alone = suggested(4, { scores, kind: 'two-camps', consensus: 0.2, deviation: 0.46 })
  const row: ReviewRow = { ...alone, prediction: { ...alone.prediction!, outOfFold: true } }
  const lead = (tab: Parameters<typeof rowLead>[0], of = row): string[] => {
    const { lead: first, second } = rowLead(tab, of)
    return [first, second]
  }
  const doubtful = suggested(1, { prediction: { ...row.prediction!, doubt: 0.71, abstained: true } })
  expect([
    lead('uncertain'),
    lead('ambiguous'),
    lead('disputed'),
    lead('model-gap'),
    lead('abstained', doubtful),
    lead('disagreements'),
  ]).toEqual([
    ['4', 'new pair'],
    ['two camps', 'spread .46'],
    ['two camps', '3 raters'],
    ['.42 apart', 'out of fold'],
    ['doubt .71', 'not rated'],
    ['two camps', ''],
  ])
})

test('a prediction says what is meant by its parts', () => {
  const model = {
    runNumber: 7,
    level: 0.9,
    signal: 'abstention' as const,
    tolerance: 0.15,
    threshold: 0.42,
  }
  const prediction = {
    score: 0.62,
    variance: 0.01,
    low: 0.4,
    high: 0.8,
    spread: 0.2,
    doubt: 0.7,
    abstained: true,
    outOfFold: false,
  }
  const facts = predictionFacts(prediction, { model, usualDeviation: 0.15 })
  expect(facts.map(({ label, value }) => [label, value])).toEqual([
    ['interval', '[.40, .80]'],
    ['heads', '± .10'],
    ['expected spread', '.20'],
    ['doubt', '.70'],
    ['abstains', 'yes'],
  ])
  expect(facts[0]?.meaning).toBe('Meant to hold 90% of people’s scores.')
  expect(facts[3]?.meaning).toContain('It declines above .42.')
  const bare = predictionFacts(
    { ...prediction, spread: null, doubt: null },
    { model: null, usualDeviation: null },
  )
  expect(bare.map(({ label }) => label)).toEqual(['interval', 'heads', 'abstains'])
})

test('a filter in words', () => {
  expect(filterWords(emptyFilter())).toEqual([])
  expect(
    filterWords({
      ...emptyFilter(),
      kind: 'two-camps',
      ratings: { low: 2, high: null },
      consensus: { low: 0.2, high: 0.4 },
      predicted: { low: null, high: 0.5 },
      modelGap: true,
    }),
  ).toEqual(['two camps', 'raters from 2', 'consensus .20 to .40', 'predicted to .50', 'far from the model'])
})

test('a range begins where Shift was first pressed, keeps what was chosen before, and passes over rows not at hand', () => {
  const ids = ['a', 'b', undefined, 'd', 'e']
  const before = toggleRow(nothingSelected, 'e')
  const down = extendTo(before, { from: 1, to: 3 }, (index) => ids[index])
  expect([...down.ids].sort()).toEqual(['b', 'd', 'e'])
  const up = extendTo(down, { from: 3, to: 0 }, (index) => ids[index])
  expect([...up.ids].sort()).toEqual(['a', 'b', 'e'])
})

test('retraining is offered when it is due', () => {
  const { model } = exampleOverview()
  expect([
    retrainOffer(model),
    retrainOffer(model && { ...model, retrainOffered: false }),
    retrainOffer(null),
  ]).toEqual(['32 new ratings since run 7.', null, null])
})
