import { beforeEach, describe, expect, it } from 'vitest'
import { GradusError, toErrorShape } from '#shared/contract/errors.ts'
import type { Job, JobDetail } from '#shared/contract/jobs.ts'
import { createJobs, throwIfCancelled, type Jobs, type RunningJob } from './jobs.ts'

const detail: JobDetail = { kind: 'export', folder: null, files: [] }
let seen: Job[]
let logged: string[]
let jobs: Jobs
beforeEach(() => {
  seen = []
  logged = []
  jobs = createJobs(
    (job) => seen.push(job),
    (_, where) => logged.push(where),
  )
})

const untilAborted = ({ signal }: RunningJob): Promise<void> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new GradusError('cancelled', 'Cancelled.')))
  })
const outcomes = (): string[] => seen.map((job) => `${job.phase} ${job.share} ${job.outcome.status}`)

describe('a job', () => {
  it('is told of at its start and its end, whatever came in between', async () => {
    const id = jobs.start(detail, 'Writing', async (running) => {
      for (let step = 0; step < 1000; step++) running.update({ share: step / 1000 })
      await Promise.resolve()
    })
    expect(outcomes()).toEqual(['Writing null running'])
    const ended = await jobs.ended(id)
    expect(outcomes()).toEqual(['Writing null running', 'Writing 1 finished'])
    expect({ list: jobs.list(), again: await jobs.ended(id) }).toEqual({ list: [ended], again: ended })
  })

  it('fails with what was thrown, and logs only our own bugs', async () => {
    const failures = [new GradusError('disk-full', 'The disk is full.'), new TypeError('x is undefined')]
    const ended = await Promise.all(
      failures.map((thrown) => jobs.ended(jobs.start(detail, 'Writing', () => Promise.reject(thrown)))),
    )
    expect(ended.map((job) => job.outcome)).toEqual([
      { status: 'failed', error: { code: 'disk-full', message: 'The disk is full.' } },
      { status: 'failed', error: { code: 'unexpected', message: 'Unexpected: x is undefined' } },
    ])
    expect(logged).toEqual(['job export'])
  })

  it('can be cancelled while it runs; afterwards cancelling does nothing', async () => {
    const id = jobs.start(detail, 'Writing', untilAborted)
    await Promise.resolve()
    jobs.cancel(id)
    jobs.cancel(id)
    const ended = await jobs.ended(id)
    jobs.cancel(id)
    jobs.cancel('01ARZ3NDEKTSV4RRFFQ69G5FAV')
    expect([ended.outcome, jobs.list()]).toEqual([{ status: 'cancelled' }, [ended]])
  })

  it('does not begin where it was cancelled at once', async () => {
    let begun = false
    const id = jobs.start(detail, 'Writing', () => {
      begun = true
      return Promise.resolve()
    })
    jobs.cancel(id)
    expect([(await jobs.ended(id)).outcome, begun]).toEqual([{ status: 'cancelled' }, false])
  })

  it('is over when it has ended: late progress is not heard', async () => {
    let late: RunningJob['update'] = () => undefined
    const id = jobs.start(detail, 'Writing', (running) => {
      late = (change) => running.update(change)
      return Promise.resolve()
    })
    const ended = await jobs.ended(id)
    late({ share: 0.2, phase: 'Late' })
    expect([outcomes(), jobs.list()]).toEqual([['Writing null running', 'Writing 1 finished'], [ended]])
  })
})

describe('jobs', () => {
  it('refuse a second one of a kind where asked', async () => {
    const id = jobs.start(detail, 'Writing', untilAborted)
    expect(() => jobs.requireIdle('export')).toThrow('Another export is running')
    jobs.requireIdle('train')
    jobs.cancel(id)
    await jobs.ended(id)
    jobs.requireIdle('export')
  })

  it('forget all but the last 20 ended ones, newest first', async () => {
    const running = jobs.start(detail, 'First', untilAborted)
    const ids: string[] = []
    for (let count = 0; count < 25; count++) {
      ids.push(jobs.start(detail, 'Writing', () => Promise.resolve()))
      await jobs.ended(ids.at(-1)!)
    }
    expect(jobs.list().map((job) => job.id)).toEqual([...ids.slice(-20).reverse(), running])
    await jobs.close()
  })

  it('forget what has ended, and only that, when the project changes', async () => {
    const running = jobs.start(detail, 'First', untilAborted)
    await jobs.ended(jobs.start(detail, 'Writing', () => Promise.resolve()))
    jobs.forgetEnded()
    expect(jobs.list().map((job) => job.id)).toEqual([running])
    await jobs.close()
  })

  it('take nothing new once they close, and wait for the running ones', async () => {
    const steps: string[] = []
    jobs.start(detail, 'Writing', async ({ signal }) => {
      while (!signal.aborted) await new Promise((resolve) => setImmediate(resolve))
      steps.push('cleaned up')
      throwIfCancelled(signal)
    })
    await new Promise((resolve) => setImmediate(resolve))
    await jobs.close()
    steps.push('closed')
    const late = await Promise.resolve()
      .then(() => jobs.start(detail, 'Late', () => Promise.resolve()))
      .catch(toErrorShape)
    expect([steps, late, seen.at(-1)?.outcome]).toEqual([
      ['cleaned up', 'closed'],
      { code: 'cancelled', message: 'The program is closing.' },
      { status: 'cancelled' },
    ])
  })
})
