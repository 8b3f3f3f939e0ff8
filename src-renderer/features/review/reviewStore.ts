import { defineStore } from 'pinia'
import { shallowRef } from 'vue'

/** What the Review view shows: kept while a pair is rated, so that coming back finds the same list. */
export const useReviewStore = defineStore('review', () => {
  const tab = shallowRef<'suggestions' | 'disputes'>('suggestions')
  const includeRated = shallowRef(false)
  return { tab, includeRated }
})
