import { defineStore } from 'pinia'
import { shallowRef, watch } from 'vue'
import type { PairRow } from '#shared/contract/review.ts'
import type { TableSort } from '../../components/dataTable.ts'
import { useProjectStore } from '../../stores/project.ts'

export type DataTab = 'pairs' | 'scores' | 'imports' | 'bin'
export const pairOrders = ['added', 'ratings', 'consensus', 'disagreement', 'predicted'] as const
export type PairOrder = (typeof pairOrders)[number]

/** What the Data view shows: kept while another view is open. */
export const useDataStore = defineStore('data', () => {
  const project = useProjectStore()
  const tab = shallowRef<DataTab>('pairs')
  const search = shallowRef('')
  const order = shallowRef<PairOrder>('added')
  const descending = shallowRef(false)
  const openPair = shallowRef<PairRow | null>(null)

  /** Takes a press on a column's head; columns that cannot be ordered by are left alone. */
  function sortBy(sort: TableSort): void {
    const known = pairOrders.find((candidate) => candidate === sort.key)
    if (known === undefined) return
    order.value = known
    descending.value = sort.descending
  }

  watch(
    () => project.overview?.fileKey,
    () => {
      tab.value = 'pairs'
      search.value = ''
      order.value = 'added'
      descending.value = false
      openPair.value = null
    },
  )

  return { tab, search, order, descending, openPair, sortBy }
})
