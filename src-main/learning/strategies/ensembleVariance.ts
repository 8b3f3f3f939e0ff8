/**
 * Ranks candidates by the variance of the ensemble members' scores, highest first; equal ones keep their order.
 * @param variance [candidates]
 * @param count how many at most.
 * @returns numbers of candidates.
 */
export function rankByEnsembleVariance(variance: Float32Array, count: number): Uint32Array {
  return Uint32Array.from(variance, (_, row) => row)
    .sort((left, right) => (variance[right] ?? 0) - (variance[left] ?? 0) || left - right)
    .slice(0, count)
}

/** Why a candidate was chosen, in words, from the lowest and highest score among the members. */
export function describeMemberRange(members: number, low: number, high: number): string {
  return `The ${members} heads range from ${low.toFixed(2)} to ${high.toFixed(2)}.`
}
