import type { DisagreementKind } from '#shared/domain/disagreement.ts'

/** Provisional. */
export function disagreementKind(scores: readonly number[]): DisagreementKind | null {
  if (scores.length < 2) return null
  const sorted = scores.toSorted((left, right) => left - right)
  const first = sorted[0] ?? 0
  const last = sorted.at(-1) ?? 0
  if (last - first <= 0.25) return 'agree'
  if (sorted.length < 3) return 'wide'
  const second = sorted[1] ?? 0
  const beforeLast = sorted.at(-2) ?? 0
  const rest = Math.min(beforeLast - first, last - second)
  if (rest <= 0.25 && last - first - rest >= 0.3) return 'one-outlier'
  let widest = 0
  let at = 0
  for (let index = 1; index < sorted.length; index++) {
    const gap = (sorted[index] ?? 0) - (sorted[index - 1] ?? 0)
    if (gap > widest) [widest, at] = [gap, index]
  }
  return at >= 2 && sorted.length - at >= 2 && widest >= (last - first) / 2 ? 'two-camps' : 'wide'
}

/** Provisional. */
export function disagreementWeight(of: {
  scores: readonly number[]
  disputes: number
  modelGap: number | null
}): number {
  const { scores, disputes, modelGap } = of
  const mean = scores.reduce((sum, value) => sum + value, 0) / Math.max(1, scores.length)
  const squares = scores.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  const deviation = scores.length < 2 ? 0 : Math.sqrt(squares / (scores.length - 1))
  const camps = disagreementKind(scores) === 'two-camps' ? 1.25 : 1
  return (
    deviation * camps * Math.log2(1 + scores.length) + 0.5 * Math.min(disputes, 3) + 0.5 * (modelGap ?? 0)
  )
}
