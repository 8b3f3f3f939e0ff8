import { effectScope, nextTick, shallowRef } from 'vue'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { useWhenSlow } from './useWhenSlow.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('announces only what takes long, and at once that it is over', async () => {
  const scope = effectScope()
  const busy = shallowRef(false)
  const slow = scope.run(() => useWhenSlow(() => busy.value, 250))
  const seen: (boolean | undefined)[] = []
  const set = async (next: boolean, wait: number): Promise<void> => {
    busy.value = next
    await nextTick()
    vi.advanceTimersByTime(wait)
    seen.push(slow?.value)
  }
  await set(true, 249)
  await set(false, 1000)
  await set(true, 250)
  await set(false, 0)
  scope.stop()
  expect(seen).toEqual([false, false, true, false])
})
