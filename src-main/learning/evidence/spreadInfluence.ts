/**
 * The influence of the labels of a fit, by their numbers, less its mean: what of it depends on which labels they are, and not
 * on how many. Labels that every draw has in common, and others, are centred apart.
 * @param influence [labels fitted on], in the order of `order`. @param common how many of the first are in every draw.
 * @returns 0 for labels that the fit did without [labels].
 */
export function spreadInfluence(
  influence: Float64Array,
  order: ArrayLike<number>,
  labels: number,
  common = 0,
): Float64Array {
  const spread = new Float64Array(labels)
  for (const [from, to] of [
    [0, common],
    [common, influence.length],
  ] as const) {
    let sum = 0
    for (let row = from; row < to; row++) sum += influence[row] ?? 0
    const mean = to === from ? 0 : sum / (to - from)
    for (let row = from; row < to; row++) spread[order[row] ?? 0] = (influence[row] ?? 0) - mean
  }
  return spread
}

/** The mean of several fits' influences [labels]. */
export function meanInfluence(influences: readonly Float64Array[], labels: number): Float64Array {
  const mean = new Float64Array(labels)
  for (const influence of influences)
    for (let label = 0; label < labels; label++)
      mean[label] = (mean[label] ?? 0) + (influence[label] ?? 0) / influences.length
  return mean
}
