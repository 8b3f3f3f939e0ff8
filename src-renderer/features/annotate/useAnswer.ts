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

/**
 * The rater's answer to the pair of each turn, with its note and its timing. What was set on a pair that was left without
 * a commit (by undo) is there again when it comes back.
 */
export function useAnswer(turn: () => number, task: () => AnnotateTask | null): AnswerInProgress {
  const draft = shallowRef<Draft>(unset)
  const note = shallowRef('')
  const left = new Map<string, { draft: Draft; note: string }>()
  const now = (): number => performance.now()
  let timing = createAnswerTiming(now)
  let pairId: string | null = null

  function show(next: AnnotateTask | null): void {
    if (pairId !== null && (draft.value.kind !== 'unset' || note.value !== ''))
      left.set(pairId, { draft: draft.value, note: note.value })
    const kept = next === null ? undefined : left.get(next.pair.id)
    const own = next?.previous ?? null
    pairId = next?.pair.id ?? null
    draft.value = own !== null ? fromAnswer(own.answer) : (kept?.draft ?? unset)
    note.value = own?.note ?? kept?.note ?? ''
    if (pairId !== null) left.delete(pairId)
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
