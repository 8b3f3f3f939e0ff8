import { GradusError } from '#shared/contract/errors.ts'
import type { AppContract } from '#shared/contract/index.ts'
import type { KeptReplay } from '#shared/contract/replay.ts'
import { summariseReplay, type ReplayPlan } from '#shared/domain/replay.ts'
import { askedCells } from '#shared/domain/replayPlan.ts'
import type { Handlers } from '#shared/rpc/contract.ts'
import { makeFolder } from '../../formats/atomicFile.ts'
import { explainDatabaseError } from '../../store/databaseErrors.ts'
import type { ProjectStore } from '../../store/projectStore.ts'
import type { StoredReplay } from '../../store/repositories/replays.ts'
import type { ServiceContext } from '../context.ts'
import { openDestination } from '../exports/downloads.ts'
import { giveWay } from '../training/giveWay.ts'
import { requireIdle } from '../training/requireIdle.ts'
import { requireStillOpen, requireWholeProject, withProject } from '../withProject.ts'
import { carryOutReplay, type ReplayKeeper } from './carryOutReplay.ts'
import { gatherReplayRows, labelsStamp, planReplay, type ReplayRows } from './projectReplay.ts'
import { writeReplayFiles } from './replayFiles.ts'

export type ReplayHandlers = Pick<Handlers<AppContract>, 'replay.start' | 'replay.read' | 'replay.files'>

/** Encoding comes before this share of the job; where all is cached it is over at once. */
const encodingShare = 0.05

/** The handlers of contract/replay.ts. */
export function createReplayHandlers(context: ServiceContext): ReplayHandlers {
  return {
    'replay.start': (asked, { signal }) =>
      withProject(context, async (store) => {
        requireWholeProject(store, 'strategies are replayed')
        await giveWay(context)
        requireStillOpen(store)
        requireIdle(context)
        const rows = await gatherReplayRows(context, store, signal)
        requireStillOpen(store)
        // Another call may have started one while this one was reading.
        requireIdle(context)
        return { jobId: startReplay(context, store, planReplay(asked, rows), rows) }
      }),

    'replay.read': () =>
      withProject(context, (store) => {
        const last = store.replays.last()
        return last === null ? null : read(last, labelsStamp(store))
      }),

    'replay.files': ({ folderToken }) =>
      withProject(context, async (store) => {
        const last = store.replays.last()
        if (last === null || last.reference === null || last.cells.length === 0)
          throw new GradusError('nothing-to-do', 'There are no curves yet: replay strategies first.')
        const { plan, cells, reference } = last
        const { folder, offer } = await openDestination(context, folderToken)
        await makeFolder(folder)
        const written = await writeReplayFiles(folder, plan, { cells, reference })
        return {
          folder: offer === null ? folder : null,
          files: written.map(({ path, name, bytes, sha256 }) => ({
            name,
            bytes,
            sha256,
            download: offer === null ? null : offer(path),
          })),
        }
      }),
  }
}

function startReplay(
  context: ServiceContext,
  store: ProjectStore,
  plan: ReplayPlan,
  rows: ReplayRows,
): string {
  const count = plan.asked.strategies.length * plan.asked.seeds
  return context.jobs.start({ kind: 'replay', done: 0, count }, 'Reading labels', async (running) => {
    try {
      await carryOutReplay(context, store, {
        plan,
        rows,
        keeper: keepInProject(store, plan, rows.labels),
        processes: context.threads,
        signal: running.signal,
        onProgress: ({ phase, share, done }) =>
          done === null
            ? running.update({ phase, share: encodingShare * share })
            : running.update({
                phase,
                share: encodingShare + (1 - encodingShare) * share,
                detail: { kind: 'replay', done, count },
              }),
      })
    } catch (thrown) {
      throw explainDatabaseError(thrown, store.path)
    }
  })
}

/** Keeps each part in the project as it is done. */
function keepInProject(store: ProjectStore, plan: ReplayPlan, labels: string): ReplayKeeper {
  let kept = 0
  let hasReference = false
  return {
    begin(key) {
      store.replays.begin({ key, plan, labels, begunAt: new Date().toISOString() })
      const { reference = null, cells = [] } = store.replays.last() ?? {}
      kept = cells.length
      hasReference = reference !== null
      return { reference, cells }
    },
    keep(_key, { reference, cells }) {
      if (!hasReference && reference !== null) {
        store.replays.keepReference(reference)
        hasReference = true
      }
      for (const cell of cells.slice(kept)) store.replays.keepCell(cell)
      kept = cells.length
      store.wrote()
    },
  }
}

function read({ plan, labels, reference, cells, begunAt }: StoredReplay, present: string): KeptReplay {
  const asked = askedCells(cells, plan.asked)
  return {
    ...plan,
    reference,
    done: asked.length,
    count: plan.asked.strategies.length * plan.asked.seeds,
    summaries: summariseReplay(asked, reference ?? { pearson: null }),
    labelsChanged: labels !== present,
    begunAt,
  }
}
