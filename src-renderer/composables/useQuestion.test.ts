import { effectScope, nextTick, shallowRef } from 'vue'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { GradusError } from '#shared/contract/errors.ts'
import { useQuestion, type QuestionState } from './useQuestion.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function questions() {
  const scope = effectScope()
  const typed = shallowRef<string | null>('a')
  const asked: string[] = []
  const waiting = new Map<string, (answer: string | GradusError) => void>()
  const state = scope.run(() =>
    useQuestion(
      () => typed.value,
      (question, signal) => {
        asked.push(question)
        return new Promise<string>((resolve, reject) => {
          waiting.set(question, (answer) => {
            if (signal.aborted) reject(new GradusError('cancelled', 'Cancelled.'))
            else if (answer instanceof GradusError) reject(answer)
            else resolve(answer)
          })
        })
      },
      200,
    ),
  ) as QuestionState<string>
  const type = async (text: string | null, wait: number): Promise<void> => {
    typed.value = text
    await nextTick()
    await vi.advanceTimersByTimeAsync(wait)
  }
  const answer = async (question: string, given: string | GradusError): Promise<void> => {
    waiting.get(question)?.(given)
    await vi.advanceTimersByTimeAsync(0)
  }
  return { scope, state, asked, type, answer }
}

it('asks at once, then only when typing pauses, and an older answer never comes after a newer one', async () => {
  const { scope, state, asked, type, answer } = questions()
  expect([asked, state.asking.value]).toEqual([['a'], true])
  await type('ab', 150)
  await type('abc', 199)
  expect(asked).toEqual(['a'])
  await type('abc', 1)
  expect(asked).toEqual(['a', 'abc'])
  await answer('abc', 'late')
  await answer('a', 'early')
  expect([state.answer.value, state.asking.value, state.failure.value]).toEqual(['late', false, null])
  scope.stop()
})

it('keeps the last answer while nothing can be asked, and tells a failure until the next answer', async () => {
  const { scope, state, asked, type, answer } = questions()
  await answer('a', 'first')
  await type(null, 1000)
  expect([asked, state.answer.value]).toEqual([['a'], 'first'])
  await type('b', 200)
  await answer('b', new GradusError('no-model', 'No model.'))
  expect([state.answer.value, state.failure.value?.code]).toEqual(['first', 'no-model'])
  state.again()
  await answer('b', 'second')
  expect([asked, state.answer.value, state.failure.value]).toEqual([['a', 'b', 'b'], 'second', null])
  scope.stop()
})

it('asks nothing after its scope has ended', async () => {
  const { scope, asked, type } = questions()
  await type('b', 100)
  scope.stop()
  await vi.advanceTimersByTimeAsync(500)
  expect(asked).toEqual(['a'])
})
