import { mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import type { Component } from 'vue'
import { createMemoryHistory, createRouter, type Router } from 'vue-router'
import { useProjectStore } from '../stores/project.ts'

/** Lets calls over the in-memory port, their answers and the drawing after them happen. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setTimeout(resolve))
}

const empty = { template: '<div />' }

/**
 * Mounts a view with a fresh store and router, as the frame of the window would, and waits for its first answers.
 * Layout is faked where a virtual list needs it, and charts are not drawn: there is no canvas here.
 */
export async function mountView(
  view: Component,
  path: string,
): Promise<{ wrapper: VueWrapper; router: Router }> {
  Object.defineProperty(HTMLElement.prototype, 'clientHeight', { configurable: true, get: () => 600 })
  Object.defineProperty(HTMLElement.prototype, 'clientWidth', { configurable: true, get: () => 1000 })
  const pinia = createPinia()
  setActivePinia(pinia)
  const router = createRouter({
    history: createMemoryHistory(),
    routes: ['annotate', 'review', 'train', 'agreement', 'data', 'export', 'settings'].map((name) => ({
      path: `/${name}`,
      component: empty,
    })),
  })
  await router.push(path)
  await useProjectStore().load()
  const wrapper = mount(view, {
    attachTo: document.body,
    global: { plugins: [pinia, router], stubs: { Chart: true } },
  })
  await settled()
  return { wrapper, router }
}
