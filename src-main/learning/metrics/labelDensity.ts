const bins = 40
/** Bins to each side, and standard deviation in bins: the window of 5 and σ = 2 of the paper. */
const reach = 2
const deviation = 2
const least = 1 / 5
const most = 5

/**
 * Weights that are inverse to how many targets are near: label distribution smoothing (Yang et al. 2021), here in 40
 * bins of 0–1 with a Gaussian window, which is made whole again where it hangs over an end, since scores heap there.
 * @param target 0–1 [rows].
 * @returns weights of mean 1, clipped to 1/5 to 5 [rows].
 */
export function inverseDensityWeights(target: ArrayLike<number>): Float64Array {
  const rows = target.length
  const binOf = Uint32Array.from({ length: rows }, (_, row) =>
    Math.min(bins - 1, Math.max(0, Math.floor((target[row] ?? 0) * bins))),
  )
  const counts = new Float64Array(bins)
  for (const bin of binOf) counts[bin] = (counts[bin] ?? 0) + 1
  const inverse = smooth(counts).map((density) => (density === 0 ? 0 : 1 / density))

  const weightsAt = (factor: number): Float64Array =>
    inverse.map((value) => Math.min(most, Math.max(least, value * factor)))
  const meanAt = (factor: number): number =>
    weightsAt(factor).reduce((sum, weight, bin) => sum + weight * (counts[bin] ?? 0), 0) / rows
  // The mean rises with the factor from 1/5 to 5: halving finds where it is 1. No bin is denser than all rows together.
  let low = 0
  let high = most * rows
  for (let step = 0; step < 100; step++) {
    const middle = (low + high) / 2
    if (meanAt(middle) < 1) low = middle
    else high = middle
  }
  const weights = weightsAt(high)
  return Float64Array.from(binOf, (bin) => weights[bin] ?? 1)
}

/** Counts as the means of their neighbourhoods, weighted by a Gaussian window. */
function smooth(counts: Float64Array): Float64Array {
  return counts.map((_, bin) => {
    let sum = 0
    let whole = 0
    for (let other = Math.max(0, bin - reach); other <= Math.min(bins - 1, bin + reach); other++) {
      const weight = Math.exp(-((other - bin) ** 2) / (2 * deviation ** 2))
      sum += weight * (counts[other] ?? 0)
      whole += weight
    }
    return sum / whole
  })
}
