import { onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue'
import { quietFor } from '../activity.ts'

/**
 * The latest value of `source`, taken over only once nobody has typed or dragged for `milliseconds`: so nothing moves
 * under somebody's hands. Null is taken over at once, and so is the first value, with which a view begins.
 */
export function useWhenQuiet<Value>(
  source: () => Value | null,
  milliseconds = 1000,
): Readonly<ShallowRef<Value | null>> {
  const shown = shallowRef(source())
  let timer: ReturnType<typeof setTimeout> | undefined
  const take = (): void => {
    clearTimeout(timer)
    const next = source()
    const left = milliseconds - quietFor()
    if (next === null || left <= 0) shown.value = next
    else timer = setTimeout(take, left)
  }
  watch(source, take)
  onScopeDispose(() => clearTimeout(timer))
  return shown
}
