import { createFeatureSums } from '../features/featureSums.ts'
import type { LabelledPairs } from '../trainContract.ts'
import type { LinearWeights } from '../weights.ts'
import { solveRidge } from './normalEquations.ts'

/** Ridge as it was when it scored the validation rows, for tests: what is kept has learnt from these, too. */
export async function fitRidgeOnTraining(rows: LabelledPairs, lambda: number): Promise<LinearWeights> {
  const sums = await createFeatureSums(rows.dimension, 1)
  const { mean: shift } = await sums.standardisation(rows)
  const { weight, bias } = solveRidge(await sums.equations(rows, rows.target, rows.weight, shift), lambda)
  await sums.dispose()
  const offset = weight.reduce((sum, value, feature) => sum + value * (shift[feature] ?? 0), 0)
  return { weight: Float32Array.from(weight), bias: bias - offset }
}
