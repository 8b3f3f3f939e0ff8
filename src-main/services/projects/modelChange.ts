import type { ModelChange } from '#shared/contract/project.ts'
import type { Run } from '#shared/domain/run.ts'
import type { ProjectStore } from '../../store/projectStore.ts'

type Judged = Pick<Run, 'number' | 'report'>

/** Why the figures of two runs on the holdout are not to be compared; null where they are. */
function cautionOf(before: Judged, now: Judged): string | null {
  const [earlier, later] = [before, now].map(({ report }) => report?.holdout?.used.n ?? 0)
  if (earlier === undefined || later === undefined || earlier === 0 || later === 0 || earlier === later)
    return null
  return `the holdout ${later > earlier ? 'grew' : 'shrank'} from ${earlier} to ${later} pairs`
}

/** What the run in use has changed by taking over; null where no run was in use before or somebody went back to it. */
export function modelChange(store: ProjectStore, run: Run): ModelChange | null {
  const queue = store.queueChanges.of(run.id)
  const before = queue === null ? null : earlierRun(store, queue.before)
  if (queue === null || before === null) return null
  return {
    before: { runNumber: before.number, pearson: before.report?.holdout?.used.pearson?.value ?? null },
    caution: cautionOf(before, run),
    left: queue.left,
    entered: queue.entered,
  }
}

const earlierRuns = new WeakMap<ProjectStore, Run>()

/** A finished run does not change: its long report is read once, not after every rating. */
function earlierRun(store: ProjectStore, runId: string): Run | null {
  const known = earlierRuns.get(store)
  if (known?.id === runId) return known
  const run = store.runs.byId(runId)
  if (run !== null) earlierRuns.set(store, run)
  return run
}
