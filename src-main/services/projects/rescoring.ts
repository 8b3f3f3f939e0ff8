import { isDeepStrictEqual } from 'node:util'
import { setImmediate as yieldToOthers } from 'node:timers/promises'
import type { ClassScore } from '#shared/domain/classes.ts'
import { groupingText } from '#shared/domain/pair.ts'
import { GradusError } from '#shared/contract/errors.ts'
import { throwIfCancelled, type RunningJob } from '../../jobs/jobs.ts'
import { explainDatabaseError } from '../../store/databaseErrors.ts'
import type { ProjectStore } from '../../store/projectStore.ts'
import { writing } from '../../store/writing.ts'
import type { ServiceContext } from '../context.ts'

/** So many labels follow a change of their classes at once; more are a job. */
const followedAtOnce = 1_000

/**
 * To be called when the classes of a project have been written, in the same transaction: lets the labels follow, where
 * they are few. Where they are many, a killed program finishes at the next opening what was begun.
 * @returns what is to be called after the transaction; null where the classes are as they were.
 * @throws GradusError `job-running` while an import, a restore or an earlier change is under way; the classes must not
 *   change then.
 */
export function prepareRescoring(
  context: ServiceContext,
  store: ProjectStore,
  before: ClassScore[],
  classes: readonly ClassScore[],
): (() => void) | null {
  if (isDeepStrictEqual(before, classes)) return null
  refuseTakenNames(before, classes)
  for (const kind of ['rescore', 'restore', 'rank'] as const) context.jobs.requireIdle(kind)
  store.classLabels.refuseDuringImport()
  if (store.classLabels.isRescoring())
    throw new GradusError(
      'job-running',
      'The labels are still following an earlier change of the classes: close the project everywhere and open it again.',
    )
  const stale = store.classLabels.countStale(classes)
  if (stale <= followedAtOnce) {
    store.classLabels.follow(classes).next(followedAtOnce)
    return () => store.tally.recount()
  }
  store.classLabels.setRescoring(true)
  return () =>
    void context.jobs.start(
      { kind: 'rescore', labels: stale, rescored: 0 },
      'Giving labels their new scores',
      async (running) => {
        try {
          await rescore(store, { before, classes, stale }, running)
        } catch (thrown) {
          throw explainDatabaseError(thrown, store.path)
        } finally {
          store.tally.recount()
          context.projectChanged()
        }
      },
    )
}

/**
 * Labels say names, so a name may not pass from one class to another in one step: its labels could not be told apart.
 * @throws GradusError `bad-options`.
 */
function refuseTakenNames(before: readonly ClassScore[], classes: readonly ClassScore[]): void {
  const formerNames = (some: readonly ClassScore[]): string[] =>
    some.flatMap(({ formerly }) => formerly ?? []).map(groupingText)
  const earlier = new Set(formerNames(before))
  const givenUp = new Set(formerNames(classes).filter((name) => !earlier.has(name)))
  for (const { name } of classes)
    if (givenUp.has(groupingText(name)))
      throw new GradusError(
        'bad-options',
        `"${name}" was the name of another class until now: save that class under its new name first.`,
      )
}

/** Lets all labels follow, a chunk at a time; cancelled, it gives the classes and labels back what they had. */
async function rescore(
  store: ProjectStore,
  change: { readonly before: ClassScore[]; readonly classes: readonly ClassScore[]; readonly stale: number },
  running: RunningJob,
): Promise<void> {
  const { before, classes, stale } = change
  const follower = store.classLabels.follow(classes)
  let rescored = 0
  try {
    for (let count = follower.next(followedAtOnce); count > 0; count = follower.next(followedAtOnce)) {
      rescored += count
      store.tally.recount()
      running.update({
        share: Math.min(1, rescored / stale),
        detail: { kind: 'rescore', labels: stale, rescored },
      })
      await yieldToOthers()
      throwIfCancelled(running.signal)
    }
  } catch (thrown) {
    if (!running.signal.aborted) throw thrown
    running.update({ phase: 'Giving labels their earlier scores back', share: null })
    writing(store.database, () => {
      const { settings } = store.project.read()
      store.project.writeSettings({ ...settings, classScores: before })
    })()
    const back = store.classLabels.follow(before)
    while (back.next(followedAtOnce) > 0) await yieldToOthers()
    store.classLabels.setRescoring(false)
    throw thrown
  }
  store.classLabels.setRescoring(false)
}

/** Finishes what a killed program has left; to be called for a project that no other process has open. */
export function finishRescoring(store: ProjectStore): void {
  if (!store.classLabels.isRescoring()) return
  const follower = store.classLabels.follow(store.project.read().settings.classScores)
  while (follower.next(followedAtOnce) > 0);
  store.classLabels.setRescoring(false)
}
