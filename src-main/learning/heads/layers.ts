import type { Operations } from '../graph/operations.ts'
import type { ParameterSpecification } from './head.ts'

/** Affine map of each row: [… × rows × in] · [members × in × out] + [members × 1 × out]. */
export function linear<T>(operations: Operations<T>, rows: T, weight: T, bias: T): T {
  return operations.add(operations.matMul(rows, weight), bias)
}

/** Weight and bias of an affine map, drawn from ±1/√in as PyTorch draws them. */
export function linearParameters(
  name: string,
  [members, from, to]: readonly [members: number, from: number, to: number],
): ParameterSpecification[] {
  const initial = { kind: 'uniform', bound: 1 / Math.sqrt(from) } as const
  return [
    { name: `${name}.weight`, shape: [members, from, to], initial, decays: true },
    { name: `${name}.bias`, shape: [members, 1, to], initial, decays: false },
  ]
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

/** Multiplies by a dropout mask; outside training there is none. */
export function drop<T>(operations: Operations<T>, rows: T, mask: T | null): T {
  return mask === null ? rows : operations.mul(rows, mask)
}
