import { setImmediate as yieldToOthers } from 'node:timers/promises'
import { GradusError } from '#shared/contract/errors.ts'
import type { AppContract } from '#shared/contract/index.ts'
import type { Run } from '#shared/domain/run.ts'
import type { Handlers } from '#shared/rpc/contract.ts'
import { encoderDigest } from '../../encoder/catalogue.ts'
import type { ProjectStore } from '../../store/projectStore.ts'
import { writing } from '../../store/writing.ts'
import type { ServiceContext } from '../context.ts'
import { requireStillOpen, withProject } from '../withProject.ts'
import { giveWay } from './giveWay.ts'
import { requireIdle } from './requireIdle.ts'
import type { KeptRun } from './refreshRanking.ts'
import { restoreRun } from './restoreRun.ts'

export type RunsHandlers = Pick<
  Handlers<AppContract>,
  | 'train.runs'
  | 'train.rename'
  | 'train.pin'
  | 'train.bin'
  | 'train.takeFromBin'
  | 'train.emptyBin'
  | 'train.restore'
>

/** The run of this id. @throws GradusError `not-found`. */
function requireRun(store: ProjectStore, runId: string): Run {
  const run = store.runs.byId(runId)
  if (run === null)
    throw new GradusError('not-found', 'This run is not in the project any more: list its runs again.')
  return run
}

/** @throws GradusError `bad-options` where the run may not go into the bin, with what to do first. */
function refuseBin({ number, status, pinned, inUse }: Run): void {
  const reason = inUse
    ? `Run ${number} is the project's model: use another run first.`
    : status === 'running'
      ? `Run ${number} is still training: cancel it first.`
      : pinned
        ? `Run ${number} is pinned: unpin it first.`
        : null
  if (reason !== null) throw new GradusError('bad-options', reason)
}

/** The run with its weights. @throws GradusError `nothing-to-do`, `bad-options` where it cannot be taken up. */
function requireRestorable(store: ProjectStore, runId: string): KeptRun {
  const run = requireRun(store, runId)
  const { number } = run
  if (run.inUse) throw new GradusError('nothing-to-do', `Run ${number} is the project's model already.`)
  const weights = run.status === 'finished' ? store.runs.weights(runId) : null
  if (weights === null)
    throw new GradusError(
      'bad-options',
      `Run ${number} did not finish, so it has no model: choose another run.`,
    )
  if (run.binnedAt !== null)
    throw new GradusError('bad-options', `Run ${number} is in the bin: take it back first.`)
  if (run.encoderDigest !== encoderDigest)
    throw new GradusError(
      'bad-options',
      `Run ${number} was trained on another encoder, which this program does not have: train again.`,
    )
  return { run, weights }
}

/** The handlers of contract/train.ts that are about runs as they are kept. */
export function createRunsHandlers(context: ServiceContext): RunsHandlers {
  /** Looks at a run and changes it in one transaction, and tells windows. */
  const change = (runId: string, make: (store: ProjectStore, run: Run) => void): Promise<Run> =>
    withProject(context, (store) => {
      const changed = writing(store.database, () => {
        make(store, requireRun(store, runId))
        return requireRun(store, runId)
      })()
      context.projectChanged()
      return changed
    })

  return {
    'train.runs': () => withProject(context, (store) => store.runs.list()),

    'train.rename': ({ runId, name }) => change(runId, (store) => store.runs.rename(runId, name)),

    'train.pin': ({ runId, pinned }) =>
      change(runId, (store, { number, binnedAt }) => {
        if (binnedAt !== null)
          throw new GradusError('bad-options', `Run ${number} is in the bin: take it back first.`)
        store.runs.setPinned(runId, pinned)
      }),

    'train.bin': ({ runId }) =>
      change(runId, (store, run) => {
        refuseBin(run)
        store.runs.bin(runId, new Date().toISOString())
      }),

    'train.takeFromBin': ({ runId }) => change(runId, (store) => store.runs.takeFromBin(runId)),

    'train.emptyBin': ({ typed }) =>
      withProject(context, async (store) => {
        const { title } = store.project.read()
        if (typed.trim() !== title)
          throw new GradusError(
            'bad-options',
            `What was typed is not the project's title, "${title}": nothing was deleted.`,
          )
        const at = new Date().toISOString()
        let deleted = 0
        for (const run of store.runs.list())
          if (run.binnedAt !== null) {
            if (store.runs.remove(run.id, at)) deleted++
            await yieldToOthers()
          }
        context.projectChanged()
        return { deleted }
      }),

    'train.restore': ({ runId }) =>
      withProject(context, async (store) => {
        await giveWay(context)
        requireStillOpen(store)
        const earlier = requireRestorable(store, runId)
        requireIdle(context)
        const jobId = context.jobs.start(
          { kind: 'restore', runId, runNumber: earlier.run.number },
          'Reading labels',
          (running) => restoreRun(context, store, earlier, running),
        )
        return { jobId }
      }),
  }
}
