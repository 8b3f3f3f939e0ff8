import { defineStore } from 'pinia'
import { shallowRef } from 'vue'

/** Pairs that somebody has picked from a list to rate one after another; kept until they are through, or go elsewhere. */
export const usePickedPairs = defineStore('pickedPairs', () => {
  const left = shallowRef<readonly string[]>([])

  /** Picks pairs in the order in which they are to be rated. */
  function pick(pairIds: readonly string[]): void {
    left.value = pairIds
  }

  /** The pair to go on to once `pairId` is done; null where it is the last, or was not picked. */
  function after(pairId: string): string | null {
    const at = left.value.indexOf(pairId)
    return at === -1 ? null : (left.value[at + 1] ?? null)
  }

  return { pick, after }
})
