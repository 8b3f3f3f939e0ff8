import type { AgreementReport } from '#shared/contract/agreement.ts'
import { GradusError, toErrorShape } from '#shared/contract/errors.ts'
import type { ProjectStore } from '../../store/projectStore.ts'
import type { ServiceContext } from '../context.ts'
import { requireStillOpen } from '../withProject.ts'
import { gatherRatings, type GatheredRatings } from './gatherRatings.ts'
import { measureAgreement, measureIntervals, type Measured } from './measure.ts'

/** What was last read and measured of the open project, so that nothing is done twice while nothing changes. */
export interface AgreementCache {
  gathered(store: ProjectStore): Promise<GatheredRatings>
  /** With intervals where they have been computed. */
  report(store: ProjectStore): Promise<AgreementReport>
  /** Starts computing the intervals and returns the job; the one that runs, or ran, where nothing has changed. */
  intervals(store: ProjectStore): Promise<string>
}

/** One reading of the ratings, and what has been made of it. */
interface Kept {
  readonly store: ProjectStore
  /** What tells whether the ratings have changed. */
  readonly stamp: string
  /** Nothing at all has been written since the stamp was last looked at. */
  changes: string
  readonly controller: AbortController
  readonly gathered: Promise<GatheredRatings>
  measured: Promise<Measured> | null
  /** The report with intervals. */
  complete: AgreementReport | null
  jobId: string | null
}

function stampOf(store: ProjectStore): string {
  return `${store.consensus.ratingsStamp()} ${store.agreement.goldStamp()}`
}

export function createAgreementCache(context: ServiceContext): AgreementCache {
  let last: Kept | null = null

  /** What is known of the ratings as they are now; what was under way for others is given up. */
  function present(store: ProjectStore): Kept {
    const changes = store.tally.changes()
    if (last?.store === store && last.changes === changes) return last
    const stamp = stampOf(store)
    if (last?.store === store && last.stamp === stamp) {
      last.changes = changes
      return last
    }
    if (last !== null) giveUp(last)
    const controller = new AbortController()
    const gathered = gatherRatings(store, controller.signal)
    const kept: Kept = {
      store,
      stamp,
      changes,
      controller,
      gathered,
      measured: null,
      complete: null,
      jobId: null,
    }
    gathered.catch(() => forget(kept))
    return (last = kept)
  }

  function forget(kept: Kept): void {
    if (last === kept) last = null
  }

  function giveUp(kept: Kept): void {
    kept.controller.abort()
    if (kept.jobId !== null) context.jobs.cancel(kept.jobId)
  }

  /** Asks anew where ratings came in between: a caller wants what is, and has not cancelled. */
  async function ofPresent<Result>(
    store: ProjectStore,
    work: (kept: Kept) => Promise<Result>,
  ): Promise<Result> {
    for (;;) {
      requireStillOpen(store)
      const kept = present(store)
      try {
        return await work(kept)
      } catch (thrown) {
        if (!(kept.controller.signal.aborted && toErrorShape(thrown).code === 'cancelled')) throw thrown
      }
    }
  }

  function measuredOf(kept: Kept): Promise<Measured> {
    if (kept.measured !== null) return kept.measured
    const { signal } = kept.controller
    const begun = performance.now()
    const measured = kept.gathered.then((gathered) => measureAgreement(context, gathered, begun, signal))
    kept.measured = measured
    measured.catch(() => void (kept.measured = kept.measured === measured ? null : kept.measured))
    return measured
  }

  return {
    gathered: (store) => ofPresent(store, (kept) => kept.gathered),

    report: (store) => ofPresent(store, async (kept) => kept.complete ?? (await measuredOf(kept)).report),

    async intervals(store) {
      const kept = await ofPresent(store, async (found) => {
        await measuredOf(found)
        return found
      })
      const known = context.jobs.list().find(({ id }) => id === kept.jobId)
      if (known !== undefined && ['running', 'finished'].includes(known.outcome.status)) return known.id
      const measured = await measuredOf(kept)
      if (measured.report.overlapping === 0)
        throw new GradusError(
          'nothing-to-do',
          'No pair has two raters, so there is nothing to compute intervals of: let another rater score some of the same pairs.',
        )
      kept.jobId = context.jobs.start({ kind: 'agreement' }, 'Computing intervals', async (running) => {
        kept.complete = await measureIntervals(
          context,
          await kept.gathered,
          measured,
          running.signal,
          (share) => running.update({ share }),
        )
      })
      return kept.jobId
    },
  }
}
