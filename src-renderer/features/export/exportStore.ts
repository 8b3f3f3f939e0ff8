import { defineStore } from 'pinia'
import { computed, shallowRef, watch } from 'vue'
import { toErrorShape, type ErrorShape } from '#shared/contract/errors.ts'
import type { ExportKind } from '#shared/contract/exports.ts'
import type { Job, JobDetail } from '#shared/contract/jobs.ts'
import { call } from '../../client.ts'
import { canChooseFolder, chooseFolder } from '../../host.ts'
import { useProjectStore } from '../../stores/project.ts'

export type ExportJob = Job & { detail: Extract<JobDetail, { kind: 'export' }> }

function isExport(job: Job | null): job is ExportJob {
  return job?.detail.kind === 'export'
}

interface ExportState {
  readonly jobId: string | null
  readonly failure: ErrorShape | null
  readonly starting: boolean
}
const idle: ExportState = { jobId: null, failure: null, starting: false }

/** The latest export of each kind. */
export const useExportStore = defineStore('export', () => {
  const project = useProjectStore()
  const states = shallowRef<Readonly<Record<ExportKind, ExportState>>>({ dataset: idle, weights: idle })

  function set(kind: ExportKind, change: Partial<ExportState>): void {
    states.value = { ...states.value, [kind]: { ...states.value[kind], ...change } }
  }

  const jobs = computed<Readonly<Record<ExportKind, ExportJob | null>>>(() => {
    const jobOf = (kind: ExportKind): ExportJob | null => {
      const job = project.job(states.value[kind].jobId)
      return isExport(job) ? job : null
    }
    return { dataset: jobOf('dataset'), weights: jobOf('weights') }
  })

  /** Asks for a folder where the host has folders, and starts; does nothing where the dialog is cancelled. */
  async function start(kind: ExportKind): Promise<void> {
    set(kind, { failure: null, starting: true })
    try {
      const folder = await chooseFolder()
      if (folder === null && canChooseFolder()) return
      const { jobId } = await call('exports.start', { kind, folderToken: folder?.folderToken ?? null })
      set(kind, { jobId })
    } catch (thrown) {
      set(kind, { failure: toErrorShape(thrown) })
    } finally {
      set(kind, { starting: false })
    }
  }

  async function cancel(kind: ExportKind, jobId: string): Promise<void> {
    try {
      await call('jobs.cancel', { jobId })
    } catch (thrown) {
      set(kind, { failure: toErrorShape(thrown) })
    }
  }

  watch(
    () => project.overview?.fileKey,
    () => (states.value = { dataset: idle, weights: idle }),
  )

  return { states, jobs, start, cancel }
})
