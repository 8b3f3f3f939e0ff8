import type { Operations } from '../graph/operations.ts'
import { decisionThreshold } from '../metrics/classification.ts'

/** What the abstention head reads beside its trunk, each [rows]; all of it is known of pairs out of fold. */
export interface FrozenColumns<T> {
  readonly score: T
  readonly ridge: T
  readonly cosine: T
  readonly regression: T
  /** Null where the run has no such head. */
  readonly interaction: T | null
  readonly spread: T | null
}

/**
 * The frozen features of a stack: [trunk output; the score, how far it is from the middle and squared, the other models'
 * scores and how far they are from it] [members × rows × (trunk width + columns)].
 * @param trunk [members × rows × width]; @param members of the stack.
 */
export function frozenFeatures<T>(
  operations: Operations<T>,
  trunk: T,
  columns: FrozenColumns<T>,
  members: number,
): T {
  const { score, ridge, cosine, regression, interaction, spread } = columns
  const middle = operations.sub(score, operations.scalar(decisionThreshold))
  const apart = (other: T): T => operations.abs(operations.sub(score, other))
  const list = [score, operations.mul(middle, middle), ridge, apart(ridge), cosine, apart(regression)]
  if (interaction !== null) list.push(interaction, apart(interaction))
  if (spread !== null) list.push(spread)
  const matrix = operations.concat(
    list.map((column) => operations.reshape(column, [1, -1, 1])),
    -1,
  )
  // The same columns for every member.
  const repeated = operations.concat(
    Array.from({ length: members }, () => matrix),
    0,
  )
  return operations.concat([trunk, repeated], -1)
}

/** The head whose trunk the abstention head sits on: the one that weighs most in the blend. */
export function trunkHead(blend: {
  readonly regression: number
  readonly interaction: number
}): 'regression' | 'interaction' {
  return blend.interaction > blend.regression ? 'interaction' : 'regression'
}
