import type { Operations } from '../graph/operations.ts'

/** Affine map of each row: [… × rows × in] · [members × in × out] + [members × 1 × out]. */
export function linear<T>(operations: Operations<T>, rows: T, weight: T, bias: T): T {
  return operations.add(operations.matMul(rows, weight), bias)
}

/** Normalises the last axis, then stretches and shifts it (Ba et al. 2016; ε = 10⁻⁵). */
export function layerNorm<T>(operations: Operations<T>, rows: T, gain: T, bias: T): T {
  const centred = operations.sub(rows, operations.mean(rows, [-1], true))
  const variance = operations.mean(operations.mul(centred, centred), [-1], true)
  const deviation = operations.sqrt(operations.add(variance, operations.scalar(1e-5)))
  return operations.add(operations.mul(operations.div(centred, deviation), gain), bias)
}

/** Gaussian error linear unit, exact: x · Φ(x) (Hendrycks & Gimpel 2016). */
export function gelu<T>(operations: Operations<T>, rows: T): T {
  const error = operations.erf(operations.mul(rows, operations.scalar(Math.SQRT1_2)))
  const share = operations.mul(operations.add(error, operations.scalar(1)), operations.scalar(0.5))
  return operations.mul(rows, share)
}
