import { defineStore } from 'pinia'
import { computed, shallowRef, watch } from 'vue'
import { toErrorShape, type ErrorShape } from '#shared/contract/errors.ts'
import type { ExportedFile, Job, JobDetail } from '#shared/contract/jobs.ts'
import type { KeptReplay } from '#shared/contract/replay.ts'
import type { StrategyName } from '#shared/domain/suggestion.ts'
import { call } from '../../client.ts'
import { showToast } from '../../components/toasts.ts'
import { canChooseFolder, chooseFolder } from '../../host.ts'
import { useProjectStore } from '../../stores/project.ts'
import { draftOfReplay, readReplay, suggestedReplay, type ReplayDraft } from './replayForm.ts'
import { useTrainStore } from './trainStore.ts'

type ReplayJob = Job & { detail: Extract<JobDetail, { kind: 'replay' }> }

function isReplay(job: Job): job is ReplayJob {
  return job.detail.kind === 'replay'
}

export interface SavedCurves {
  /** Null where the browser fetches them. */
  readonly folder: string | null
  readonly files: readonly ExportedFile[]
}

/** The last replay of the open project, the one under way, and what is typed for the next. */
export const useReplayStore = defineStore('replay', () => {
  const project = useProjectStore()
  const train = useTrainStore()
  const kept = shallowRef<KeptReplay | null>(null)
  const typed = shallowRef<ReplayDraft | null>(null)
  const open = shallowRef(false)
  const failure = shallowRef<ErrorShape | null>(null)
  const starting = shallowRef(false)
  const saving = shallowRef(false)
  const saved = shallowRef<SavedCurves | null>(null)

  const job = computed<ReplayJob | null>(() => project.jobs.find(isReplay) ?? null)
  const running = computed(() => (job.value?.outcome.status === 'running' ? job.value : null))
  const jobFailure = computed(() => (job.value?.outcome.status === 'failed' ? job.value.outcome.error : null))
  /** Rated pairs as a replay would divide them now; null before they are counted. */
  const pairs = computed(() => {
    const { outlook } = train
    return outlook === null ? null : { pool: outlook.train + outlook.validation, holdout: outlook.holdout }
  })
  const draft = computed<ReplayDraft | null>(() => {
    if (typed.value !== null) return typed.value
    if (project.overview === null || pairs.value === null) return null
    const suggested = suggestedReplay(project.overview.settings, pairs.value)
    if (kept.value === null) return suggested
    const earlier = draftOfReplay(kept.value)
    // Of labels that have grown the end may have, too.
    return kept.value.labelsChanged ? { ...earlier, to: suggested.to } : earlier
  })
  const read = computed(() => (draft.value === null ? null : readReplay(draft.value)))

  async function attempt(work: () => Promise<unknown>): Promise<void> {
    try {
      await work()
      failure.value = null
    } catch (thrown) {
      failure.value = toErrorShape(thrown)
    }
  }

  let reading: Promise<void> | null = null
  let isStale = false
  /** Fetches what is known; calls that come meanwhile are answered by one more. */
  function load(): Promise<void> {
    isStale = true
    reading ??= (async () => {
      while (isStale) {
        isStale = false
        const projectId = project.overview?.id
        await attempt(async () => {
          const last = await call('replay.read', {})
          if (project.overview?.id === projectId) kept.value = last
        })
      }
      reading = null
    })()
    return reading
  }

  async function start(): Promise<void> {
    const asked = read.value?.asked ?? null
    if (asked === null) return
    starting.value = true
    saved.value = null
    await attempt(() => call('replay.start', asked))
    starting.value = false
  }

  const cancel = (jobId: string): Promise<void> => attempt(() => call('jobs.cancel', { jobId }))

  /** Makes a strategy the project's. */
  const use = (strategy: StrategyName): Promise<void> =>
    attempt(async () => {
      project.setOverview(await call('project.configure', { settings: { strategy } }))
      showToast(`From the next training on, ${strategy} chooses pairs`)
    })

  /** Writes the curves; does nothing where the dialog is cancelled. */
  async function save(): Promise<void> {
    saving.value = true
    await attempt(async () => {
      const folder = await chooseFolder()
      if (folder === null && canChooseFolder()) return
      saved.value = await call('replay.files', { folderToken: folder?.folderToken ?? null })
    })
    saving.value = false
  }

  watch(
    () => project.overview?.id,
    () => {
      kept.value = null
      typed.value = null
      failure.value = null
      saved.value = null
    },
  )

  return {
    kept,
    typed,
    open,
    failure,
    starting,
    saving,
    saved,
    job,
    running,
    jobFailure,
    pairs,
    draft,
    read,
    load,
    start,
    cancel,
    use,
    save,
  }
})
