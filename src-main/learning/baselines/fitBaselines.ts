import { createFeatureSums, type Standardisation } from '../features/featureSums.ts'
import { pooledWidth } from '../features/pooled.ts'
import type { LabelledPairs } from '../trainContract.ts'
import type { HeadWeights, LinearWeights } from '../weights.ts'
import { fitIsotonic } from '../calibration/isotonic.ts'
import type { LinearModel } from './normalEquations.ts'
import { fitRidge, type RidgeFit } from './ridge.ts'

/** What needs no gradient: fitted in closed form, or by pooling. */
export interface Baselines {
  readonly standardisation: Standardisation
  readonly ridge: RidgeFit
  readonly ridgeWeights: LinearWeights
  readonly hypothesisOnly: LinearWeights
  readonly cosine: HeadWeights['cosine']
  readonly mean: number
}

/**
 * Fits ridge, hypothesis-only ridge, the isotonic map of the cosine, and the mean, with the standardisation that the
 * heads need; all of the training rows, ridge of the validation rows, too.
 * @param pause is awaited before each part with the share done, 0–1; what it throws ends the fit.
 */
export async function fitBaselines(
  rows: LabelledPairs,
  validation: LabelledPairs,
  threads: number,
  pause: (share: number) => Promise<void>,
): Promise<Baselines> {
  const { dimension } = rows
  await pause(0)
  const sums = await createFeatureSums(dimension, threads)
  try {
    const standardisation = await sums.standardisation(rows)
    const shift = standardisation.mean
    await pause(0.1)
    const equations = {
      train: await sums.equations(rows, rows.target, rows.weight, shift),
      validation: await sums.equations(validation, validation.target, validation.weight, shift),
    }
    await pause(0.4)
    const all = { start: 0, end: pooledWidth(dimension) }
    const ridge = await fitRidge(sums, equations, validation, shift, all, (share) => pause(0.4 + 0.5 * share))
    await pause(0.9)
    const second = { start: dimension, end: 2 * dimension }
    const hypothesisOnly = await fitRidge(sums, equations, validation, shift, second, () => pause(0.9))
    return {
      standardisation,
      ridge,
      ridgeWeights: unshift(ridge.model, shift, all),
      hypothesisOnly: unshift(hypothesisOnly.model, shift, second),
      cosine: fitIsotonic(cosines(rows), rows.target, rows.weight),
      mean: equations.train.target / equations.train.weight,
    }
  } finally {
    await sums.dispose()
  }
}

/** A model about a shift as one about 0, of the features from `start` to `end` alone. */
function unshift(
  { weight, bias }: LinearModel,
  shift: Float32Array,
  { start, end }: { start: number; end: number },
): LinearWeights {
  const offset = weight.reduce((sum, value, feature) => sum + value * (shift[feature] ?? 0), 0)
  return { weight: Float32Array.from(weight.subarray(start, end)), bias: bias - offset }
}

/** Products of the unit vectors of each row. */
function cosines({ dimension, premise, hypothesis, target }: LabelledPairs): Float64Array {
  return Float64Array.from(target, (_, row) => {
    let sum = 0
    for (let index = row * dimension; index < (row + 1) * dimension; index++)
      sum += (premise[index] ?? 0) * (hypothesis[index] ?? 0)
    return sum
  })
}
