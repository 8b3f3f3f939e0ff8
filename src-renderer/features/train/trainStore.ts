import { defineStore } from 'pinia'
import { computed, shallowRef, watch } from 'vue'
import { toErrorShape, type ErrorShape } from '#shared/contract/errors.ts'
import type { Job, JobDetail } from '#shared/contract/jobs.ts'
import type { TrainingOutlook } from '#shared/contract/train.ts'
import type { Run } from '#shared/domain/run.ts'
import { call } from '../../client.ts'
import { useProjectStore } from '../../stores/project.ts'
import { defaultDraft, readConfiguration } from './configurationForm.ts'
import { startTexts } from './thresholdForm.ts'
import { runInUse } from './verdict.ts'

export type RunTab = 'overview' | 'calibration' | 'abstention' | 'threshold' | 'slices'

type TrainJob = Job & { detail: Extract<JobDetail, { kind: 'train' }> }

type RestoreJob = Job & { detail: Extract<JobDetail, { kind: 'restore' }> }

function isRestore(job: Job): job is RestoreJob {
  return job.detail.kind === 'restore'
}

function isTraining(job: Job): job is TrainJob {
  return job.detail.kind === 'train'
}

/** The runs of the open project, what a training would have to work with, and the training under way. */
export const useTrainStore = defineStore('train', () => {
  const project = useProjectStore()
  const runs = shallowRef<readonly Run[] | null>(null)
  const outlook = shallowRef<TrainingOutlook | null>(null)
  const failure = shallowRef<ErrorShape | null>(null)
  const startFailure = shallowRef<ErrorShape | null>(null)
  /** What was refused about a run that is kept. */
  const actionFailure = shallowRef<ErrorShape | null>(null)
  const starting = shallowRef(false)
  const draft = shallowRef(defaultDraft())
  const advancedOpen = shallowRef(false)
  /** The run whose charts are shown; null: the one in use. */
  const chosenRunId = shallowRef<string | null>(null)
  const tab = shallowRef<RunTab>('overview')
  const thresholdTexts = shallowRef(startTexts)

  const job = computed<TrainJob | null>(() => project.jobs.find(isTraining) ?? null)
  const running = computed<TrainJob | null>(() =>
    job.value?.outcome.status === 'running' ? job.value : null,
  )
  const restoreJob = computed<RestoreJob | null>(() => project.jobs.find(isRestore) ?? null)
  /** An earlier run that is being made the project's model. */
  const restoring = computed<RestoreJob | null>(() =>
    restoreJob.value?.outcome.status === 'running' ? restoreJob.value : null,
  )
  const kept = computed(() => (runs.value ?? []).filter((run) => run.binnedAt === null))
  const binned = computed(() => (runs.value ?? []).filter((run) => run.binnedAt !== null))
  const inUse = computed(() => runInUse(kept.value))
  const configuration = computed(() => readConfiguration(draft.value))
  const shownRun = computed(() => {
    const chosen = kept.value.find((run) => run.id === chosenRunId.value)
    return chosen?.report == null ? inUse.value : { ...chosen, report: chosen.report }
  })
  /** A training that failed without leaving a run behind; one that left a run is told by that run. */
  const jobFailure = computed(() => {
    const last = job.value
    if (last?.outcome.status !== 'failed') return null
    return runs.value?.some((run) => run.id === last.detail.runId) === true ? null : last.outcome.error
  })

  /** A restore that failed, until something is trained or restored after it. */
  const restoreFailure = computed(() => {
    const last = restoreJob.value
    if (last?.outcome.status !== 'failed') return null
    return job.value !== null && job.value.id > last.id ? null : last.outcome.error
  })

  async function load(): Promise<void> {
    const fileKey = project.overview?.fileKey
    try {
      const [knownRuns, present] = await Promise.all([call('train.runs', {}), call('train.outlook', {})])
      if (project.overview?.fileKey !== fileKey) return
      runs.value = knownRuns
      outlook.value = present
      failure.value = null
    } catch (thrown) {
      if (project.overview?.fileKey === fileKey) failure.value = toErrorShape(thrown)
    }
  }

  /** Starts a training with the settings as they stand; does nothing where a field cannot be read. */
  async function start(): Promise<void> {
    if (configuration.value.kind === 'invalid') {
      advancedOpen.value = true
      return
    }
    starting.value = true
    startFailure.value = null
    chosenRunId.value = null
    try {
      await call('train.start', { configuration: configuration.value.configuration })
    } catch (thrown) {
      startFailure.value = toErrorShape(thrown)
    } finally {
      starting.value = false
    }
  }

  /** Makes an earlier run the project's model; its job tells the rest. */
  async function restore(runId: string): Promise<void> {
    chosenRunId.value = null
    await act(() => call('train.restore', { runId }))
  }

  /** Goes on with a run that was stopped; its job tells the rest. */
  async function resume(runId: string): Promise<void> {
    chosenRunId.value = null
    await act(() => call('train.resume', { runId }))
  }

  /** Does something about runs that are kept, and fetches them anew. @returns false where it was refused. */
  async function act(work: () => Promise<unknown>): Promise<boolean> {
    actionFailure.value = null
    try {
      await work()
      await load()
      return true
    } catch (thrown) {
      actionFailure.value = toErrorShape(thrown)
      return false
    }
  }

  const setPinned = (runId: string, pinned: boolean): Promise<boolean> =>
    act(() => call('train.pin', { runId, pinned }))
  const bin = (runId: string): Promise<boolean> => act(() => call('train.bin', { runId }))
  const takeFromBin = (runId: string): Promise<boolean> => act(() => call('train.takeFromBin', { runId }))

  /** Gives a run a name, or takes it where `name` is empty. Rejects where that is refused. */
  async function rename(runId: string, name: string): Promise<void> {
    await call('train.rename', { runId, name: name.trim() === '' ? null : name })
    await load()
  }

  /** Deletes what is in the bin for good; `typed` must be the project's title. Rejects where it is not. */
  async function emptyBin(typed: string): Promise<number> {
    const { deleted } = await call('train.emptyBin', { typed })
    await load()
    return deleted
  }

  async function cancel(jobId: string): Promise<void> {
    try {
      await call('jobs.cancel', { jobId })
    } catch (thrown) {
      startFailure.value = toErrorShape(thrown)
    }
  }

  watch(
    () => project.overview?.fileKey,
    () => {
      runs.value = null
      outlook.value = null
      failure.value = null
      startFailure.value = null
      actionFailure.value = null
      chosenRunId.value = null
    },
  )

  return {
    runs,
    outlook,
    failure,
    startFailure,
    actionFailure,
    starting,
    draft,
    advancedOpen,
    chosenRunId,
    tab,
    thresholdTexts,
    job,
    running,
    restoreJob,
    restoring,
    restoreFailure,
    kept,
    binned,
    inUse,
    configuration,
    shownRun,
    jobFailure,
    load,
    start,
    restore,
    resume,
    setPinned,
    bin,
    takeFromBin,
    rename,
    emptyBin,
    cancel,
  }
})
