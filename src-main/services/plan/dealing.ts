import type { ProjectStore } from '../../store/projectStore.ts'
import type { ServiceContext } from '../context.ts'
import { withProject } from '../withProject.ts'
import { dealPairs } from './deal.ts'

/**
 * Deals pairs by the project's plan, as a job; one that is under way is given up for it.
 * @returns the job; null where there is no plan, or this file was split off for one rater.
 */
export function startDealing(context: ServiceContext, store: ProjectStore): string | null {
  const { settings, workRaterId } = store.project.read()
  const { overlap } = settings
  if (overlap === null || workRaterId !== null) return null
  for (const { id, detail, outcome } of context.jobs.list())
    if (detail.kind === 'deal' && outcome.status === 'running') context.jobs.cancel(id)
  return context.jobs.start({ kind: 'deal', short: 0 }, 'Dealing pairs', async (running) => {
    const { short } = await withProject(context, () =>
      dealPairs(store, overlap, running.signal, (share) => running.update({ share })),
    )
    running.update({ detail: { kind: 'deal', short } })
    store.wrote()
    context.projectChanged()
  })
}
