import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import type { AnnotateQueue, AnnotateStep, AnnotateTask, RevealedScores } from '#shared/contract/annotate.ts'
import { toErrorShape, type ErrorShape } from '#shared/contract/errors.ts'
import type { DisputeTarget } from '#shared/domain/dispute.ts'
import type { Answer, RatingTiming } from '#shared/domain/rating.ts'
import { call } from '../../client.ts'
import { usePickedPairs } from '../../stores/pickedPairs.ts'
import { useProjectStore } from '../../stores/project.ts'
import { markDisputed } from './shownScores.ts'
import type { LeftAnswer, LeftAnswers } from './useAnswer.ts'

/** Who works on which queue. */
export interface Work {
  readonly raterId: string
  readonly queue: AnnotateQueue
}

/** The pair committed last, with what its rater may now see of it. */
export interface PreviousPair {
  readonly pair: AnnotateTask['pair']
  readonly revealed: RevealedScores
}

/** The pair at hand and how it came to be so. One request at a time: while one is under way, others are refused. */
export const useAnnotateStore = defineStore('annotate', () => {
  const work = shallowRef<Work | null>(null)
  const step = shallowRef<AnnotateStep | null>(null)
  const busy = shallowRef(false)
  const failure = shallowRef<ErrorShape | null>(null)
  const previous = shallowRef<PreviousPair | null>(null)
  /** Counts the pairs shown; the same pair fetched again (after a reconnection) is no new turn. */
  const turn = shallowRef(0)
  const picked = usePickedPairs()
  const project = useProjectStore()
  /** The file in which the work is done: a copy or a work file has the same raters and pairs. */
  let file: string | null = null
  const leftAnswers = new Map<string, LeftAnswer>()

  const task = computed(() => step.value?.next ?? null)
  const progress = computed(() => step.value?.progress ?? null)
  /** Never of the pair at hand: after an undo the scores just revealed belong to it. */
  const shownPrevious = computed(() =>
    previous.value !== null && previous.value.pair.id !== task.value?.pair.id ? previous.value : null,
  )

  /** @returns true where the step was taken; else `failure` says why, or another request was under way. */
  async function take(
    request: (asked: Work) => Promise<AnnotateStep>,
    keep: 'new-turn' | 'same-pair-is-no-turn' = 'new-turn',
  ): Promise<boolean> {
    const asked = work.value
    if (busy.value || asked === null) return false
    busy.value = true
    failure.value = null
    const pairBefore = task.value
    try {
      const answer = await request(asked)
      if (work.value !== asked) return false
      if (answer.revealed !== null && pairBefore?.pair.id === answer.revealed.pairId)
        previous.value = { pair: pairBefore.pair, revealed: answer.revealed }
      step.value = answer
      if (keep === 'new-turn' || answer.next?.pair.id !== pairBefore?.pair.id) turn.value += 1
      return true
    } catch (thrown) {
      if (work.value === asked) failure.value = toErrorShape(thrown)
      return false
    } finally {
      if (work.value === asked) busy.value = false
    }
  }

  const placeOf = (pairId: string): string => `${file ?? ''} ${work.value?.raterId ?? ''} ${pairId}`
  /** Answers not yet committed, each rater's own, as long as the window is open. */
  const left: LeftAnswers = {
    placeOf,
    keep: (place, answer) => void leftAnswers.set(place, answer),
    take(place) {
      const kept = leftAnswers.get(place) ?? null
      leftAnswers.delete(place)
      return kept
    },
  }

  /** Begins or changes the work; `pairId` opens that pair first. Gives up a request that is under way. */
  async function begin(next: Work, pairId: string | null): Promise<void> {
    const present = project.overview?.fileKey ?? null
    if (work.value?.raterId !== next.raterId || file !== present) previous.value = null
    file = present
    work.value = next
    busy.value = false
    step.value = null
    await take((asked) =>
      pairId === null ? call('annotate.next', { ...asked }) : call('annotate.open', { ...asked, pairId }),
    )
  }

  /** Fetches the pair at hand again, after a reconnection; what is set on it stays. */
  async function refresh(): Promise<void> {
    busy.value = false
    const pairId = task.value?.pair.id ?? null
    const isChosen = task.value?.shownBecause === 'chosen' || task.value?.shownBecause === 'revision'
    await take(
      (asked) =>
        isChosen && pairId !== null
          ? call('annotate.open', { ...asked, pairId })
          : call('annotate.next', { ...asked }),
      'same-pair-is-no-turn',
    )
  }

  /**
   * The next pair that was picked from a list takes the place of the queue's. One that went to the bin meanwhile is passed
   * over; where none can be opened, the queue goes on: the answer before it is stored.
   */
  async function toPicked(asked: Work, pairId: string, answer: AnnotateStep): Promise<AnnotateStep> {
    let next = asked.queue === 'review' ? picked.after(pairId) : null
    while (next !== null) {
      try {
        return { ...(await call('annotate.open', { ...asked, pairId: next })), revealed: answer.revealed }
      } catch (thrown) {
        next = toErrorShape(thrown).code === 'not-found' ? picked.after(next) : null
      }
    }
    return answer
  }

  /** Stores the answer to the pair at hand and shows the next. On failure the pair stays. */
  async function commit(
    answer: Answer,
    note: string,
    timing: RatingTiming,
    confidence: number | null = null,
  ): Promise<boolean> {
    const shown = task.value
    if (shown === null) return false
    const { pair, orderShown, shownBecause, suggestionId, retests, pairVersion } = shown
    const place = placeOf(pair.id)
    const isStored = await take(async (asked) => {
      const stored = await call('annotate.commit', {
        ...asked,
        pairId: pair.id,
        answer,
        note: note.trim() === '' ? null : note.trim(),
        confidence,
        timing,
        orderShown,
        shownBecause,
        suggestionId,
        retests,
        pairVersion,
      })
      return toPicked(asked, pair.id, stored)
    })
    if (isStored) leftAnswers.delete(place)
    return isStored
  }

  async function skip(): Promise<boolean> {
    const shown = task.value
    return shown === null
      ? false
      : take(async (asked) => {
          const { id } = shown.pair
          return toPicked(asked, id, await call('annotate.skip', { ...asked, pairId: id }))
        })
  }

  /** Going back or forth: what was revealed before no longer belongs to the pair before this one. */
  async function retrace(request: (asked: Work) => Promise<AnnotateStep>): Promise<boolean> {
    if (!(await take(request))) return false
    previous.value = null
    return true
  }

  async function undo(): Promise<boolean> {
    return progress.value?.canUndo === true && retrace((asked) => call('annotate.undo', { ...asked }))
  }

  async function redo(): Promise<boolean> {
    return progress.value?.canRedo === true && retrace((asked) => call('annotate.redo', { ...asked }))
  }

  /** Records an objection to a score of the previous pair. Rejects with a GradusError. */
  async function dispute(target: DisputeTarget, reason: string): Promise<void> {
    const about = previous.value
    const asked = work.value
    if (about === null || asked === null) return
    await call('dispute.create', { raterId: asked.raterId, pairId: about.pair.id, target, reason })
    if (previous.value !== about) return
    previous.value = { ...about, revealed: markDisputed(about.revealed, target) }
  }

  return {
    work,
    busy,
    failure,
    turn,
    task,
    progress,
    shownPrevious,
    left,
    begin,
    refresh,
    commit,
    skip,
    undo,
    redo,
    dispute,
  }
})
