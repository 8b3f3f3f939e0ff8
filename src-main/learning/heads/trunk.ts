import type { Operations } from '../graph/operations.ts'
import type { ParameterSpecification } from './head.ts'
import { drop, gelu, layerNorm, linear, linearParameters } from './layers.ts'

/** The parameters of `trunk` from `from` features to `width`. */
export function trunkParameters(members: number, from: number, width: number): ParameterSpecification[] {
  const constant = (value: number) => ({ kind: 'constant', value }) as const
  return [
    ...linearParameters('trunk', [members, from, width]),
    { name: 'norm.gain', shape: [members, 1, width], initial: constant(1), decays: false },
    { name: 'norm.bias', shape: [members, 1, width], initial: constant(0), decays: false },
  ]
}

/** Linear(features → width) + LayerNorm + GELU + Dropout: [… × rows × features] → [members × rows × width]. */
export function trunk<T>(
  operations: Operations<T>,
  parameters: (name: string) => T,
  features: T,
  mask: T | null,
): T {
  const hidden = linear(operations, features, parameters('trunk.weight'), parameters('trunk.bias'))
  const normal = layerNorm(operations, hidden, parameters('norm.gain'), parameters('norm.bias'))
  return drop(operations, gelu(operations, normal), mask)
}
