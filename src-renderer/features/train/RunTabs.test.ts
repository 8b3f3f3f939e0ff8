import { afterEach, expect, test } from 'vitest'
import type { JudgedSlice } from '#shared/contract/judging.ts'
import type { DecisionCosts } from '#shared/domain/judging.ts'
import type { Run } from '#shared/domain/run.ts'
import { exampleId, exampleOverview, exampleReport, exampleRun, judged } from '../../testing/examples.ts'
import { connectInMemory } from '../../testing/inMemoryBackend.ts'
import { mountView, settled } from '../../testing/mountView.ts'
import { useTrainStore, type RunTab } from './trainStore.ts'
import View from './View.vue'

afterEach(() => {
  document.body.innerHTML = ''
})

const outlook = { labelledPairs: 1272, train: 954, validation: 160, holdout: 158, pool: 1128, obstacle: null }
const interval = { value: 0.1, low: 0.08, high: 0.12 }
const { pearson, rmse, mae } = judged(0.8)
const slices: JudgedSlice[] = [
  {
    column: 'genre',
    label: 'letters',
    n: 40,
    pearson,
    rmse,
    mae,
    worst: [
      {
        pairId: exampleId(31),
        premise: 'The ox ploughs.',
        hypothesis: 'An animal works.',
        score: 0.2,
        target: 0.9,
        low: 0.1,
        high: 0.4,
      },
    ],
  },
  { column: 'genre', label: 'poems', n: 3, pearson: null, rmse: null, mae: null, worst: [] },
]

async function runTabs(run: Run, reason: string | null = null) {
  const asked: { costs: DecisionCosts; truth: number }[] = []
  const judgedOn = { runNumber: 7, n: reason === null ? 43 : 0, reason }
  await connectInMemory({
    'project.current': () => exampleOverview(),
    'jobs.list': () => [],
    'train.outlook': () => outlook,
    'train.runs': () => [run],
    'judging.rows': () => ({
      ...judgedOn,
      score: Float32Array.of(0.2, 0.8),
      target: Float32Array.of(0.1, 0.9),
    }),
    'judging.threshold': ({ costs, truth }) => {
      asked.push({ costs, truth })
      return reason !== null
        ? null
        : {
            n: 43,
            costs,
            truth,
            threshold: 0.5,
            band: { low: 0.3, high: 0.6 },
            cost: interval,
            costWithoutAbstaining: interval,
            shares: { yes: 0.5, no: 0.3, abstain: 0.2 },
            wrongYes: interval,
            wrongNo: interval,
            wrong: interval,
          }
    },
    'judging.precision': ({ wanted, truth }) =>
      reason !== null
        ? null
        : { n: 43, wanted, truth, threshold: 0.7, precision: interval, recall: interval, reason: null },
    'judging.slices': () => ({ ...judgedOn, slices: reason === null ? slices : [] }),
  })
  const { wrapper, router } = await mountView(View, '/train')
  const show = async (tab: RunTab): Promise<string> => {
    useTrainStore().tab = tab
    await settled()
    return wrapper.get('.tabs-panel[data-state="active"]').text()
  }
  return { wrapper, router, show, asked }
}

test('each tab tells what the report has', async () => {
  const { wrapper, show } = await runTabs(exampleRun(7))
  expect(await show('overview')).toContain('Holdout r, with 95% intervals, run 7')
  expect(await show('calibration')).toContain(
    '90% intervals hold 91% [89, 93] of 310 held-out pairs; mean width .42.',
  )
  const abstention = await show('abstention')
  expect(abstention).toContain('abstention head, AURC .140')
  expect(abstention).toContain('more than .12 off the consensus')
  wrapper.unmount()
})

test('a run without a holdout says so in every tab', async () => {
  const reason = 'No held-out pair has both a score of run 7 and a rating.'
  const run = exampleRun(7, { report: exampleReport({ holdout: null, conformal: null }) })
  const { wrapper, show } = await runTabs(run, reason)
  expect([
    await show('overview'),
    await show('calibration'),
    await show('abstention'),
    await show('threshold'),
    await show('slices'),
  ]).toEqual([
    expect.stringContaining('No held-out pair was labelled when this run was made.') as string,
    expect.stringContaining(
      'No held-out pair was labelled when this run was made, so it is not known.',
    ) as string,
    expect.stringContaining(
      'No held-out pair was labelled when this run was made, so it is not known',
    ) as string,
    expect.stringContaining(reason) as string,
    expect.stringContaining(reason) as string,
  ])
  wrapper.unmount()
})

test('thresholds are worked out as one types; a bad field is named and the last rule stays', async () => {
  const { wrapper, show, asked } = await runTabs(exampleRun(7))
  expect(await show('threshold')).toContain('Yes from .60, no below .30, abstain in between.')
  const field = wrapper.findAll('.field').find((found) => found.get('label').text() === 'A wrong yes')
  await field?.get('input').setValue('4')
  await new Promise((resolve) => setTimeout(resolve, 260))
  await settled()
  expect(asked.map(({ costs }) => costs.wrongYes)).toEqual([1, 4])
  await field?.get('input').setValue('-')
  await new Promise((resolve) => setTimeout(resolve, 260))
  expect([field?.get('.about').text(), asked.length]).toEqual(['A number from 0', 2])
  expect(wrapper.get('.stale').text()).toContain('Yes from .60')
  wrapper.unmount()
})

test('a slice opens its worst scores, and a pair leads to Annotate', async () => {
  const { wrapper, router, show } = await runTabs(exampleRun(7))
  const text = await show('slices')
  expect([text.includes('letters'), wrapper.findAll('.worst').length]).toEqual([true, 1])
  const row = (label: string, words: string) =>
    wrapper
      .get(`[aria-label="${label}"]`)
      .findAll('[role="row"]')
      .find((found) => found.text().includes(words))
  await row('Slices', 'poems')?.trigger('click')
  await settled()
  expect(wrapper.get('.panel').text()).toContain('Under 5 pairs a slice has no figures.')
  await row('Slices', 'letters')?.trigger('click')
  await settled()
  expect(row('Worst scores', 'The ox ploughs.')?.text()).toContain('.20 [.10, .40]')
  await row('Worst scores', 'The ox ploughs.')?.trigger('click')
  await settled()
  expect(router.currentRoute.value.fullPath).toBe(`/annotate?pair=${exampleId(31)}`)
  wrapper.unmount()
})

test('what was left out of a run is listed, and why its model is used', async () => {
  const remarks = ['No class labels were imported, so no NLI head was trained.']
  const run = exampleRun(7, { report: exampleReport({ used: 'ridge', remarks }) })
  const { wrapper } = await runTabs(run)
  expect([wrapper.get('.remarks').text(), wrapper.get('.choice').text()]).toEqual([
    remarks[0],
    'The heads do not clearly beat ridge (.802 against .771 on pairs they were not trained on), so ridge is used.',
  ])
  wrapper.unmount()
})
