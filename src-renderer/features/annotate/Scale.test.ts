import { mount, type VueWrapper } from '@vue/test-utils'
import { beforeEach, describe, expect, it } from 'vitest'
import type { WorkedExample } from '#shared/domain/project.ts'
import type { ScaleKind } from '#shared/domain/score.ts'
import { drawRange, placeAt, toggleRange, unset, type Draft } from './draft.ts'
import Scale from './Scale.vue'

let captured = false
beforeEach(() => {
  captured = false
  HTMLElement.prototype.setPointerCapture = () => void (captured = true)
  HTMLElement.prototype.hasPointerCapture = () => captured
  HTMLElement.prototype.getBoundingClientRect = () => new DOMRect(100, 0, 200, 36)
})

/** Mounted as its view does it: every change comes back as the new draft. */
function mountScale(
  start: Draft,
  more: { kind?: ScaleKind; examples?: WorkedExample[] } = {},
): { wrapper: VueWrapper; begins: boolean[]; draft: () => Draft } {
  const begins: boolean[] = []
  let draft = start
  const wrapper = mount(Scale, {
    props: {
      draft,
      kind: more.kind ?? 'linear',
      examples: more.examples ?? [],
      lowLabel: 'unrelated',
      highLabel: 'equivalent',
      onChange: (next: Draft, begin: boolean) => {
        begins.push(begin)
        draft = next
        void wrapper.setProps({ draft: next })
      },
    },
  })
  return { wrapper, begins, draft: () => draft }
}

const slider = (wrapper: VueWrapper): Record<string, string | undefined> => {
  const attributes = (name: string): string | undefined => wrapper.get('[role="slider"]').attributes(name)
  return {
    label: attributes('aria-label'),
    min: attributes('aria-valuemin'),
    max: attributes('aria-valuemax'),
    text: attributes('aria-valuetext'),
  }
}

describe('before the first touch', () => {
  it('announces that it is unset and shows no handle, value or fill', () => {
    const { wrapper } = mountScale(unset)
    expect({
      ...slider(wrapper),
      handles: wrapper.findAll('.handle').length,
      values: wrapper.findAll('.value').length,
      fills: wrapper.findAll('.fill').length,
      ends: wrapper.findAll('.end').map((end) => end.text()),
    }).toEqual({
      label: 'Score',
      min: '0',
      max: '1',
      text: 'unset',
      handles: 0,
      values: 0,
      fills: 0,
      ends: ['unrelated', 'equivalent'],
    })
  })
})

describe('the pointer', () => {
  it('sets the raw position where the track is pressed and follows the drag as one touch', async () => {
    const { wrapper, begins, draft } = mountScale(unset)
    const track = wrapper.get('[role="slider"]')
    await track.trigger('pointerdown', { button: 0, clientX: 150 })
    expect(draft()).toEqual({ kind: 'score', value: 0.25, rawPosition: 0.25 })
    await track.trigger('pointermove', { clientX: 255.5 })
    await track.trigger('pointermove', { clientX: 900 })
    expect(draft()).toEqual({ kind: 'score', value: 1, rawPosition: 1 })
    expect(begins).toEqual([true, false, false])
    expect({ ...slider(wrapper), handle: wrapper.get('.handle').attributes('style') }).toEqual({
      label: 'Score',
      min: '0',
      max: '1',
      text: '1.00',
      handle: 'left: 100%;',
    })
  })
  it('does nothing without a press, nor with another button', async () => {
    const { wrapper, begins } = mountScale(unset)
    await wrapper.get('[role="slider"]').trigger('pointermove', { clientX: 150 })
    await wrapper.get('[role="slider"]').trigger('pointerdown', { button: 2, clientX: 150 })
    expect(begins).toEqual([])
  })
  it('draws a range where one was asked for', async () => {
    const { wrapper, draft } = mountScale(toggleRange(unset, 'linear'))
    expect(slider(wrapper)['text']).toBe('range, unset')
    const track = wrapper.get('[role="slider"]')
    await track.trigger('pointerdown', { button: 0, clientX: 260 })
    await track.trigger('pointermove', { clientX: 160 })
    expect(draft()).toEqual({ ...drawRange(0.3, 0.8, 'linear'), active: 'low' })
    expect({
      text: slider(wrapper)['text'],
      handles: wrapper
        .findAll('.handle')
        .map((handle) => [
          handle.attributes('data-end'),
          handle.attributes('style'),
          handle.classes('active'),
        ]),
    }).toEqual({
      text: '0.30 to 0.80',
      handles: [
        ['low', 'left: 30%;', true],
        ['high', 'left: 80%;', false],
      ],
    })
  })
  it('moves the nearest end of a range', async () => {
    const { wrapper, draft } = mountScale(drawRange(0.6, 0.2, 'linear'))
    await wrapper.get('[role="slider"]').trigger('pointerdown', { button: 0, clientX: 240 })
    expect(draft()).toEqual(drawRange(0.2, 0.7, 'linear'))
  })
})

it('joins the numbers of a narrow range, so that they do not overlap', () => {
  const { wrapper } = mountScale(drawRange(0.45, 0.4, 'linear'))
  expect(wrapper.findAll('.value').map((value) => value.text())).toEqual(['0.40–0.45'])
})

describe('on a logit scale', () => {
  it('the handle is where the track was pressed, the number is the value there', async () => {
    const { wrapper, draft } = mountScale(unset, { kind: 'logit' })
    await wrapper.get('[role="slider"]').trigger('pointerdown', { button: 0, clientX: 280 })
    expect(draft()).toEqual({ kind: 'score', value: 0.989, rawPosition: 0.9 })
    expect([
      wrapper.get('.handle').attributes('style'),
      wrapper.get('.value').text(),
      wrapper.get('[role="slider"]').attributes('aria-valuenow'),
    ]).toEqual(['left: 90%;', '0.989', '0.989'])
  })
  it('near the ends the number has the decimals that tell one step from the next', () => {
    const texts = [0.01, 0.02, 0.1, 0.4, 0.99, 1].map((position) =>
      mountScale(placeAt(unset, position, 'logit'), { kind: 'logit' })
        .wrapper.get('.value')
        .text(),
    )
    expect(texts).toEqual(['0.0007', '0.0015', '0.011', '0.27', '0.9993', '1.00'])
  })
})

describe('worked examples', () => {
  const example = (score: number): WorkedExample => ({
    score,
    premise: `Premise of ${score}`,
    hypothesis: `Hypothesis of ${score}`,
    note: '',
  })
  const marks = (wrapper: VueWrapper): (string | undefined)[][] =>
    wrapper
      .findAll('.mark')
      .map((mark) => [mark.attributes('aria-label'), mark.attributes('style')?.replace(/(\.\d)\d+/, '$1')])

  it('leave no trace where there are none', () => {
    expect(mountScale(unset).wrapper.find('.marks').exists()).toBe(false)
  })
  it('are marked where their score is on the scale, near ones together, and never set an answer', async () => {
    const examples = [0.9, 0.1, 0.12].map(example)
    const { wrapper, begins } = mountScale(unset, { examples })
    expect(marks(wrapper)).toEqual([
      ['Worked examples at .10, .12', 'left: 10%;'],
      ['Worked example at .90', 'left: 90%;'],
    ])
    // On a logit scale .9 lies at (ln(s/(1−s))/5 + 1)/2 with s = σ(−5) + .9·(σ(5) − σ(−5)).
    expect(marks(mountScale(unset, { examples: [example(0.9)], kind: 'logit' }).wrapper)).toEqual([
      ['Worked example at .900', 'left: 71.3%;'],
    ])
    await wrapper.get('.mark').trigger('pointerdown', { button: 0, clientX: 120 })
    await wrapper.get('.mark').trigger('click')
    expect(begins).toEqual([])
    expect(wrapper.emitted('update:shownExample')).toEqual([[0]])
  })
  it('show their texts where they are opened', async () => {
    const { wrapper } = mountScale(unset, { examples: [example(0.3)] })
    await wrapper.setProps({ shownExample: 0 })
    await new Promise((resolve) => setTimeout(resolve))
    expect(document.querySelector('.hover-card')?.textContent).toContain('Premise of 0.3')
    await wrapper.setProps({ shownExample: null })
    await new Promise((resolve) => setTimeout(resolve))
    expect(document.querySelector('.hover-card')).toBeNull()
  })
})
