import type { EvidencePace } from '#shared/domain/evidence.ts'
import type { ProjectStore } from '../../store/projectStore.ts'

/** Of fewer ratings one pause makes the pace. */
const fewestRatings = 5
const nextLabels = 50

/** How fast people rate by their last 20 ratings each, idle time left out, and what the next 50 labels take at that pace. */
export function measurePace(store: ProjectStore): EvidencePace {
  const measured = store.raters.list().flatMap(({ id, name }) => {
    const { recentMilliseconds } = store.annotation.state(id)
    const spent = recentMilliseconds.reduce((sum, milliseconds) => sum + milliseconds, 0)
    const ratings = recentMilliseconds.length
    if (ratings < fewestRatings || spent === 0) return []
    return [{ raterId: id, name, ratings, spent, pairsPerMinute: (60_000 * ratings) / spent }]
  })
  const raters = measured.map(({ raterId, name, ratings, pairsPerMinute }) => ({
    raterId,
    name,
    ratings,
    pairsPerMinute,
  }))
  if (raters.length === 0)
    return {
      raters,
      pairsPerMinute: null,
      minutesForNext: null,
      reason: `Nobody has rated ${fewestRatings} pairs here, so the pace is not known.`,
    }
  const total = (of: 'ratings' | 'spent'): number => measured.reduce((sum, one) => sum + one[of], 0)
  const pairsPerMinute = (60_000 * total('ratings')) / total('spent')
  return { raters, pairsPerMinute, minutesForNext: nextLabels / pairsPerMinute, reason: null }
}
