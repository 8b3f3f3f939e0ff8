import { mount, type VueWrapper } from '@vue/test-utils'
import { beforeEach, describe, expect, it } from 'vitest'
import { toggleRange, unset, type Draft } from './draft.ts'
import Scale from './Scale.vue'

let captured = false
beforeEach(() => {
  captured = false
  HTMLElement.prototype.setPointerCapture = () => void (captured = true)
  HTMLElement.prototype.hasPointerCapture = () => captured
  HTMLElement.prototype.getBoundingClientRect = () => new DOMRect(100, 0, 200, 36)
})

/** Mounted as its view does it: every change comes back as the new draft. */
function mountScale(start: Draft): { wrapper: VueWrapper; begins: boolean[]; draft: () => Draft } {
  const begins: boolean[] = []
  let draft = start
  const wrapper = mount(Scale, {
    props: {
      draft,
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
    const { wrapper, draft } = mountScale(toggleRange(unset))
    expect(slider(wrapper)['text']).toBe('range, unset')
    const track = wrapper.get('[role="slider"]')
    await track.trigger('pointerdown', { button: 0, clientX: 260 })
    await track.trigger('pointermove', { clientX: 160 })
    expect(draft()).toEqual({ kind: 'range', low: 0.3, high: 0.8, active: 'low', before: unset })
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
    const { wrapper, draft } = mountScale({
      kind: 'range',
      low: 0.2,
      high: 0.6,
      active: 'low',
      before: unset,
    })
    await wrapper.get('[role="slider"]').trigger('pointerdown', { button: 0, clientX: 240 })
    expect(draft()).toEqual({ kind: 'range', low: 0.2, high: 0.7, active: 'high', before: unset })
  })
})

it('joins the numbers of a narrow range, so that they do not overlap', () => {
  const { wrapper } = mountScale({ kind: 'range', low: 0.4, high: 0.45, active: 'low', before: unset })
  expect(wrapper.findAll('.value').map((value) => value.text())).toEqual(['0.40–0.45'])
})
