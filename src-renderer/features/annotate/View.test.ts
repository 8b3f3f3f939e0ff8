import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import { GradusError } from '#shared/contract/errors.ts'
import type { WorkedExample } from '#shared/domain/project.ts'
import { useProjectStore } from '../../stores/project.ts'
import { exampleQueue, type ExampleQueue } from '../../testing/annotateQueue.ts'
import { exampleId, exampleOverview } from '../../testing/examples.ts'
import { connectInMemory } from '../../testing/inMemoryBackend.ts'
import View from './View.vue'

let queue: ExampleQueue
let wrapper: VueWrapper

/** Opens the view as the rater of the example project, at an address of the window. */
async function open(address = '/annotate', overview = exampleOverview()): Promise<void> {
  const empty = { template: '<p />' }
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: '/annotate', name: 'annotate', component: View },
      { path: '/:rest(.*)', component: empty },
    ],
  })
  await router.push(address)
  const pinia = createPinia()
  setActivePinia(pinia)
  const project = useProjectStore()
  project.setOverview(overview)
  project.chooseRater(exampleId(901))
  wrapper = mount(
    { template: '<RouterView />' },
    { global: { plugins: [pinia, router] }, attachTo: document.body },
  )
  await flushPromises()
}

beforeEach(async () => {
  localStorage.clear()
  queue = exampleQueue(4)
  await connectInMemory(queue.handlers)
})
afterEach(() => {
  wrapper.unmount()
  document.body.innerHTML = ''
})

async function press(
  key: string,
  held: KeyboardEventInit = {},
  target: Element | Window = window,
): Promise<void> {
  const code = /^\d$/.test(key) ? `Digit${key}` : key
  target.dispatchEvent(new KeyboardEvent('keydown', { key, code, bubbles: true, cancelable: true, ...held }))
  await flushPromises()
}

const state = (): unknown => ({
  premise: wrapper.find('.text p').exists() ? wrapper.get('.text p').text() : null,
  value: wrapper.find('[role="slider"]').attributes('aria-valuetext'),
})

describe('while a commit is under way', () => {
  it('keys change neither this pair nor the next', async () => {
    await open()
    const { promise, resolve } = Promise.withResolvers<undefined>()
    queue.gate = promise
    await press('7')
    await press('Enter')
    for (const key of ['3', 'ArrowRight', 'Enter', 'n', 'm', 's']) await press(key)
    expect([state(), document.querySelector('[role="menu"]')]).toEqual([
      { premise: 'Premise 1', value: '0.70' },
      null,
    ])
    resolve(undefined)
    await flushPromises()
    expect([state(), queue.commits.length]).toEqual([{ premise: 'Premise 2', value: 'unset' }, 1])
  })

  it('a drag that goes on does not set the next pair', async () => {
    await open()
    const slider = wrapper.get('[role="slider"]').element
    let captured = false
    Object.assign(slider, {
      setPointerCapture: () => (captured = true),
      hasPointerCapture: () => captured,
    })
    const point = (type: string): boolean =>
      slider.dispatchEvent(new PointerEvent(type, { pointerId: 1, button: 0, bubbles: true }))
    point('pointerdown')
    await press('Enter')
    point('pointermove')
    await flushPromises()
    expect(state()).toEqual({ premise: 'Premise 2', value: 'unset' })
  })
})

it('keeps what was set but not committed for this rater while another view is open', async () => {
  await open()
  await press('4')
  const { $router } = wrapper.vm
  await $router.push('/elsewhere')
  await flushPromises()
  await $router.push('/annotate')
  await flushPromises()
  const kept = state()
  const project = useProjectStore()
  const raters = exampleOverview().raters.flatMap((rater) => [rater, { ...rater, id: exampleId(902) }])
  project.setOverview(exampleOverview({ raters }))
  project.chooseRater(exampleId(902))
  await flushPromises()
  expect([kept, state()]).toEqual([
    { premise: 'Premise 1', value: '0.40' },
    { premise: 'Premise 1', value: 'unset' },
  ])
})

it('says the next pair to those who cannot see it', async () => {
  await open()
  await press('7')
  await press('Enter')
  expect(wrapper.get('[role="status"]').text()).toBe(
    '1 of 4 pairs are answered. Premise: Premise 2 Hypothesis: Hypothesis 2',
  )
})

describe('the keys', () => {
  it('answer pair after pair', async () => {
    await open()
    expect(state()).toEqual({ premise: 'Premise 1', value: 'unset' })
    await press('7')
    await press('ArrowRight')
    await press('ArrowLeft', { shiftKey: true })
    expect(state()).toEqual({ premise: 'Premise 1', value: '0.61' })
    await press('Enter')
    expect(state()).toEqual({ premise: 'Premise 2', value: 'unset' })
    await press('r')
    await press('2')
    await press('5')
    await press('Enter')
    await press('0', { shiftKey: true })
    await press('Enter')
    expect(queue.commits.map(({ answer, timing }) => [answer, timing?.changeCount])).toEqual([
      [{ kind: 'score', value: 0.61, rawPosition: 0.61 }, 2],
      [{ kind: 'range', low: 0.2, high: 0.5 }, 1],
      [{ kind: 'score', value: 1, rawPosition: 1 }, 0],
    ])
  })

  it('cannot commit what is unset, nor by holding Enter down', async () => {
    await open()
    await press('Enter')
    await press('r')
    await press('Enter')
    await press('Escape')
    await press('4')
    await press('Enter', { repeat: true })
    expect(queue.commits).toEqual([])
    expect(wrapper.get('.foot .primary').attributes('disabled')).toBeUndefined()
    expect(state()).toEqual({ premise: 'Premise 1', value: '0.40' })
  })

  it('undo across pairs and show the former answer; redo goes on', async () => {
    await open()
    await press('3')
    await press('Enter')
    await press('8')
    await press('z', { ctrlKey: true })
    expect(state()).toEqual({ premise: 'Premise 1', value: '0.30' })
    expect(wrapper.find('.previous').exists()).toBe(false)
    await press('Z', { ctrlKey: true, shiftKey: true })
    expect(state()).toEqual({ premise: 'Premise 2', value: '0.80' })
  })

  it('are left to text fields, to dialogs, and Enter to the button in focus', async () => {
    await open()
    const field = document.createElement('input')
    document.body.append(field)
    await press('5', {}, field)
    expect(state()).toEqual({ premise: 'Premise 1', value: 'unset' })
    await press('5')
    await press('Enter', {}, wrapper.get('.foot button').element)
    await press('?')
    await press('Enter')
    expect(queue.commits).toEqual([])
  })

  it("ask why a pair can't be judged and take the reason by its number", async () => {
    await open()
    await press('n')
    const menu = document.querySelector('[role="menu"]')
    expect(
      [...document.querySelectorAll('[role="menuitem"]')].map((item) => item.textContent.trim()),
    ).toEqual(['Not understandable1', 'Needs context2', 'Outside my knowledge3', 'Another reason4'])
    await press('3', {}, menu!)
    expect(queue.commits.map((commit) => commit.answer)).toEqual([
      { kind: 'cannot-judge', reason: 'outside-my-knowledge' },
    ])
    expect(state()).toEqual({ premise: 'Premise 2', value: 'unset' })
  })

  it('mark the words both sides share', async () => {
    await open()
    expect(wrapper.findAll('mark').length).toBe(0)
    await press('w')
    expect(wrapper.findAll('.text p').map((text) => text.text())).toEqual(['Premise 1', 'Hypothesis 1'])
    expect(wrapper.findAll('mark').map((word) => word.text())).toEqual(['1', '1'])
  })
})

it('keeps the answer on screen where it could not be stored', async () => {
  await open()
  queue.refusal = new GradusError('disk-full', 'The disk is full.')
  await press('6')
  await press('Enter')
  expect([state(), wrapper.get('[role="alert"]').text()]).toEqual([
    { premise: 'Premise 1', value: '0.60' },
    'The disk is full. The answer is still here.',
  ])
})

it('shows what others gave after the commit only, and takes a dispute of it', async () => {
  await open()
  expect(wrapper.find('.previous').exists()).toBe(false)
  await press('7')
  await press('Enter')
  expect(wrapper.get('.previous').text().replace(/\s+/g, ' ')).toBe(
    'Previous pairyou .70Ines .82Disputemodel .74[.61–.88]Dispute',
  )
  await press('d')
  expect(document.querySelector('[role="dialog"]')?.textContent).toContain('Premise 1')
})

it('disputes the consensus of the previous pair, beside the own score', async () => {
  queue.revealing = {
    consensus: { score: 0.66, adjudicated: false, disputed: false },
    gold: { score: 0.4, tolerance: 0.1, explanation: 'Fog is no fare.', within: false, disputed: false },
  }
  await open()
  await press('7')
  await press('Enter')
  expect(wrapper.get('.previous').text().replace(/\s+/g, ' ')).toBe(
    'Previous pairyou .70gold .40± .10outsidewhyDisputeconsensus .66DisputeInes .82Disputemodel .74[.61–.88]Dispute',
  )
  await wrapper.get('[aria-label="Dispute the score of consensus"]').trigger('click')
  await flushPromises()
  const dialog = document.querySelector('[role="dialog"]')
  expect([dialog?.querySelector('dl')?.textContent, dialog?.querySelector('.select')?.textContent]).toEqual([
    expect.stringContaining('Your score.70'),
    'consensus .66',
  ])
  const reason = dialog?.querySelector('textarea')
  if (reason == null) throw new Error('There is no place for the reason.')
  reason.value = 'Two of them misread it.'
  reason.dispatchEvent(new Event('input', { bubbles: true }))
  await flushPromises()
  dialog?.querySelector('form')?.dispatchEvent(new Event('submit', { bubbles: true, cancelable: true }))
  await flushPromises()
  expect(queue.disputes).toMatchObject([
    { target: { kind: 'consensus' }, reason: 'Two of them misread it.', pairId: exampleId(1) },
  ])
  expect(wrapper.get('.previous').text()).toContain('consensus .66disputed')
})

describe('how sure the rater is', () => {
  const asking = exampleOverview({ settings: { ...exampleOverview().settings, askConfidence: true } })
  const pressed = (): (string | undefined)[] =>
    wrapper.findAll('.sure button').map((button) => button.attributes('aria-pressed'))

  it('is neither shown nor stored where the project does not ask', async () => {
    await open()
    await press('c')
    await press('4')
    await press('Enter')
    expect([wrapper.find('.sure').exists(), queue.commits.map(({ confidence }) => confidence)]).toEqual([
      false,
      [null],
    ])
  })
  it('goes round by its key, is stored with the answer, and is not said of the next pair', async () => {
    await open('/annotate', asking)
    const seen: unknown[] = []
    for (let count = 0; count < 5; count += 1) {
      seen.push(pressed().indexOf('true'))
      await press('c')
    }
    expect(seen).toEqual([-1, 0, 1, 2, -1])
    expect(wrapper.get('[role="status"]').text()).toBe('How sure: unsure')
    await press('c')
    await press('4')
    await press('Enter')
    expect([queue.commits.map(({ confidence }) => confidence), pressed()]).toEqual([
      [2],
      ['false', 'false', 'false'],
    ])
  })
  it('comes back with an undone answer and with one left without a commit', async () => {
    await open('/annotate', asking)
    await wrapper.findAll('.sure button')[2]!.trigger('click')
    await press('4')
    await press('Enter')
    await press('c')
    await press('z', { ctrlKey: true })
    expect(pressed()).toEqual(['false', 'false', 'true'])
    await press('Z', { ctrlKey: true, shiftKey: true })
    expect(pressed()).toEqual(['true', 'false', 'false'])
  })
  it("is not stored where the pair can't be judged", async () => {
    await open('/annotate', asking)
    await press('c')
    await press('n')
    await press('2', {}, document.querySelector('[role="menu"]')!)
    expect(queue.commits.map(({ answer, confidence }) => [answer.kind, confidence])).toEqual([
      ['cannot-judge', null],
    ])
  })
})

it('on a logit scale, keys give values and steps along the line; another scale keeps the value set', async () => {
  const { settings } = exampleOverview()
  const logit = exampleOverview({ settings: { ...settings, scaleKind: 'logit' } })
  await open('/annotate', logit)
  await press('End')
  await press('ArrowLeft')
  await press('Enter')
  await press('3')
  expect(state()).toEqual({ premise: 'Premise 2', value: '0.30' })
  useProjectStore().setOverview(exampleOverview())
  await flushPromises()
  await press('Enter')
  expect(queue.commits.map(({ answer }) => answer)).toEqual([
    { kind: 'score', value: 0.9993, rawPosition: 0.99 },
    { kind: 'score', value: 0.3, rawPosition: 0.3 },
  ])
})

it('shows the worked examples one after the other, says them, and lists them with the guideline', async () => {
  const example = (score: number): WorkedExample => ({
    score,
    premise: `P${score}`,
    hypothesis: `H${score}`,
    note: 'why',
  })
  const { guideline } = exampleOverview()
  await open(
    '/annotate',
    exampleOverview({ guideline: { ...guideline, examples: [example(0.2), example(0.8)] } }),
  )
  const shown: unknown[] = []
  for (let count = 0; count < 3; count += 1) {
    await press('e')
    shown.push([
      document.querySelector('.hover-card .examples')?.textContent ?? null,
      wrapper.get('[role="status"]').text(),
    ])
  }
  expect(shown).toEqual([
    ['.20P0.2H0.2why', 'Worked example at .20. Premise: P0.2 Hypothesis: H0.2 why'],
    ['.80P0.8H0.8why', 'Worked example at .80. Premise: P0.8 Hypothesis: H0.8 why'],
    [null, 'No more worked examples.'],
  ])
  expect(state()).toEqual({ premise: 'Premise 1', value: 'unset' })
  await press('l')
  expect(document.querySelector('[role="dialog"] .examples')?.textContent).toBe(
    '.20P0.2H0.2why.80P0.8H0.8why',
  )
})

it('opens the pair that Review chose and goes back on Escape', async () => {
  await open(`/annotate?queue=review&pair=${exampleId(3)}`)
  expect([state(), wrapper.get('.from').text().replace(/\s+/g, ' ')]).toEqual([
    { premise: 'Premise 3', value: 'unset' },
    'From Review back',
  ])
  await press('Escape')
  expect(wrapper.find('.annotate').exists()).toBe(false)
})

it('says what to do next when every pair is answered', async () => {
  queue = exampleQueue(1)
  await connectInMemory(queue.handlers)
  await open()
  await press('5')
  await press('Enter')
  expect(wrapper.get('.empty').text()).toContain('Every pair is answered')
  expect(wrapper.findAll('.empty button').map((button) => button.text())).toEqual([
    'Undo the last answer',
    'Review',
    'Train again',
  ])
})

it('takes the focus to the scale, from a link too, so that Enter commits and does not follow it again', async () => {
  const link = document.createElement('a')
  link.href = '#'
  document.body.append(link)
  link.focus()
  await open()
  expect(document.activeElement?.getAttribute('role')).toBe('slider')
})

it('goes on undisturbed when the project changes, as it does after every rating', async () => {
  let asked = 0
  const next = queue.handlers['annotate.next']!
  await connectInMemory({
    ...queue.handlers,
    'annotate.next': (input, extra) => {
      asked += 1
      return next(input, extra)
    },
  })
  await open()
  await press('7')
  await press('Enter')
  await press('4')
  const { counts } = exampleOverview()
  useProjectStore().setOverview(exampleOverview({ counts: { ...counts, ratings: counts.ratings + 1 } }))
  await flushPromises()
  expect([asked, state()]).toEqual([1, { premise: 'Premise 2', value: '0.40' }])
  expect(wrapper.get('.strip').text()).toContain('.70')
})

describe('another file of the same project', () => {
  it('shows nothing of the pair before, nor what was set and not committed', async () => {
    await open()
    await press('7')
    await press('Enter')
    await press('4')
    expect([state(), wrapper.get('.strip').text()]).toEqual([
      { premise: 'Premise 2', value: '0.40' },
      expect.stringContaining('.70') as string,
    ])
    // Its work file has the same id, rater and pairs.
    useProjectStore().setOverview(exampleOverview({ fileKey: 'work-file', isWorkFile: true }))
    await flushPromises()
    expect([state(), wrapper.get('.strip').text()]).toEqual([
      { premise: 'Premise 2', value: 'unset' },
      expect.not.stringContaining('.70') as string,
    ])
    useProjectStore().setOverview(exampleOverview())
    useProjectStore().chooseRater(exampleId(901))
    await flushPromises()
    expect(state()).toEqual({ premise: 'Premise 2', value: '0.40' })
  })
})

it('an empty queue of suggestions is looked at again when another run is in use', async () => {
  queue = exampleQueue(0)
  await connectInMemory(queue.handlers)
  await open('/annotate?queue=review')
  expect(wrapper.find('.text p').exists()).toBe(false)
  await connectInMemory(exampleQueue(2).handlers)
  const { model } = exampleOverview()
  useProjectStore().setOverview(exampleOverview({ model: { ...model!, runId: exampleId(8) } }))
  await flushPromises()
  expect(state()).toMatchObject({ premise: 'Premise 1' })
})
