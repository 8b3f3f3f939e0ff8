import { onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue'
import type { AnnotateTask } from '#shared/contract/annotate.ts'
import type { RatingTiming } from '#shared/domain/rating.ts'
import type { ScaleKind } from '#shared/domain/score.ts'
import { fromAnswer, onScale, unset, type Draft } from './draft.ts'
import { createAnswerTiming } from './timing.ts'

export interface AnswerInProgress {
  readonly draft: Readonly<ShallowRef<Draft>>
  readonly note: ShallowRef<string>
  /** 1–3; null while nothing is said. */
  readonly confidence: ShallowRef<number | null>
  /** Sets or changes the answer. `counts` false for the movements within one drag, and for what changes no answer. */
  readonly change: (next: Draft, counts?: boolean) => void
  readonly readTiming: () => RatingTiming
}

/** What was set on a pair and not committed. */
export interface LeftAnswer {
  readonly draft: Draft
  readonly note: string
  readonly confidence: number | null
}

/** Where answers wait that were left without a commit. */
export interface LeftAnswers {
  /** The place of the rater now at work and a pair. */
  placeOf(pairId: string): string
  keep(place: string, answer: LeftAnswer): void
  /** Gives what was left at a place, once. */
  take(place: string): LeftAnswer | null
}

const nothingSaid: LeftAnswer = { draft: unset, note: '', confidence: null }

/**
 * The rater's answer to the pair of each turn, with its note, its confidence and its timing. What was set on a pair that was left without
 * a commit (by undo, or for another view) is there again when it comes back.
 */
export function useAnswer(
  turn: () => number,
  task: () => AnnotateTask | null,
  scale: () => ScaleKind,
  left: LeftAnswers,
): AnswerInProgress {
  const draft = shallowRef<Draft>(unset)
  const note = shallowRef('')
  const confidence = shallowRef<number | null>(null)
  let asShown = nothingSaid
  const now = (): number => performance.now()
  let timing = createAnswerTiming(now)
  // Found when the pair is shown: by the time it is left, another rater may be at work.
  let place: string | null = null

  function leave(): void {
    if (place === null) return
    const said: LeftAnswer = { draft: draft.value, note: note.value, confidence: confidence.value }
    if (said.draft !== asShown.draft || said.note !== asShown.note || said.confidence !== asShown.confidence)
      left.keep(place, said)
  }

  function show(next: AnnotateTask | null): void {
    leave()
    place = next === null ? null : left.placeOf(next.pair.id)
    const kept = place === null ? null : left.take(place)
    const own = next?.previous ?? null
    asShown =
      own === null
        ? nothingSaid
        : {
            draft: fromAnswer(own.answer, scale()),
            note: own.note ?? '',
            confidence: own.confidence,
          }
    const shown = kept === null ? asShown : { ...kept, draft: onScale(kept.draft, scale()) }
    draft.value = shown.draft
    note.value = shown.note
    confidence.value = shown.confidence
    timing = createAnswerTiming(now)
    if (document.hidden) timing.pause()
  }
  // Before the render, so that no frame shows the handle of the pair before.
  watch(turn, () => show(task()), { immediate: true, flush: 'sync' })

  // The project may get another scale while a pair is shown: what was set keeps its values.
  watch(scale, (kind) => {
    const isAsShown = draft.value === asShown.draft
    draft.value = onScale(draft.value, kind)
    if (isAsShown) asShown = { ...asShown, draft: draft.value }
  })

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
    confidence,
    change(next, counts = true) {
      draft.value = next
      if (counts) timing.touch()
    },
    readTiming: () => timing.read(),
  }
}
