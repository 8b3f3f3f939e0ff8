import { makeFolds, type Folds } from '../training/folds.ts'

/** As many as a training has, where a member of the ensemble learns from all folds but one. */
const foldCount = 5

/** What the heads of a search learn from, choose their epoch on, and are judged on. */
export interface Partition {
  /** Each is judged once, by a head that has neither learnt from it nor chosen its epoch on it. */
  readonly folds: Folds
  /** For each fold the rows outside it on which its head chooses the epoch and from which it does not learn. */
  readonly choosing: readonly Uint32Array[]
  /** The rows of each fold. */
  readonly judged: readonly Uint32Array[]
  /** The share of the rows outside a fold that are kept for choosing. */
  readonly choosingShare: number
}

/**
 * Deals rows into folds, and within the rows outside each fold sets premise groups aside for choosing the epoch: about
 * as large a share as a training keeps for validation. So the epoch is chosen for each head alone, and no label of a
 * fold reaches the head that is judged on it.
 * @param group [rows]; @param validationShare 0–½.
 */
export function partition(group: ArrayLike<number>, validationShare: number, seed: number): Partition {
  const folds = makeFolds(group, foldCount, seed)
  const parts = Math.max(2, Math.round(1 / validationShare))
  const rowsWhere = (wanted: (fold: number) => boolean): Uint32Array =>
    Uint32Array.from(folds.of.keys()).filter((row) => wanted(folds.of[row] ?? 0))
  const numbers = Array.from({ length: folds.count }, (_, fold) => fold)
  return {
    folds,
    choosing: numbers.map((fold) => {
      const outside = rowsWhere((other) => other !== fold)
      const inner = makeFolds(
        Array.from(outside, (row) => group[row] ?? 0),
        parts,
        (seed + 1 + fold) >>> 0,
      )
      return outside.filter((_, place) => inner.of[place] === 0)
    }),
    judged: numbers.map((fold) => rowsWhere((other) => other === fold)),
    choosingShare: 1 / parts,
  }
}

/** What each fold's head learns with [folds × rows]: a row's weight, 0 in the fold itself and where it chooses. */
export function learningWeights({ folds, choosing }: Partition, weight: Float32Array): Float32Array {
  const rows = weight.length
  const all = new Float32Array(folds.count * rows)
  for (const [fold, chosenOn] of choosing.entries()) {
    for (let row = 0; row < rows; row++)
      all[fold * rows + row] = folds.of[row] === fold ? 0 : (weight[row] ?? 0)
    for (const row of chosenOn) all[fold * rows + row] = 0
  }
  return all
}
