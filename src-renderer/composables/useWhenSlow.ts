import { onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue'

/** True once `busy` has been true for `milliseconds` on end: what is over at once need not be announced, nor drawn. */
export function useWhenSlow(busy: () => boolean, milliseconds = 250): Readonly<ShallowRef<boolean>> {
  const slow = shallowRef(false)
  let timer: ReturnType<typeof setTimeout> | undefined
  watch(
    busy,
    (now) => {
      clearTimeout(timer)
      slow.value = false
      if (now) timer = setTimeout(() => (slow.value = true), milliseconds)
    },
    { immediate: true, flush: 'sync' },
  )
  onScopeDispose(() => clearTimeout(timer))
  return slow
}
