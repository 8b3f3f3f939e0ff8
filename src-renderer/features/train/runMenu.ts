import type { Run } from '#shared/domain/run.ts'

export type RunAction = 'rename' | 'pin' | 'unpin' | 'resume' | 'restore' | 'compare' | 'bin'

/** What may be done with a run, as its menu shows it. */
export interface RunMenuItem {
  readonly id: RunAction
  readonly label: string
  /** Why it cannot be done now. */
  readonly hint?: string
  readonly disabled?: boolean
  readonly separated?: boolean
}

/** An item that says why it cannot be chosen; null: it can. */
function unless(obstacle: string | null): Pick<RunMenuItem, 'hint' | 'disabled'> {
  return obstacle === null ? {} : { hint: obstacle, disabled: true }
}

const whileBusy = 'Wait until the work under way is done'

function restoreObstacle(run: Run, busy: boolean): string | null {
  if (run.inUse) return 'It is in use'
  if (run.status !== 'finished') return 'It did not finish'
  return busy ? whileBusy : null
}

function binObstacle(run: Run): string | null {
  if (run.inUse) return 'It is in use: use another run first'
  if (run.status === 'running') return 'It is still training'
  return run.pinned ? 'Unpin it first' : null
}

/**
 * The menu of a run.
 * @param inUse the number of the run in use, to compare with; null where there is none.
 * @param busy a training or a restore is under way.
 */
export function runMenu(run: Run, inUse: number | null, busy: boolean): RunMenuItem[] {
  return [
    { id: 'rename', label: run.name === null ? 'Name…' : 'Rename…' },
    run.pinned ? { id: 'unpin', label: 'Unpin' } : { id: 'pin', label: 'Pin' },
    ...(run.resumable
      ? [{ id: 'resume' as const, label: 'Go on training', ...unless(busy ? whileBusy : null) }]
      : []),
    { id: 'restore', label: 'Use this model', ...unless(restoreObstacle(run, busy)) },
    ...(inUse === null || run.inUse
      ? []
      : [{ id: 'compare' as const, label: `Compare with run ${inUse}, in use` }]),
    { id: 'bin', label: 'Move to the bin', separated: true, ...unless(binObstacle(run)) },
  ]
}
