import { toErrorShape } from '#shared/contract/errors.ts'
import { trainingConfiguration } from '#shared/domain/run.ts'
import type { ProjectStore } from '../../store/projectStore.ts'
import type { Pace } from '../../jobs/pace.ts'
import type { ServiceContext } from '../context.ts'
import { lastTried } from '../training/interruptedRuns.ts'
import { startTraining } from '../training/train.ts'
import { quietContext } from './quietContext.ts'
import { withProject } from '../withProject.ts'

/** Trains by itself where the project says so. */
export interface Retraining {
  /** To be called after every change of the project and after the end of every job. */
  look(): void
  /** Starts nothing more, and waits for a start that is under way to come to its end. */
  close(): Promise<void>
}

/** Changes within this time are looked at once, in milliseconds; who gets the answer to a rating is not to wait for it. */
const lookDelay = 400
/** Where there are too few labels for a first run, they are counted again after so many ratings. */
const ratingsBetweenCounts = 5

/** Ratings that count for the next run. */
function ratingsToLearn(store: ProjectStore): number {
  const { runId, ratings, newRatings } = store.tally.read()
  return runId === null ? ratings : newRatings
}

/**
 * Whether a new run is to be trained by itself: so many ratings were made since the run in use began, and since the
 * last one that was tried. So what has failed or was cancelled waits for as many ratings again.
 */
export function isRetrainingDue(store: ProjectStore): boolean {
  const { settings, workRaterId } = store.project.read()
  const { retrainAfter } = settings
  if (retrainAfter === null || workRaterId !== null || ratingsToLearn(store) < retrainAfter) return false
  const tried = lastTried(store.runs.latest())
  return tried === null || store.ratings.countSince(tried) >= retrainAfter
}

/** Only agreement may go on beside a training that nobody has asked for. */
function isBusy({ jobs }: ServiceContext): boolean {
  return jobs
    .list()
    .some(({ detail, outcome }) => outcome.status === 'running' && detail.kind !== 'agreement')
}

/** Starts a training with the configuration of the run in use whenever one is due and nothing else runs. */
export function createRetraining(context: ServiceContext, pace: Pace): Retraining {
  /** A start was refused: it is tried again from so many ratings on. */
  const refusedUntil = new WeakMap<ProjectStore, number>()
  const closing = new AbortController()
  let starting: Promise<void> | null = null

  const isWanted = (store: ProjectStore): boolean =>
    isRetrainingDue(store) && ratingsToLearn(store) >= (refusedUntil.get(store) ?? 0)

  const start = async (store: ProjectStore): Promise<void> => {
    const configuration = store.runs.inUse()?.configuration ?? trainingConfiguration.parse({})
    const wanted = { configuration, backend: undefined, automatic: true }
    const at = ratingsToLearn(store)
    try {
      await startTraining(quietContext(context, pace), store, wanted, closing.signal)
    } catch (thrown) {
      const { code } = toErrorShape(thrown)
      // The end of the job that came first is looked at, too.
      if (code === 'job-running' || closing.signal.aborted || !store.database.open) return
      const { retrainAfter } = store.project.read().settings
      const wait = code === 'not-enough-labels' ? ratingsBetweenCounts : (retrainAfter ?? 0)
      refusedUntil.set(store, at + wait)
      if (code === 'unexpected') context.log(thrown, 'retraining')
    }
  }

  let timer: NodeJS.Timeout | undefined
  const lookNow = (): void => {
    timer = undefined
    if (closing.signal.aborted || starting !== null || context.session.open === null) return
    starting = withProject(context, async (store) => {
      if (!isBusy(context) && isWanted(store)) await start(store)
    })
      .catch((thrown: unknown) => {
        if (toErrorShape(thrown).code === 'unexpected') context.log(thrown, 'retraining')
      })
      .finally(() => (starting = null))
  }

  return {
    look() {
      if (context.host !== 'command-line') timer ??= setTimeout(lookNow, lookDelay)
    },
    async close() {
      closing.abort()
      clearTimeout(timer)
      await starting
    },
  }
}
