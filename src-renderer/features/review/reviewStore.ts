import { defineStore } from 'pinia'
import { computed, shallowRef, watch } from 'vue'
import type { ReviewCounts, ReviewModel } from '#shared/contract/review.ts'
import { reviewTab, type ReviewQuery, type ReviewTab } from '#shared/domain/reviewFilter.ts'
import type { Ranking } from '#shared/domain/suggestion.ts'
import { call } from '../../client.ts'
import { useProjectStore } from '../../stores/project.ts'
import { usualQuery } from './reviewTabs.ts'

/** What an answer says beside its rows. */
export interface ReviewFacts {
  readonly counts: ReviewCounts
  readonly model: ReviewModel | null
  readonly usualDeviation: number | null
  readonly ranking: Ranking | null
}

type Queries = Readonly<Record<ReviewTab, ReviewQuery>>

function usualQueries(): Queries {
  return Object.fromEntries(reviewTab.options.map((tab) => [tab, usualQuery(tab)])) as Queries
}

/** What the Review view shows: kept while a pair is rated, so that coming back finds the same list. */
export const useReviewStore = defineStore('review', () => {
  const project = useProjectStore()
  /** Null until somebody chooses, or what there is decides. */
  const chosenTab = shallowRef<ReviewTab | null>(null)
  const queries = shallowRef<Queries>(usualQueries())
  /** Null before the first answer. */
  const facts = shallowRef<ReviewFacts | null>(null)
  /** Where there was anything to settle, the queue is shown first, and stays when it is done. */
  const settleFirst = shallowRef(false)

  const tab = computed<ReviewTab>({
    get: () => chosenTab.value ?? (settleFirst.value ? 'disagreements' : 'uncertain'),
    set: (value) => (chosenTab.value = value),
  })
  const counts = computed(() => facts.value?.counts ?? null)

  function setFacts(found: ReviewFacts): void {
    facts.value = found
    if (found.counts.disagreements > 0) settleFirst.value = true
  }

  /** Changes how the list of the query's tab is shown. */
  function show(query: ReviewQuery): void {
    queries.value = { ...queries.value, [query.tab]: query }
  }

  /** Asks how many pairs each list has. Rejects with a GradusError. */
  async function count(signal: AbortSignal): Promise<void> {
    setFacts(
      await call('review.list', { offset: 0, limit: 1, query: usualQuery('disagreements') }, { signal }),
    )
  }

  watch(
    () => project.overview?.fileKey,
    () => {
      chosenTab.value = null
      queries.value = usualQueries()
      facts.value = null
      settleFirst.value = false
    },
  )

  return { tab, queries, facts, counts, settleFirst, setFacts, show, count }
})
