import { applyIsotonic, fitIsotonic, type IsotonicMap } from '../calibration/isotonic.ts'
import { createFeatureSums, type FeatureSums } from '../features/featureSums.ts'
import { pooledWidth } from '../features/pooled.ts'
import type { Standardisation } from '../features/standardisation.ts'
import type { LabelledPairs } from '../trainContract.ts'
import type { Folds } from '../training/folds.ts'
import { selectRows } from '../training/trainer.ts'
import type { LinearWeights } from '../weights.ts'
import {
  addEquations,
  solveRidge,
  subtractEquations,
  type LinearModel,
  type NormalEquations,
} from './normalEquations.ts'
import { fitRidge, type RidgeFit } from './ridge.ts'

/** What needs no gradient: fitted in closed form, or by pooling. */
export interface Baselines {
  readonly standardisation: Standardisation
  readonly ridge: RidgeFit
  /** Ridge's scores of the training rows by fits that have not seen their fold, 0–1 [rows]. */
  readonly ridgeOutOfFold: Float32Array
  readonly ridgeWeights: LinearWeights
  readonly hypothesisOnly: LinearWeights
  readonly cosine: IsotonicMap
  /** The mapped cosine of the training rows by maps that have not seen their fold, and of the validation rows [rows]. */
  readonly cosineOutOfFold: Float32Array
  readonly cosineValidation: Float32Array
  /** The cosine itself [rows]. */
  readonly cosines: { readonly train: Float32Array; readonly validation: Float32Array }
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
  folds: Folds,
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
    const parts = await foldParts(sums, rows, folds, shift)
    const train = parts.map((part) => part.equations).reduce(addEquations)
    const equations = {
      train,
      validation: await sums.equations(validation, validation.target, validation.weight, shift),
    }
    await pause(0.4)
    const all = { start: 0, end: pooledWidth(dimension) }
    const ridge = await fitRidge(sums, equations, validation, shift, all, (share) => pause(0.4 + 0.3 * share))
    const ridgeOutOfFold = new Float32Array(rows.target.length)
    for (const [index, part] of parts.entries()) {
      await pause(0.7 + (0.2 * index) / parts.length)
      const others = parts.length === 1 ? train : subtractEquations(train, part.equations)
      const model = solveRidge(others, ridge.lambda, ridge.model.weight)
      const [scores] = await sums.scores(part.pairs, shift, [model])
      for (const [place, row] of part.rows.entries())
        ridgeOutOfFold[row] = Math.min(1, Math.max(0, scores?.[place] ?? 0))
    }
    const cosine = cosines(rows)
    const map = fitIsotonic(cosine, rows.target, rows.weight)
    const cosineOutOfFold = new Float32Array(rows.target.length)
    for (const [fold, part] of parts.entries()) {
      const others = Uint32Array.from(folds.of.keys()).filter(
        (row) => parts.length === 1 || folds.of[row] !== fold,
      )
      const own = (values: ArrayLike<number>): Float64Array =>
        Float64Array.from(others, (row) => values[row] ?? 0)
      const mapped = applyIsotonic(
        fitIsotonic(own(cosine), own(rows.target), own(rows.weight)),
        cosines(part.pairs),
      )
      for (const [place, row] of part.rows.entries()) cosineOutOfFold[row] = mapped[place] ?? 0
    }
    await pause(0.9)
    const second = { start: dimension, end: 2 * dimension }
    const hypothesisOnly = await fitRidge(sums, equations, validation, shift, second, () => pause(0.9))
    return {
      standardisation,
      ridge,
      ridgeOutOfFold,
      ridgeWeights: unshift(ridge.model, shift, all),
      hypothesisOnly: unshift(hypothesisOnly.model, shift, second),
      cosine: map,
      cosineOutOfFold,
      cosineValidation: applyIsotonic(map, cosines(validation)),
      cosines: { train: Float32Array.from(cosine), validation: Float32Array.from(cosines(validation)) },
      mean: equations.train.target / equations.train.weight,
    }
  } finally {
    await sums.dispose()
  }
}

/** The rows of each fold with their equations. */
async function foldParts(
  sums: FeatureSums,
  rows: LabelledPairs,
  folds: Folds,
  shift: Float32Array,
): Promise<{ rows: Uint32Array; pairs: LabelledPairs; equations: NormalEquations }[]> {
  const parts = []
  for (let fold = 0; fold < folds.count; fold++) {
    const own = Uint32Array.from(folds.of.keys()).filter((row) => folds.of[row] === fold)
    const pairs = selectRows(rows, own)
    parts.push({
      rows: own,
      pairs,
      equations: await sums.equations(pairs, pairs.target, pairs.weight, shift),
    })
  }
  return parts
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
