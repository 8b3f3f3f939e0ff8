/** The mean over heads of their scores [heads][rows]. */
export function meanScores(scores: readonly Float32Array[]): Float32Array {
  const [first = new Float32Array()] = scores
  return first.map((_, row) => scores.reduce((sum, own) => sum + (own[row] ?? 0), 0) / scores.length)
}
