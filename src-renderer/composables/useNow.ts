import { onScopeDispose, shallowRef, type ShallowRef } from 'vue'

/** The time, read anew every `seconds`, for texts like "2 min ago". Ends with its scope. */
export function useNow(seconds = 20): Readonly<ShallowRef<Date>> {
  const now = shallowRef(new Date())
  const timer = setInterval(() => (now.value = new Date()), seconds * 1000)
  onScopeDispose(() => clearInterval(timer))
  return now
}
