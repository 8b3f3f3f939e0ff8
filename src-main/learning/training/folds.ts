import { ensembleMean } from '../fit.ts'
import type { HeadSize } from '../heads/head.ts'
import { numberGroups } from '../metrics/groups.ts'
import { createRandom } from '../random.ts'

/** Rows in parts of about equal size, each held out once. */
export interface Folds {
  readonly count: number
  /** The fold of each row [rows]. */
  readonly of: Int32Array
  /** Whether premise groups stay whole; otherwise there were fewer groups than folds, and rows were dealt singly. */
  readonly byGroup: boolean
}

/**
 * Deals rows into folds, whole premise groups together: the largest group first, each into the smallest fold so far,
 * equal ones in an order drawn from the seed.
 * @param group [rows], equal numbers share a premise.
 * @param wanted folds, at least 2; fewer are made where there are fewer rows.
 */
export function makeFolds(group: ArrayLike<number>, wanted: number, seed: number): Folds {
  const numbered = numberGroups(group)
  const byGroup = numbered.count >= wanted
  const of = byGroup ? numbered.of : Uint32Array.from({ length: group.length }, (_, row) => row)
  const groups = byGroup ? numbered.count : group.length
  const count = Math.max(1, Math.min(wanted, groups))
  const sizes = new Int32Array(groups)
  for (const number of of) sizes[number] = (sizes[number] ?? 0) + 1
  const order = createRandom(seed, 'folds').shuffle(Uint32Array.from({ length: groups }, (_, index) => index))
  const sorted = [...order].sort((left, right) => (sizes[right] ?? 0) - (sizes[left] ?? 0))
  const filled = new Int32Array(count)
  const foldOf = new Int32Array(groups)
  for (const number of sorted) {
    let fold = 0
    for (let other = 1; other < count; other++) if ((filled[other] ?? 0) < (filled[fold] ?? 0)) fold = other
    foldOf[number] = fold
    filled[fold] = (filled[fold] ?? 0) + (sizes[number] ?? 0)
  }
  return { count, of: Int32Array.from(of, (number) => foldOf[number] ?? 0), byGroup }
}

/** What a model says of rows that it has not learnt from: training rows out of fold, and validation rows. */
export interface UnseenScores {
  readonly train: Float32Array
  readonly validation: Float32Array
}

/**
 * The first column of what a head predicts, of rows that its members have not learnt from.
 * @param predicted [members × rows × columns] of each side; @param folds of the training rows.
 */
export function unseenScores(
  { train, validation }: UnseenScores,
  { members, columns }: Pick<HeadSize, 'members' | 'columns'>,
  folds: Folds,
): UnseenScores {
  const first = columns === 1 ? train : train.filter((_, index) => index % columns === 0)
  return {
    train: outOfFold(first, members, folds),
    validation: ensembleMean(validation, members, columns),
  }
}

/** What was said of each row by members that had not seen it: the mean over members of the row's own fold. */
export function outOfFold(predicted: Float32Array, members: number, folds: Folds): Float32Array {
  const rows = folds.of.length
  const result = new Float32Array(rows)
  for (let row = 0; row < rows; row++) {
    let [sum, count] = [0, 0]
    for (let member = folds.of[row] ?? 0; member < members; member += folds.count) {
      sum += predicted[member * rows + row] ?? 0
      count += 1
    }
    result[row] = sum / count
  }
  return result
}
