import { onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue'
import { toErrorShape, type ErrorShape } from '#shared/contract/errors.ts'

export interface QuestionState<Answer> {
  /** The latest answer; it stays until the next one is there. */
  readonly answer: Readonly<ShallowRef<Answer | null>>
  readonly failure: Readonly<ShallowRef<ErrorShape | null>>
  readonly asking: Readonly<ShallowRef<boolean>>
  /** Asks again at once. */
  again(): void
}

/**
 * Asks the backend anew a little after what the question is made of has changed; the first time at once. What is asked
 * meanwhile is cancelled, so that no answer overtakes a later one. Ends with its scope.
 * @param question reactive; null while it cannot be asked, as where a field is half typed.
 */
export function useQuestion<Question, Answer>(
  question: () => Question | null,
  ask: (question: Question, signal: AbortSignal) => Promise<Answer>,
  delay = 200,
): QuestionState<Answer> {
  const answer = shallowRef<Answer | null>(null)
  const failure = shallowRef<ErrorShape | null>(null)
  const asking = shallowRef(false)
  let timer: ReturnType<typeof setTimeout> | undefined
  let controller = new AbortController()

  function stop(): void {
    clearTimeout(timer)
    controller.abort()
  }

  async function askNow(of: Question): Promise<void> {
    controller = new AbortController()
    const { signal } = controller
    asking.value = true
    try {
      const found = await ask(of, signal)
      if (signal.aborted) return
      answer.value = found
      failure.value = null
    } catch (thrown) {
      if (!signal.aborted) failure.value = toErrorShape(thrown)
    } finally {
      if (!signal.aborted) asking.value = false
    }
  }

  function take(wait: number): void {
    stop()
    const of = question()
    if (of === null) {
      failure.value = null
      asking.value = false
      return
    }
    if (wait === 0) void askNow(of)
    else timer = setTimeout(() => void askNow(of), wait)
  }

  watch(question, (_, before) => take(before === undefined ? 0 : delay), { immediate: true })
  onScopeDispose(stop)
  return { answer, failure, asking, again: () => take(0) }
}
