import type { Operations } from '../graph/operations.ts'

/** Width of the pooled features of embeddings of `dimension`. */
export function pooledWidth(dimension: number): number {
  return 4 * dimension + 1
}

/**
 * `[u; v; |u−v|; u⊙v; cos(u, v)]` of unit vectors, [rows × dimension] twice → [rows × (4·dimension + 1)]
 * (Reimers & Gurevych 2019 for the first four).
 */
export function pooledFeatures<T>(operations: Operations<T>, premise: T, hypothesis: T): T {
  const product = operations.mul(premise, hypothesis)
  const difference = operations.abs(operations.sub(premise, hypothesis))
  const cosine = operations.sum(product, [-1], true)
  return operations.concat([premise, hypothesis, difference, product, cosine], -1)
}
