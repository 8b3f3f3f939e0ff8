import { defineStore } from 'pinia'
import { computed, shallowRef, watch } from 'vue'
import type { AgreementReport } from '#shared/contract/agreement.ts'
import { toErrorShape, type ErrorShape } from '#shared/contract/errors.ts'
import type { Job, JobDetail } from '#shared/contract/jobs.ts'
import type { ConsensusRule } from '#shared/domain/project.ts'
import { call } from '../../client.ts'
import type { TableSort } from '../../components/dataTable.ts'
import { canChooseFolder, chooseFolder } from '../../host.ts'
import { useProjectStore } from '../../stores/project.ts'

type ExportJob = Job & { detail: Extract<JobDetail, { kind: 'export' }> }

/** A report that took longer, in seconds, is made anew only when somebody asks. */
const longReport = 3

/** How far raters agree: the report, its intervals, and what can be done about raters and consensus. */
export const useAgreementStore = defineStore('agreement', () => {
  const project = useProjectStore()
  const report = shallowRef<AgreementReport | null>(null)
  const failure = shallowRef<ErrorShape | null>(null)
  const loading = shallowRef(false)
  /** Something has changed since the report was made, which takes long to make anew. */
  const stale = shallowRef(false)
  const intervalsJobId = shallowRef<string | null>(null)
  const exportJobId = shallowRef<string | null>(null)
  const exportFailure = shallowRef<ErrorShape | null>(null)
  const exporting = shallowRef(false)
  const ruleFailure = shallowRef<ErrorShape | null>(null)
  const choosing = shallowRef<ConsensusRule | null>(null)
  const sort = shallowRef<TableSort>({ key: 'ratings', descending: true })
  /** The rater whose sheet is open. */
  const openRaterId = shallowRef<string | null>(null)
  const comparedIds = shallowRef<{ first: string | null; second: string | null }>({
    first: null,
    second: null,
  })
  let controller = new AbortController()
  /** `answersNow` when the report was made. */
  let answers = ''
  /** Somebody has cancelled intervals: they are not begun again unasked. */
  let declined = false

  const intervalsJob = computed(() => project.job(intervalsJobId.value))
  const exportJob = computed<ExportJob | null>(() => {
    const job = project.job(exportJobId.value)
    return job?.detail.kind === 'export' ? { ...job, detail: job.detail } : null
  })

  /** Makes the report anew, and then has its intervals computed. */
  async function load(): Promise<void> {
    controller.abort()
    controller = new AbortController()
    const { signal } = controller
    loading.value = true
    answers = answersNow()
    try {
      const made = await call('agreement.report', {}, { signal })
      if (signal.aborted) return
      report.value = made
      failure.value = null
      stale.value = false
      const failed = intervalsJob.value?.outcome.status === 'failed'
      if (!made.withIntervals && made.overlapping > 0 && !declined && !failed) await computeIntervals()
    } catch (thrown) {
      if (!signal.aborted) failure.value = toErrorShape(thrown)
    } finally {
      if (!signal.aborted) loading.value = false
    }
  }

  /** To be called when something of the project has changed. */
  async function follow(): Promise<void> {
    if (report.value === null || report.value.seconds <= longReport) await load()
    else if (answersNow() !== answers) stale.value = true
  }

  /** How much everybody has answered, to see whether ratings have come. */
  function answersNow(): string {
    const raters = project.overview?.raters ?? []
    return raters.map(({ ratings, cannotJudge }) => `${ratings} ${cannotJudge}`).join()
  }

  async function computeIntervals(): Promise<void> {
    declined = false
    intervalsJobId.value = (await call('agreement.intervals', {})).jobId
  }

  /** Begins anew what was cancelled or has failed. */
  async function askForIntervals(): Promise<void> {
    try {
      await computeIntervals()
    } catch (thrown) {
      failure.value = toErrorShape(thrown)
    }
  }

  async function cancel(jobId: string): Promise<void> {
    declined = true
    try {
      await call('jobs.cancel', { jobId })
    } catch (thrown) {
      failure.value = toErrorShape(thrown)
    }
  }

  /** Sets a rater aside or takes them back. Rejects where that is refused. */
  async function decide(
    kind: 'rater.setAside' | 'rater.takeBack',
    raterId: string,
    reason: string,
  ): Promise<void> {
    await call(kind, { raterId, reason })
    await load()
  }

  /** Makes a rule the project's; the rater model is fitted first, so that it holds from the first moment. */
  async function chooseRule(rule: ConsensusRule): Promise<void> {
    choosing.value = rule
    ruleFailure.value = null
    try {
      if (rule === 'rater-model') await call('consensus.fit', {})
      project.setOverview(await call('project.configure', { settings: { consensus: rule } }))
    } catch (thrown) {
      ruleFailure.value = toErrorShape(thrown)
    } finally {
      choosing.value = null
    }
  }

  /** Writes every table; does nothing where the dialog is cancelled. */
  async function exportTables(): Promise<void> {
    exporting.value = true
    exportFailure.value = null
    try {
      const folder = await chooseFolder()
      if (folder === null && canChooseFolder()) return
      exportJobId.value = (await call('agreement.export', { folderToken: folder?.folderToken ?? null })).jobId
    } catch (thrown) {
      exportFailure.value = toErrorShape(thrown)
    } finally {
      exporting.value = false
    }
  }

  function hideFiles(): void {
    exportJobId.value = null
  }

  watch(
    () => intervalsJob.value?.outcome.status,
    (status, before) => {
      if (before === 'running' && status === 'finished') void load()
    },
  )
  watch(
    () => project.overview?.fileKey,
    () => {
      controller.abort()
      report.value = null
      failure.value = null
      stale.value = false
      declined = false
      intervalsJobId.value = null
      exportJobId.value = null
      exportFailure.value = null
      ruleFailure.value = null
      openRaterId.value = null
      comparedIds.value = { first: null, second: null }
    },
  )

  return {
    report,
    failure,
    loading,
    stale,
    intervalsJob,
    exportJob,
    exportFailure,
    exporting,
    ruleFailure,
    choosing,
    sort,
    openRaterId,
    comparedIds,
    load,
    follow,
    askForIntervals,
    cancel,
    decide,
    chooseRule,
    exportTables,
    hideFiles,
  }
})
