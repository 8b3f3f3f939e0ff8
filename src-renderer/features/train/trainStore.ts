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
  const inUse = computed(() => runInUse(runs.value ?? []))
  const configuration = computed(() => readConfiguration(draft.value))
  const shownRun = computed(() => {
    const chosen = runs.value?.find((run) => run.id === chosenRunId.value)
    return chosen?.report == null ? inUse.value : { ...chosen, report: chosen.report }
  })
  /** A training that failed without leaving a run behind; one that left a run is told by that run. */
  const jobFailure = computed(() => {
    const last = job.value
    if (last?.outcome.status !== 'failed') return null
    return runs.value?.some((run) => run.id === last.detail.runId) === true ? null : last.outcome.error
  })

  async function load(): Promise<void> {
    const projectId = project.overview?.id
    try {
      const [knownRuns, present] = await Promise.all([call('train.runs', {}), call('train.outlook', {})])
      if (project.overview?.id !== projectId) return
      runs.value = knownRuns
      outlook.value = present
      failure.value = null
    } catch (thrown) {
      if (project.overview?.id === projectId) failure.value = toErrorShape(thrown)
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

  async function cancel(jobId: string): Promise<void> {
    try {
      await call('jobs.cancel', { jobId })
    } catch (thrown) {
      startFailure.value = toErrorShape(thrown)
    }
  }

  watch(
    () => project.overview?.id,
    () => {
      runs.value = null
      outlook.value = null
      failure.value = null
      startFailure.value = null
      chosenRunId.value = null
    },
  )

  return {
    runs,
    outlook,
    failure,
    startFailure,
    starting,
    draft,
    advancedOpen,
    chosenRunId,
    tab,
    thresholdTexts,
    job,
    running,
    inUse,
    configuration,
    shownRun,
    jobFailure,
    load,
    start,
    cancel,
  }
})
