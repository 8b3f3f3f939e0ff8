import type {
  AnnotateProgress,
  AnnotateQueue,
  AnnotateStep,
  AnnotateTask,
} from '#shared/contract/annotate.ts'
import { GradusError } from '#shared/contract/errors.ts'
import type { AppContract } from '#shared/contract/index.ts'
import type { Pair } from '#shared/domain/pair.ts'
import type { ShownBecause } from '#shared/domain/rating.ts'
import type { Handlers } from '#shared/rpc/contract.ts'
import type { ProjectStore } from '../../store/projectStore.ts'
import type { StoredRating } from '../../store/repositories/ratings.ts'
import type { ServiceContext } from '../context.ts'
import { createRaterOrders, type RaterAtWork } from './raterOrders.ts'
import { createDispute, revealScores } from './revealScores.ts'
import { requireRater, withProject } from '../withProject.ts'

export type AnnotateHandlers = Pick<
  Handlers<AppContract>,
  | 'annotate.next'
  | 'annotate.open'
  | 'annotate.commit'
  | 'annotate.skip'
  | 'annotate.undo'
  | 'annotate.redo'
  | 'dispute.create'
>

/** Who is at work, on which queue, in which project. */
interface Work {
  readonly store: ProjectStore
  readonly raterId: string
  readonly queue: AnnotateQueue
  readonly atWork: RaterAtWork
}

/** Why a pair is shown. */
interface Why {
  readonly shownBecause: ShownBecause
  readonly suggestionId: string | null
  /** The answer that is to be repeated blind. */
  readonly retests?: string
}

/** In a file that was split off for one rater, nobody else rates. @throws GradusError `bad-request`. */
function requireOwnFile(store: ProjectStore, raterId: string): void {
  const { workRaterId } = store.project.read()
  if (workRaterId === null || workRaterId === raterId) return
  const name = store.raters.byId(workRaterId)?.name ?? ''
  throw new GradusError('bad-request', `This file was split off for ${name}: only ${name} rates in it.`)
}

function requirePair(store: ProjectStore, pairId: string): Pair {
  const pair = store.pairs.byId(pairId)
  if (pair === null)
    throw new GradusError('not-found', 'This pair is not in the project: choose another one.')
  return pair
}

function toTask(work: Work, pair: Pair, why: Why, given: StoredRating | null): AnnotateTask {
  // What was taken back and could be redone is shown again, also after a restart.
  const previous = given ?? work.store.annotation.undoneAnswer(work.raterId, pair.id)
  const { shownBecause, suggestionId, retests = null } = why
  return {
    pair: { id: pair.id, externalId: pair.externalId, premise: pair.premise, hypothesis: pair.hypothesis },
    orderShown: work.atWork.steps,
    shownBecause,
    suggestionId,
    retests,
    pairVersion: work.store.decisions.textVersion(pair.id),
    previous:
      previous?.answer == null
        ? null
        : {
            ratingId: previous.id,
            answer: previous.answer,
            note: previous.note,
            confidence: previous.confidence,
          },
  }
}

/** The pair that the queue holds for this rater now. */
function nextTask(work: Work): AnnotateTask | null {
  const { store, raterId, queue, atWork } = work
  if (queue === 'review') {
    const { runId } = store.tally.read()
    const waiting = runId === null ? null : store.reviewQueue.next(runId, raterId)
    if (waiting === null) return null
    const why: Why = { shownBecause: 'suggestion', suggestionId: waiting.suggestionId }
    const pair = requirePair(store, waiting.pairId)
    return toTask(work, pair, why, store.ratings.current(pair.id, raterId))
  }
  const next = atWork.order.next()
  const retest = next?.because === 'calibration' ? null : atWork.retests.due(next === null)
  if (retest !== null) {
    const pair = store.pairs.byId(retest)
    const standing = store.ratings.current(retest, raterId)
    if (pair !== null && standing !== null && standing.score !== null)
      return toTask(
        work,
        pair,
        { shownBecause: 'retest', suggestionId: null, retests: standing.id },
        store.annotation.undoneAnswer(raterId, retest),
      )
    // Taken back or answered otherwise by another process.
    atWork.retests.postpone(retest)
  }
  const pair = next === null ? null : store.pairs.byPlace(next.place)
  return pair === null || next === null
    ? null
    : toTask(work, pair, { shownBecause: next.because, suggestionId: null }, null)
}

/** Of the suggestions, those that somebody has answered, and those that this rater can answer. */
function reviewProgress(
  store: ProjectStore,
  raterId: string,
): Pick<AnnotateProgress, 'done' | 'total' | 'skipped'> {
  const { runId, allSuggestions, suggestions } = store.tally.read()
  if (runId === null) return { done: 0, total: 0, skipped: 0 }
  const done = allSuggestions - suggestions
  return {
    done,
    total: done + store.reviewQueue.countLeft(runId, raterId),
    skipped: store.reviewQueue.countSkipped(runId, raterId),
  }
}

function progressOf({ store, raterId, queue, atWork }: Work): AnnotateProgress {
  const { canUndo, canRedo, recentMilliseconds } = store.annotation.state(raterId)
  const spent = recentMilliseconds.reduce((sum, milliseconds) => sum + milliseconds, 0)
  const pairsPerMinute =
    recentMilliseconds.length < 5 || spent === 0 ? null : (recentMilliseconds.length * 60_000) / spent
  const far =
    queue === 'review'
      ? reviewProgress(store, raterId)
      : {
          // Repeats count as pairs from when they are due, so that no counter that stands still gives one away.
          done: atWork.order.done + atWork.retests.done,
          total: atWork.order.total + atWork.retests.done + atWork.retests.waiting,
          skipped: atWork.order.skipped,
        }
  const { calibration } = atWork.order
  return {
    ...far,
    calibration: calibration.total === 0 ? null : calibration,
    pairsPerMinute,
    canUndo,
    canRedo,
  }
}

/** Where a pair stands for this rater after undo or redo, as the database says. */
function markPair({ store, raterId, atWork }: Work, pairId: string): void {
  const place = store.pairs.place(pairId)
  if (place === null) return
  const answered = store.ratings.current(pairId, raterId) !== null
  atWork.order.mark({ id: pairId, place }, answered ? 'answered' : 'open')
  atWork.order.setSkipped(
    store.annotation.skippedPairs(raterId).flatMap((id) => {
      const skippedPlace = store.pairs.place(id)
      return skippedPlace === null ? [] : { id, place: skippedPlace }
    }),
  )
}

/** Why a pair is shown that somebody has opened from a list. */
function whyOpened({ store, queue }: Work, pairId: string, given: StoredRating | null): Why {
  const { runId } = store.tally.read()
  const suggestionId = queue === 'review' && runId !== null ? store.reviewQueue.ofPair(runId, pairId) : null
  // Who has answered the pair before gives no other rating, but another answer.
  if (suggestionId !== null && (given === null || given.suggestionId === suggestionId))
    return { shownBecause: 'suggestion', suggestionId }
  return { shownBecause: given === null ? 'chosen' : 'revision', suggestionId: null }
}

/** The task for a pair whose answer or skip has just been taken back. */
function undoneTask(work: Work, pairId: string, kind: 'rating' | 'skip'): AnnotateTask {
  const { store, raterId, queue } = work
  const pair = requirePair(store, pairId)
  const taken = kind === 'rating' ? store.annotation.undoneAnswer(raterId, pairId) : null
  if (taken?.shownBecause != null)
    return toTask(
      work,
      pair,
      {
        shownBecause: taken.shownBecause,
        suggestionId: taken.suggestionId,
        ...(taken.retests === null ? {} : { retests: taken.retests }),
      },
      taken,
    )
  const given = store.ratings.current(pairId, raterId)
  const why: Why =
    queue === 'order' && given === null
      ? { shownBecause: 'order', suggestionId: null }
      : whyOpened(work, pairId, given)
  return toTask(work, pair, why, taken ?? given)
}

/** Annotate: one pair at a time, blind until the commit, with undo and redo across pairs. */
export function createAnnotateHandlers(context: ServiceContext): AnnotateHandlers {
  const raterAtWork = createRaterOrders()

  const working = <Result>(
    who: { raterId: string; queue: AnnotateQueue },
    perform: (work: Work) => Result | Promise<Result>,
  ): Promise<Result> =>
    withProject(context, async (store) => {
      requireRater(store, who.raterId)
      requireOwnFile(store, who.raterId)
      const atWork = await raterAtWork(store, who.raterId)
      const result = await perform({ store, raterId: who.raterId, queue: who.queue, atWork })
      store.wrote()
      return result
    })
  const step = (work: Work, revealedPair: string | null, given: string | null = null): AnnotateStep => ({
    next: nextTask(work),
    progress: progressOf(work),
    revealed: revealedPair === null ? null : revealScores(work.store, work.raterId, revealedPair, given),
  })

  return {
    'annotate.next': (input) => working(input, (work) => step(work, null)),

    'annotate.open': (input) =>
      working(input, (work) => {
        const pair = requirePair(work.store, input.pairId)
        const given = work.store.ratings.current(pair.id, work.raterId)
        return {
          next: toTask(work, pair, whyOpened(work, pair.id, given), given),
          progress: progressOf(work),
          revealed: revealScores(work.store, work.raterId, pair.id),
        }
      }),

    'annotate.commit': (input) =>
      working(input, (work) => {
        const { store, raterId, atWork } = work
        const { pairId, suggestionId } = input
        const place = store.pairs.place(pairId)
        if (place === null)
          throw new GradusError('not-found', 'This pair is not in the project: nothing was stored.')
        if (suggestionId !== null && !store.reviewQueue.isAbout(suggestionId, pairId))
          throw new GradusError('bad-request', 'The suggestion is about another pair: nothing was stored.')
        const retests = input.retests ?? null
        const before = store.ratings.current(pairId, raterId)
        if (retests !== null && before?.id !== retests)
          throw new GradusError(
            'bad-request',
            'The answer that this one was to repeat does not stand any more: nothing was stored. Rate the next pair.',
          )
        const { ratingId, repeated } = store.tally.following(pairId, () =>
          store.annotation.commit({
            pairId,
            raterId,
            answer: input.answer,
            note: input.note === '' ? null : input.note,
            confidence: input.confidence ?? null,
            retests,
            ...(input.pairVersion === undefined ? {} : { pairVersion: input.pairVersion }),
            timing: input.timing,
            orderShown: input.orderShown,
            shownBecause: input.shownBecause,
            suggestionId,
            scaleKind: store.project.read().settings.scaleKind,
            guidelineVersion: store.guidelines.latest().version,
            source: context.host === 'command-line' ? 'command-line' : 'annotate',
          }),
        )
        if (!repeated) {
          if (retests !== null) atWork.retests.repeated(pairId)
          else {
            atWork.order.mark({ id: pairId, place }, 'answered')
            const isScore = input.answer.kind !== 'cannot-judge'
            atWork.retests.answered({ pairId, isScore })
          }
          atWork.steps += 1
          context.projectChanged()
        }
        return { ...step(work, pairId, ratingId), ratingId }
      }),

    'annotate.skip': (input) =>
      working(input, (work) => {
        const { id } = requirePair(work.store, input.pairId)
        const place = work.store.pairs.place(id)
        work.store.annotation.skip(work.raterId, id)
        if (place !== null && !work.atWork.retests.postpone(id)) work.atWork.order.skip({ id, place })
        work.atWork.steps += 1
        return step(work, null)
      }),

    'annotate.undo': (input) =>
      working(input, async (work) => {
        const { store, raterId, atWork } = work
        const upcoming = store.annotation.upcoming(raterId, 'undo')
        if (upcoming === null)
          throw new GradusError('nothing-to-do', 'There is nothing to undo: this rater has done nothing yet.')
        store.tally.following(upcoming.pairId, () => store.annotation.undo(raterId))
        atWork.steps -= 1
        markPair(work, upcoming.pairId)
        await atWork.rereadRetests()
        context.projectChanged()
        return {
          next: undoneTask(work, upcoming.pairId, upcoming.kind),
          progress: progressOf(work),
          revealed: null,
        }
      }),

    'annotate.redo': (input) =>
      working(input, async (work) => {
        const { store, raterId, atWork } = work
        const upcoming = store.annotation.upcoming(raterId, 'redo')
        if (upcoming === null)
          throw new GradusError(
            'nothing-to-do',
            'There is nothing to redo: nothing was undone since the last answer.',
          )
        store.tally.following(upcoming.pairId, () => store.annotation.redo(raterId))
        atWork.steps += 1
        markPair(work, upcoming.pairId)
        await atWork.rereadRetests()
        context.projectChanged()
        return step(work, upcoming.kind === 'rating' ? upcoming.pairId : null)
      }),

    'dispute.create': (input) =>
      withProject(context, (store) => {
        const dispute = createDispute(store, input)
        context.projectChanged()
        return dispute
      }),
  }
}
