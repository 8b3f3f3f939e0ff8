import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import type { ErrorShape } from '#shared/contract/errors.ts'
import { toErrorShape } from '#shared/contract/errors.ts'
import type { Job } from '#shared/contract/jobs.ts'
import type { ProjectOverview, RaterSummary } from '#shared/contract/project.ts'
import { call, on } from '../client.ts'

const raterKey = (projectId: string): string => `gradus.rater.${projectId}`

/** What every view knows: the open project, who is at work, and the jobs. Sent anew by the backend at each change. */
export const useProjectStore = defineStore('project', () => {
  const overview = shallowRef<ProjectOverview | null>(null)
  const loaded = shallowRef(false)
  const failure = shallowRef<ErrorShape | null>(null)
  const raterId = shallowRef<string | null>(null)
  const jobsById = shallowRef<ReadonlyMap<string, Job>>(new Map())
  /** Jobs of a project that was open before; no project is left while one runs. */
  const earlierJobs = new Set<string>()

  /** The rater at work, or null where none is chosen yet. */
  const rater = computed<RaterSummary | null>(
    // In a file that was split off for one rater there is nobody to choose.
    () => {
      const { raters = [], isWorkFile = false } = overview.value ?? {}
      return (isWorkFile ? raters[0] : raters.find((known) => known.id === raterId.value)) ?? null
    },
  )
  /** All known jobs, newest first. */
  const jobs = computed(() => [...jobsById.value.values()].sort((one, other) => (one.id < other.id ? 1 : -1)))
  const runningJobs = computed(() => jobs.value.filter((job) => job.outcome.status === 'running'))

  function setOverview(next: ProjectOverview | null): void {
    // Another file is another project here, whatever its id: what is on screen is not of it.
    const sameProject = next !== null && overview.value?.fileKey === next.fileKey
    if (!sameProject && overview.value !== null) {
      for (const id of jobsById.value.keys()) earlierJobs.add(id)
      jobsById.value = new Map()
    }
    overview.value = next
    if (!sameProject) raterId.value = next === null ? null : localStorage.getItem(raterKey(next.id))
  }

  function setJob(job: Job): void {
    jobsById.value = new Map(jobsById.value).set(job.id, job)
  }

  /** Fetches everything; called when the connection opens, and again after each reconnection. */
  async function load(): Promise<void> {
    failure.value = null
    try {
      const [current, known] = await Promise.all([call('project.current', {}), call('jobs.list', {})])
      setOverview(current)
      jobsById.value = new Map(known.filter((job) => !earlierJobs.has(job.id)).map((job) => [job.id, job]))
      loaded.value = true
    } catch (thrown) {
      failure.value = toErrorShape(thrown)
    }
  }

  /** Makes a rater of the open project the one at work; remembered on this machine for this project. */
  function chooseRater(id: string): void {
    raterId.value = id
    if (overview.value !== null) localStorage.setItem(raterKey(overview.value.id), id)
  }

  /** Makes a rater and puts them to work. Rejects with `duplicate-name`. */
  async function addRater(name: string): Promise<void> {
    const made = await call('rater.create', { name })
    setOverview(await call('project.current', {}))
    chooseRater(made.id)
  }

  function job(id: string | null): Job | null {
    return id === null ? null : (jobsById.value.get(id) ?? null)
  }

  on('project', setOverview)
  on('job', setJob)

  return {
    overview,
    loaded,
    failure,
    raterId,
    rater,
    jobs,
    runningJobs,
    load,
    setOverview,
    chooseRater,
    addRater,
    job,
  }
})
