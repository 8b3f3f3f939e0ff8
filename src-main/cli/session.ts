import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { GradusError } from '#shared/contract/errors.ts'
import { contract, type AppContract } from '#shared/contract/index.ts'
import type { Job } from '#shared/contract/jobs.ts'
import { createClient } from '#shared/rpc/client.ts'
import type { InputOf, MethodName, OutputOf } from '#shared/rpc/contract.ts'
import { createPortPair } from '#shared/rpc/port.ts'
import { createBackend, type Backend } from '../backend.ts'
import { createForkWorker } from '../jobs/forkWorker.ts'
import { builtEntries } from '../programRoot.ts'
import { createProgressLine } from './terminal.ts'

/** What a command works with: the same backend as the window's, and a signal that Ctrl+C aborts. */
export interface Session extends Pick<Backend, 'context'> {
  readonly signal: AbortSignal
  /** Calls a method of the contract: what the user gave is parsed at the same border as the window's. */
  readonly call: <Name extends MethodName<AppContract>>(
    name: Name,
    input: InputOf<AppContract, Name>,
  ) => Promise<OutputOf<AppContract, Name>>
}

const milliseconds = 100

/** A path as the user meant it: `npm run` starts programs in the package's folder, not in the user's. */
export function userPath(path: string): string {
  const { npm_lifecycle_event: script, INIT_CWD: folder } = process.env
  return resolve(script === 'gradus' && folder !== undefined ? folder : process.cwd(), path)
}

/**
 * The path of a file that the user named.
 * @param advice what to do where it is not there, as the end of a sentence.
 * @throws GradusError `not-found` where it is not there, `bad-file` where it is a folder.
 */
export function userFile(path: string, advice: string): string {
  const file = userPath(path)
  const facts = statSync(file, { throwIfNoEntry: false })
  if (facts === undefined) throw new GradusError('not-found', `There is no file ${path}: ${advice}.`)
  if (facts.isDirectory()) throw new GradusError('bad-file', `${path} is a folder: ${advice}.`)
  return file
}

/**
 * Runs `use` over a backend and closes that afterwards. The first Ctrl+C asks what runs to stop, the second ends the
 * program at once.
 */
export async function withBackend<Result>(use: (session: Session) => Promise<Result>): Promise<Result> {
  const backend = createBackend({
    host: 'command-line',
    startWorker: createForkWorker(builtEntries),
    offerDownload: null,
  })
  const controller = new AbortController()
  const interrupt = (): void => {
    if (controller.signal.aborted) process.exit(1)
    controller.abort()
  }
  process.on('SIGINT', interrupt)
  process.on('SIGTERM', interrupt)
  const { signal } = controller
  const [ownPort, backendPort] = createPortPair()
  backend.connect(backendPort)
  const client = createClient(contract, ownPort)
  try {
    return await use({
      context: backend.context,
      signal,
      call: (name, input) => client.call(name, input, { signal }),
    })
  } finally {
    client.close()
    process.off('SIGINT', interrupt)
    process.off('SIGTERM', interrupt)
    await backend.close()
  }
}

/** The same with the project at `path` open. @throws GradusError where it cannot be opened. */
export async function withProject<Result>(
  path: string,
  use: (session: Session) => Promise<Result>,
): Promise<Result> {
  const file = userFile(path, 'name another one, or make it with "gradus new"')
  return withBackend(async (session) => {
    const fileToken = session.context.files.allow(file)
    await session.call('project.open', { by: 'file', fileToken })
    return await use(session)
  })
}

/**
 * Shows a job's progress on stderr until it ends; Ctrl+C cancels it.
 * @returns the job as it finished.
 * @throws GradusError `cancelled`, or what the job failed with.
 */
export async function followJob({ context, signal }: Session, jobId: string): Promise<Job> {
  const line = createProgressLine()
  const show = (): void => {
    const job = context.jobs.list().find(({ id }) => id === jobId)
    if (job?.outcome.status === 'running') line.show(job.phase, job.share, job.secondsLeft)
  }
  const cancel = (): void => context.jobs.cancel(jobId)
  if (signal.aborted) cancel()
  signal.addEventListener('abort', cancel, { once: true })
  const timer = setInterval(show, milliseconds)
  try {
    const job = await context.jobs.ended(jobId)
    switch (job.outcome.status) {
      case 'running':
        throw new Error('An ended job is still running.')
      case 'cancelled':
        throw new GradusError('cancelled', 'Cancelled. The project is as it was before.')
      case 'failed': {
        const { code, message, details } = job.outcome.error
        throw new GradusError(code, message, details)
      }
      case 'finished':
        return job
    }
  } finally {
    clearInterval(timer)
    signal.removeEventListener('abort', cancel)
    line.clear()
  }
}
