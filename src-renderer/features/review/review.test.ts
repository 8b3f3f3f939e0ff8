import { afterEach, expect, test } from 'vitest'
import type { SuggestionRow } from '#shared/contract/review.ts'
import { exampleId, exampleOverview } from '../../testing/examples.ts'
import { connectInMemory } from '../../testing/inMemoryBackend.ts'
import { mountView } from '../../testing/mountView.ts'
import { retrainOffer } from './retrain.ts'
import { placesOf, predictionText } from './scoreLine.ts'
import View from './View.vue'

afterEach(() => {
  document.body.innerHTML = ''
})

function suggestion(rank: number): SuggestionRow {
  return {
    id: exampleId(100 + rank),
    runId: exampleId(7),
    pairId: exampleId(200 + rank),
    strategy: 'ensemble-variance',
    rank,
    reason: 'The 5 heads range from 0.38 to 0.82.',
    premise: `Premise ${rank}`,
    hypothesis: `Hypothesis ${rank}`,
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
    outcome: 'waiting',
    ask: 'new-pair',
  }
}

async function reviewOf(rows: SuggestionRow[], overview = exampleOverview()) {
  await connectInMemory({
    'project.current': () => overview,
    'jobs.list': () => [],
    'review.suggestions': ({ offset, limit }) => ({
      total: rows.length,
      runNumber: 7,
      ranking: null,
      rows: rows.slice(offset, offset + limit),
    }),
  })
  return mountView(View, '/review')
}

test('Enter opens the pair that the keys lead to, in the review queue', async () => {
  const { wrapper, router } = await reviewOf([suggestion(1), suggestion(2), suggestion(3)])
  const list = wrapper.get('[role="grid"]')
  await list.trigger('keydown', { key: 'ArrowDown' })
  await list.trigger('keydown', { key: 'Enter' })
  await router.isReady()
  await new Promise((resolve) => setTimeout(resolve))
  expect(router.currentRoute.value.fullPath).toBe(`/annotate?queue=review&pair=${exampleId(202)}`)
  wrapper.unmount()
})

test('reviewing begins with the first suggestion; figures and reason stand beside it', async () => {
  const { wrapper, router } = await reviewOf([suggestion(1), suggestion(2)])
  expect(
    wrapper
      .findAll('[role="gridcell"]')
      .slice(0, 4)
      .map((cell) => cell.text()),
  ).toEqual(['1', 'Premise 1Hypothesis 1', '.62 [.41, .83]', 'The 5 heads range from 0.38 to 0.82.'])
  await wrapper
    .findAll('button')
    .find((button) => button.text() === 'Start reviewing')
    ?.trigger('click')
  await new Promise((resolve) => setTimeout(resolve))
  expect(router.currentRoute.value.fullPath).toBe(`/annotate?queue=review&pair=${exampleId(201)}`)
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

test('retraining is offered when it is due', () => {
  const { model } = exampleOverview()
  expect([
    retrainOffer(model),
    retrainOffer(model && { ...model, retrainOffered: false }),
    retrainOffer(null),
  ]).toEqual(['32 new ratings since run 7.', null, null])
})

test('a score line stays inside 0 to 1 and holds its score', () => {
  expect([
    placesOf({ score: 0.62, low: 0.41, high: 0.83 }),
    placesOf({ score: 0.2, low: 0.3, high: 1.2 }),
    predictionText({ score: 1, low: 0.8, high: 1 }),
  ]).toEqual([{ score: 62, low: 41, high: 83 }, { score: 20, low: 20, high: 100 }, '1.00 [.80, 1.00]'])
})
