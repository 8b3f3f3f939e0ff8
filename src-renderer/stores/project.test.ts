import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, it } from 'vitest'
import { GradusError } from '#shared/contract/errors.ts'
import type { Job } from '#shared/contract/jobs.ts'
import type { ProjectOverview } from '#shared/contract/project.ts'
import { exampleId, exampleJob, exampleOverview } from '../testing/examples.ts'
import { connectInMemory } from '../testing/inMemoryBackend.ts'
import { useProjectStore } from './project.ts'

const exportJob = (number: number): ReturnType<typeof exampleJob> =>
  exampleJob(number, { kind: 'export', folder: null, files: [] })

beforeEach(() => {
  localStorage.clear()
  setActivePinia(createPinia())
})

it('holds the project and the jobs as the backend last sent them', async () => {
  const served = await connectInMemory({
    'project.current': () => exampleOverview(),
    'jobs.list': () => [exportJob(1)],
  })
  const store = useProjectStore()
  await store.load()
  served.emit('project', exampleOverview({ title: 'New title' }))
  served.emit('job', exportJob(2))
  served.emit('job', { ...exportJob(1), outcome: { status: 'finished' } })
  await new Promise((resolve) => setTimeout(resolve))
  expect({
    title: store.overview?.title,
    jobs: store.jobs.map((job) => [job.id, job.outcome.status]),
    running: store.runningJobs.map((job) => job.id),
    unknown: store.job(exampleId(3)),
  }).toEqual({
    title: 'New title',
    jobs: [
      [exampleId(2), 'running'],
      [exampleId(1), 'finished'],
    ],
    running: [exampleId(2)],
    unknown: null,
  })
})

it('remembers the rater of each project, and forgets one who is not in it', () => {
  const store = useProjectStore()
  store.setOverview(exampleOverview())
  expect(store.rater).toBeNull()
  store.chooseRater(exampleId(901))
  store.setOverview(exampleOverview({ id: exampleId(999), fileKey: 'other' }))
  expect(store.rater).toBeNull()
  store.setOverview(exampleOverview({ title: 'Opened again' }))
  expect(store.rater?.name).toBe('Rater A')
  store.setOverview(exampleOverview({ raters: [] }))
  expect(store.rater).toBeNull()
})

it('makes a rater and puts them to work', async () => {
  let overview: ProjectOverview = exampleOverview({ raters: [] })
  await connectInMemory({
    'project.current': () => overview,
    'rater.create': ({ name }) => {
      const made = { id: exampleId(902), name, createdAt: '2026-11-23T10:00:00.000Z' }
      overview = { ...overview, raters: [{ ...made, ratings: 0, cannotJudge: 0, planned: null }] }
      return made
    },
  })
  const store = useProjectStore()
  store.setOverview(overview)
  await store.addRater(' Ines ')
  expect([store.rater?.name, store.raterId]).toEqual(['Ines', exampleId(902)])
})

it('says why nothing could be loaded', async () => {
  await connectInMemory({
    'project.current': () => {
      throw new GradusError('file-unreadable', 'p.gradus cannot be read.')
    },
    'jobs.list': () => [],
  })
  const store = useProjectStore()
  await store.load()
  expect([store.loaded, store.failure]).toEqual([
    false,
    { code: 'file-unreadable', message: 'p.gradus cannot be read.' },
  ])
})

it('leaves the jobs of a project behind with it', async () => {
  let current = exampleOverview()
  const job = (number: number, status: 'finished' | 'running'): Job =>
    exampleJob(number, { kind: 'export', folder: null, files: [] }, { status })
  let known = [job(1, 'finished')]
  await connectInMemory({ 'project.current': () => current, 'jobs.list': () => known })
  const store = useProjectStore()
  await store.load()
  const before = store.jobs.map(({ id }) => id)
  // A work file of the same project: it has its id.
  current = exampleOverview({ fileKey: 'clinic-notes-ines', isWorkFile: true })
  known = [job(1, 'finished'), job(2, 'running')]
  store.setOverview(current)
  await store.load()
  expect([before, store.jobs.map(({ id }) => id)]).toEqual([[exampleId(1)], [exampleId(2)]])
})
