import { defineStore } from 'pinia'
import { computed, shallowRef, watch } from 'vue'
import type { SettlingKind, SettlingOrder } from '#shared/contract/settling.ts'
import { call } from '../../client.ts'
import { useProjectStore } from '../../stores/project.ts'

export type ReviewTab = 'disagreements' | 'suggestions' | 'disputes'

/** How far the disagreement queue has got; null before it was first asked for. */
interface QueueCounts {
  readonly open: number
  readonly settled: number
  readonly compared: number
  readonly raters: number
}

/** What the Review view shows: kept while a pair is rated, so that coming back finds the same list. */
export const useReviewStore = defineStore('review', () => {
  const project = useProjectStore()
  /** Null until somebody chooses, or what there is decides. */
  const chosenTab = shallowRef<ReviewTab | null>(null)
  const includeRated = shallowRef(false)
  const counts = shallowRef<QueueCounts | null>(null)
  /** Where there was anything to settle, the queue comes first, and stays there when it is done. */
  const settleFirst = shallowRef(false)
  const kind = shallowRef<SettlingKind>('any')
  const disputed = shallowRef(false)
  const modelGap = shallowRef(false)
  const includeSettled = shallowRef(false)
  const order = shallowRef<SettlingOrder>('weight')

  const tab = computed<ReviewTab>({
    get: () => chosenTab.value ?? (settleFirst.value ? 'disagreements' : 'suggestions'),
    set: (value) => (chosenTab.value = value),
  })

  function setCounts(found: QueueCounts): void {
    counts.value = found
    if (found.open > 0) settleFirst.value = true
  }

  /** Asks how many pairs there are to settle. Rejects with a GradusError. */
  async function count(signal: AbortSignal): Promise<void> {
    setCounts((await call('settling.queue', { offset: 0, limit: 1 }, { signal })).counts)
  }

  watch(
    () => project.overview?.fileKey,
    () => {
      chosenTab.value = null
      counts.value = null
      settleFirst.value = false
    },
  )

  return {
    tab,
    includeRated,
    counts,
    settleFirst,
    kind,
    disputed,
    modelGap,
    includeSettled,
    order,
    setCounts,
    count,
  }
})
