import { watch } from 'vue'
import { useRouter } from 'vue-router'
import type { Job } from '#shared/contract/jobs.ts'
import { counted } from '../format/numbers.ts'
import { showToast } from '../components/toasts.ts'
import { useProjectStore } from '../stores/project.ts'
import type { ViewName } from '../router.ts'

/** The view in which a job of a kind is started and shown. */
export const viewOfJob: Readonly<Record<Job['detail']['kind'], ViewName>> = {
  import: 'data',
  train: 'train',
  search: 'train',
  replay: 'train',
  restore: 'train',
  rank: 'review',
  predict: 'train',
  rescore: 'settings',
  probe: 'settings',
  deal: 'settings',
  agreement: 'agreement',
  evidence: 'train',
  export: 'export',
}

function endInWords({ detail }: Job): string {
  switch (detail.kind) {
    case 'import':
      return `${detail.fileName} is imported`
    case 'train':
      return `Run ${detail.runNumber} is trained`
    case 'search':
      return `${counted(detail.done, 'configuration')} tried`
    case 'replay':
      return 'The strategies are replayed'
    case 'restore':
      return `Run ${detail.runNumber} is in use`
    case 'rank':
      return 'Suggestions are ranked anew'
    case 'predict':
      return 'The pool is scored'
    case 'rescore':
      return `${counted(detail.rescored, 'label')} followed the change of the classes`
    case 'probe':
      return 'The back ends are probed'
    case 'deal':
      return detail.short === 0
        ? 'Pairs are dealt to raters'
        : `Pairs are dealt; ${counted(detail.short, 'pair')} got fewer raters than the plan wants, since there are no more`
    case 'agreement':
      return 'The intervals of agreement are there'
    case 'evidence':
      return 'What the labels are worth is measured'
    case 'export':
      return 'The export is written'
  }
}

/** Says in passing that a job has ended, where its own view is not on screen to say so. */
export function useJobToasts(): void {
  const project = useProjectStore()
  const router = useRouter()
  let running = new Set<string>()

  watch(
    () => project.jobs,
    (jobs) => {
      for (const job of jobs) {
        const view = viewOfJob[job.detail.kind]
        // Agreement writes its tables itself and lists them.
        const views = job.detail.kind === 'export' ? [view, 'agreement'] : [view]
        if (!running.has(job.id) || views.includes(String(router.currentRoute.value.name))) continue
        const show = { label: 'Show', run: () => void router.push(`/${view}`) }
        // Nobody has asked for it: a view, the end of a training, or the number of new ratings started it.
        const isUnasked =
          job.detail.kind === 'agreement' ||
          job.detail.kind === 'evidence' ||
          (job.detail.kind === 'train' && job.detail.automatic)
        if (job.outcome.status === 'finished' && !isUnasked) showToast(`${endInWords(job)}.`, 'good', show)
        if (job.outcome.status === 'failed') showToast(job.outcome.error.message, 'error', show)
      }
      running = new Set(jobs.filter((job) => job.outcome.status === 'running').map((job) => job.id))
    },
    { immediate: true },
  )
}
