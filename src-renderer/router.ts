import { createRouter, createWebHashHistory, type RouteComponent, type RouteRecordRaw } from 'vue-router'

/** The views of an open project, in the order of the rail; Alt and the number, or g and the letter, lead there. */
export const views = [
  { name: 'annotate', label: 'Annotate', letter: 'a' },
  { name: 'review', label: 'Review', letter: 'r' },
  { name: 'train', label: 'Train', letter: 't' },
  { name: 'agreement', label: 'Agreement', letter: 'g' },
  { name: 'data', label: 'Data', letter: 'd' },
  { name: 'export', label: 'Export', letter: 'e' },
  { name: 'settings', label: 'Settings', letter: 's' },
] as const
export type ViewName = (typeof views)[number]['name']

const loaders = import.meta.glob<{ default: RouteComponent }>('./features/*/View.vue')

function viewRoute(name: string): RouteRecordRaw[] {
  const component = loaders[`./features/${name}/View.vue`]
  return component === undefined ? [] : [{ path: `/${name}`, name, component }]
}

export const router = createRouter({
  history: createWebHashHistory(),
  routes: [
    ...[...views.map((view) => view.name), 'projects'].flatMap(viewRoute),
    { path: '/:rest(.*)*', redirect: '/annotate' },
  ],
})
