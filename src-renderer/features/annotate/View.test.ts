import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import { GradusError } from '#shared/contract/errors.ts'
import { useProjectStore } from '../../stores/project.ts'
import { exampleQueue, type ExampleQueue } from '../../testing/annotateQueue.ts'
import { exampleId, exampleOverview } from '../../testing/examples.ts'
import { connectInMemory } from '../../testing/inMemoryBackend.ts'
import View from './View.vue'

let queue: ExampleQueue
let wrapper: VueWrapper

/** Opens the view as the rater of the example project, at an address of the window. */
async function open(address = '/annotate'): Promise<void> {
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
  project.setOverview(exampleOverview())
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
    'Previous pairyou .70Ines .82Disputemodel .74 [.61–.88]Dispute',
  )
  await press('d')
  expect(document.querySelector('[role="dialog"]')?.textContent).toContain('Premise 1')
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
