import { afterEach, expect, test } from 'vitest'
import type { AgreementReport } from '#shared/contract/agreement.ts'
import type { ProjectOverview } from '#shared/contract/project.ts'
import type { ConsensusRule } from '#shared/domain/project.ts'
import { exampleAgreement, exampleFigure, exampleRater } from '../../testing/agreementExamples.ts'
import { exampleId, exampleJob, exampleOverview } from '../../testing/examples.ts'
import { connectInMemory } from '../../testing/inMemoryBackend.ts'
import { mountView, settled } from '../../testing/mountView.ts'
import View from './View.vue'

afterEach(() => {
  document.body.innerHTML = ''
})

async function agreementView(report: AgreementReport = exampleAgreement()) {
  const state = {
    report,
    called: [] as unknown[],
    consensus: 'mean' as ConsensusRule,
  }
  const overview = (): ProjectOverview => {
    const made = exampleOverview()
    return { ...made, settings: { ...made.settings, consensus: state.consensus } }
  }
  const served = await connectInMemory({
    'project.current': overview,
    'jobs.list': () => [],
    'agreement.report': () => state.report,
    'agreement.intervals': () => {
      state.called.push('intervals')
      return { jobId: exampleId(90) }
    },
    'agreement.rater': ({ raterId }) => ({
      raterId,
      bins: [3, ...new Array<number>(19).fill(0)],
      drift: [
        { from: 1, to: 50, startedAt: '2026-11-01T08:00:00.000Z', score: 0.4, difference: 0.02, pace: 7 },
        { from: 51, to: 100, startedAt: '2026-11-02T08:00:00.000Z', score: 0.5, difference: null, pace: 5 },
      ],
      retest: {
        pearson: { ...exampleFigure(0, null), value: null, reason: 'Needs three blind repeats.' },
        difference: exampleFigure(0.6, null),
      },
      repeats: [
        {
          pairId: exampleId(31),
          premise: 'The ox ploughs.',
          hypothesis: 'It works.',
          score: 0.8,
          other: 0.2,
        },
      ],
      gold: [],
    }),
    'agreement.compare': ({ firstId, secondId }) => {
      state.called.push([firstId, secondId])
      return {
        shared: 2,
        pearson: { ...exampleFigure(0, null), value: null, reason: 'Needs three shared pairs.' },
        mae: exampleFigure(0.1, null),
        difference: exampleFigure(0.1, null),
        first: Float32Array.of(0.2, 0.4),
        second: Float32Array.of(0.3, 0.5),
        furthest: [{ pairId: exampleId(32), premise: 'A', hypothesis: 'B', score: 0.2, other: 0.3 }],
      }
    },
    'rater.setAside': (given) => {
      state.called.push(given)
      const setAside = { reason: given.reason, since: '2026-11-23T10:00:00.000Z' }
      state.report = exampleAgreement({ table: [exampleRater(1, { setAside })] })
      return {}
    },
    'consensus.fit': () => {
      state.called.push('fit')
      return { fitted: true, reason: null }
    },
    'jobs.cancel': () => ({}),
    'project.configure': ({ settings }) => {
      state.called.push(settings)
      state.consensus = settings?.consensus ?? state.consensus
      return overview()
    },
  })
  const { wrapper, router } = await mountView(View, '/agreement')
  const button = (text: string) => wrapper.findAll('button').find((found) => found.text() === text)
  return { state, wrapper, router, button, served }
}

test('the view opens with the verdict, the raters, two of them compared, and the rules', async () => {
  const { state, wrapper } = await agreementView()
  await new Promise((resolve) => setTimeout(resolve, 250))
  await settled()
  expect(wrapper.get('.verdict').text()).toContain('α .71 [.68, .74]: between .667 and .8')
  const grid = wrapper.get('[aria-label="Raters"]').text()
  expect(grid).toContain('Rater 2')
  expect(grid).toContain('Needs three shared pairs.')
  expect(wrapper.text()).toContain('MAE .10 on 2 pairs. On average Rater 2 gives .10 more than Rater 1.')
  expect(wrapper.text()).toContain('Raters a pair needs: 2 for .80, 4 for .90.')
  expect(wrapper.text()).toContain('9 pairs move by more than .1.')
  expect(wrapper.text()).not.toContain('NaN')
  expect(state.called).toEqual([[exampleId(1), exampleId(2)]])
  wrapper.unmount()
})

test('figures come first; intervals follow with a job that can be cancelled, and then the report has them', async () => {
  const { state, wrapper, served } = await agreementView(exampleAgreement({ withIntervals: false }))
  expect(state.called).toContain('intervals')
  served.emit('job', exampleJob(90, { kind: 'agreement' }))
  await settled()
  expect(wrapper.get('[role="progressbar"]').attributes('aria-valuenow')).toBe('40')
  state.report = exampleAgreement()
  served.emit('job', exampleJob(90, { kind: 'agreement' }, { status: 'finished' }))
  await settled()
  expect(wrapper.text()).toContain('95% intervals over pairs in brackets.')
  expect(state.called.filter((name) => name === 'intervals')).toHaveLength(1)
  wrapper.unmount()
})

test('intervals that were cancelled are begun again only when somebody asks', async () => {
  const { state, wrapper, served, button } = await agreementView(exampleAgreement({ withIntervals: false }))
  const asked = (): number => state.called.filter((name) => name === 'intervals').length
  served.emit('job', exampleJob(90, { kind: 'agreement' }))
  await settled()
  await button('Cancel')?.trigger('click')
  served.emit('job', exampleJob(90, { kind: 'agreement' }, { status: 'cancelled' }))
  served.emit('project', exampleOverview())
  await settled()
  expect([asked(), wrapper.text().includes('Intervals were not computed.')]).toEqual([1, true])
  await button('Compute intervals')?.trigger('click')
  await settled()
  expect(asked()).toBe(2)
  wrapper.unmount()
})

test('a report that takes long is made anew only when somebody asks', async () => {
  const { state, wrapper, served, button } = await agreementView(exampleAgreement({ seconds: 9 }))
  state.report = exampleAgreement({ seconds: 9, ratings: 361 })
  served.emit('project', { ...exampleOverview(), title: 'Another title' })
  await settled()
  expect(wrapper.text()).not.toContain('Something has changed')
  const { raters } = exampleOverview()
  served.emit('project', exampleOverview({ raters: raters.map((rater) => ({ ...rater, ratings: 129 })) }))
  await settled()
  expect(wrapper.get('.facts').text()).toContain('360 ratings')
  await button('Make them anew')?.trigger('click')
  await settled()
  expect(wrapper.get('.facts').text()).toContain('361 ratings')
  expect(wrapper.text()).not.toContain('Something has changed')
  wrapper.unmount()
})

test('without two raters on a pair it says what is needed, and still shows who has scored', async () => {
  const { state, wrapper, router, button } = await agreementView(
    exampleAgreement({ overlapping: 0, raters: 1, table: [exampleRater(1)], withIntervals: false }),
  )
  expect(wrapper.get('.empty').text()).toContain('Needs two raters on the same pair')
  expect(wrapper.get('.empty').text()).toContain('Let another one score some of the same pairs.')
  expect(wrapper.get('[aria-label="Raters"]').text()).toContain('Rater 1')
  expect([wrapper.find('.cards').exists(), state.called]).toEqual([false, []])
  await button('Plan who rates what')?.trigger('click')
  await settled()
  expect(router.currentRoute.value.path).toBe('/settings')
  wrapper.unmount()
})

test('a rater is opened, and set aside only with a reason', async () => {
  const { state, wrapper } = await agreementView()
  await wrapper.get('[aria-label="Raters"]').trigger('keydown', { key: 'Enter' })
  await settled()
  const dialog = document.querySelector<HTMLElement>('[role="dialog"]')!
  expect(dialog.textContent).toContain('Scores over time')
  expect(dialog.textContent).toContain('1 blind repeat, furthest apart first')
  expect(dialog.textContent).toContain('.20 → .80')
  const submit = async (): Promise<void> => {
    dialog.querySelector('form')?.dispatchEvent(new Event('submit', { bubbles: true, cancelable: true }))
    await settled()
  }
  const press = async (text: string): Promise<void> => {
    const found = [...dialog.querySelectorAll('button')].find((button) => button.textContent.trim() === text)
    found?.click()
    await settled()
  }
  await press('Set aside…')
  expect(document.activeElement).toBe(dialog.querySelector('input'))
  await submit()
  expect(dialog.textContent).toContain('Say why: the reason is kept.')
  const input = dialog.querySelector('input')!
  input.value = 'Answers at random.'
  input.dispatchEvent(new Event('input', { bubbles: true }))
  await submit()
  expect(state.called).toContainEqual({ raterId: exampleId(1), reason: 'Answers at random.' })
  expect(dialog.textContent).toContain('Answers at random.')
  await press('Take back…')
  expect(dialog.querySelector('form')?.textContent).toContain('Take back, because')
  wrapper.unmount()
})

test('the rater model is fitted before it becomes the rule of the project', async () => {
  const { state, wrapper } = await agreementView()
  expect(wrapper.get<HTMLInputElement>('input[value="mean"]').element.checked).toBe(true)
  await wrapper.get('input[value="rater-model"]').trigger('change')
  await settled()
  expect(state.called.filter((name) => !Array.isArray(name))).toEqual(['fit', { consensus: 'rater-model' }])
  expect(wrapper.get<HTMLInputElement>('input[value="rater-model"]').element.checked).toBe(true)
  wrapper.unmount()
})
