import { onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue'
import type { AnnotateTask } from '#shared/contract/annotate.ts'
import type { RatingTiming } from '#shared/domain/rating.ts'
import { fromAnswer, unset, type Draft } from './draft.ts'
import { createAnswerTiming } from './timing.ts'

export interface AnswerInProgress {
  readonly draft: Readonly<ShallowRef<Draft>>
  readonly note: ShallowRef<string>
  /** Sets or changes the answer. `counts` false for the movements within one drag, and for what changes no answer. */
  readonly change: (next: Draft, counts?: boolean) => void
  readonly readTiming: () => RatingTiming
}

/** What was set on a pair and not committed. */
export interface LeftAnswer {
  readonly draft: Draft
  readonly note: string
}

/** Where answers wait that were left without a commit. */
export interface LeftAnswers {
  /** The place of the rater now at work and a pair. */
  placeOf(pairId: string): string
  keep(place: string, answer: LeftAnswer): void
  /** Gives what was left at a place, once. */
  take(place: string): LeftAnswer | null
}

/**
 * The rater's answer to the pair of each turn, with its note and its timing. What was set on a pair that was left without
 * a commit (by undo, or for another view) is there again when it comes back.
 */
export function useAnswer(
  turn: () => number,
  task: () => AnnotateTask | null,
  left: LeftAnswers,
): AnswerInProgress {
  const draft = shallowRef<Draft>(unset)
  const note = shallowRef('')
  let asShown: LeftAnswer = { draft: unset, note: '' }
  const now = (): number => performance.now()
  let timing = createAnswerTiming(now)
  // Found when the pair is shown: by the time it is left, another rater may be at work.
  let place: string | null = null

  function leave(): void {
    if (place !== null && (draft.value !== asShown.draft || note.value !== asShown.note))
      left.keep(place, { draft: draft.value, note: note.value })
  }

  function show(next: AnnotateTask | null): void {
    leave()
    place = next === null ? null : left.placeOf(next.pair.id)
    const kept = place === null ? null : left.take(place)
    const own = next?.previous ?? null
    asShown = { draft: own === null ? unset : fromAnswer(own.answer), note: own?.note ?? '' }
    draft.value = kept?.draft ?? asShown.draft
    note.value = kept?.note ?? asShown.note
    timing = createAnswerTiming(now)
    if (document.hidden) timing.pause()
  }
  // Before the render, so that no frame shows the handle of the pair before.
  watch(turn, () => show(task()), { immediate: true, flush: 'sync' })

  const onInput = (): void => timing.input()
  const onVisibility = (): void => (document.hidden ? timing.pause() : timing.resume())
  const inputs = ['keydown', 'pointerdown', 'pointermove', 'wheel'] as const
  for (const name of inputs) window.addEventListener(name, onInput, { capture: true, passive: true })
  document.addEventListener('visibilitychange', onVisibility)
  onScopeDispose(() => {
    leave()
    for (const name of inputs) window.removeEventListener(name, onInput, { capture: true })
    document.removeEventListener('visibilitychange', onVisibility)
  })

  return {
    draft,
    note,
    change(next, counts = true) {
      draft.value = next
      if (counts) timing.touch()
    },
    readTiming: () => timing.read(),
  }
}
