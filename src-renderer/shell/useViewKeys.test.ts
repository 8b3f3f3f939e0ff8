import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createMemoryHistory, createRouter, type Router } from 'vue-router'
import { useViewKeys } from './useViewKeys.ts'

let router: Router
let wrapper: VueWrapper
const passedOn: string[] = []
const listener = (event: KeyboardEvent): void => void passedOn.push(event.key)

beforeEach(async () => {
  passedOn.length = 0
  router = createRouter({
    history: createMemoryHistory(),
    routes: [{ path: '/:rest(.*)', component: { template: '<p />' } }],
  })
  await router.push('/annotate')
  wrapper = mount(
    {
      setup: () => useViewKeys(),
      template: '<input /><div role="dialog" :data-state="state" />',
      props: ['state'],
    },
    { global: { plugins: [router] }, attachTo: document.body },
  )
  window.addEventListener('keydown', listener)
})
afterEach(() => {
  window.removeEventListener('keydown', listener)
  wrapper.unmount()
})

async function press(
  key: string,
  held: KeyboardEventInit = {},
  target: EventTarget = document.body,
): Promise<string> {
  const code = /^\d$/.test(key) ? `Digit${key}` : `Key${key.toUpperCase()}`
  target.dispatchEvent(new KeyboardEvent('keydown', { key, code, bubbles: true, cancelable: true, ...held }))
  await flushPromises()
  return router.currentRoute.value.path
}

it('leads to the views by Alt and their number', async () => {
  expect([await press('3', { altKey: true }), await press('8', { altKey: true })]).toEqual([
    '/train',
    '/train',
  ])
})

it('leads to the views by g and their letter, which the view at hand then does not get', async () => {
  expect([await press('d'), await press('g'), await press('d')]).toEqual(['/annotate', '/annotate', '/data'])
  expect(passedOn).toEqual(['d', 'g'])
  expect([await press('g'), await press('g')]).toEqual(['/data', '/agreement'])
})

it('leaves text fields and open dialogs alone', async () => {
  const field = wrapper.get('input').element
  await press('g', {}, field)
  expect(await press('d', {}, field)).toBe('/annotate')
  await wrapper.setProps({ state: 'open' })
  expect(await press('3', { altKey: true })).toBe('/annotate')
})
