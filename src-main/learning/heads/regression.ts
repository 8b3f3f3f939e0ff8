import type { Head } from './head.ts'
import { gelu, layerNorm, linear } from './layers.ts'

/** Linear(features → hidden) + LayerNorm + GELU + Dropout → Linear(hidden → 1) → sigmoid, as a stacked ensemble. */
export const regression: Head = {
  parameters({ members, featureWidth, hiddenWidth }) {
    const uniform = (width: number) => ({ kind: 'uniform', bound: 1 / Math.sqrt(width) }) as const
    const constant = (value: number) => ({ kind: 'constant', value }) as const
    return [
      {
        name: 'trunk.weight',
        shape: [members, featureWidth, hiddenWidth],
        initial: uniform(featureWidth),
        decays: true,
      },
      { name: 'trunk.bias', shape: [members, 1, hiddenWidth], initial: uniform(featureWidth), decays: false },
      { name: 'norm.gain', shape: [members, 1, hiddenWidth], initial: constant(1), decays: false },
      { name: 'norm.bias', shape: [members, 1, hiddenWidth], initial: constant(0), decays: false },
      { name: 'score.weight', shape: [members, hiddenWidth, 1], initial: uniform(hiddenWidth), decays: true },
      { name: 'score.bias', shape: [members, 1, 1], initial: uniform(hiddenWidth), decays: false },
    ]
  },
  maskShape: ({ members, hiddenWidth }, rows) => [members, rows, hiddenWidth],
  score(operations, parameters, features, mask, { members }) {
    const hidden = linear(operations, features, parameters('trunk.weight'), parameters('trunk.bias'))
    const active = gelu(
      operations,
      layerNorm(operations, hidden, parameters('norm.gain'), parameters('norm.bias')),
    )
    const kept = mask === null ? active : operations.mul(active, mask)
    const logit = linear(operations, kept, parameters('score.weight'), parameters('score.bias'))
    return operations.sigmoid(operations.reshape(logit, [members, -1]))
  },
}
