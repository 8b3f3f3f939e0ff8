import { crossEntropy } from '../losses/crossEntropy.ts'
import type { Head } from './head.ts'
import { linear, linearParameters } from './layers.ts'
import { trunk, trunkParameters } from './trunk.ts'

/**
 * [trunk output of the scoring head; other heads' outputs] → Linear(→ hidden) + LayerNorm + GELU + Dropout →
 * Linear(→ 2) → softmax over [confident, uncertain]; the shape of the published abstention head.
 */
export const abstention: Head = {
  phase: 'Training abstention heads',
  needs: ['frozen'],
  predicts: 'uncertain',
  parameters: ({ members, frozenWidth, hiddenWidth }) => [
    ...trunkParameters(members, frozenWidth, hiddenWidth),
    ...linearParameters('uncertain', [members, hiddenWidth, 2]),
  ],
  masks: ({ members, hiddenWidth }, rows) => ({ trunk: [members, rows, hiddenWidth] }),
  trunkWidth: ({ hiddenWidth }) => hiddenWidth,
  loss: () => crossEntropy,
  forward(operations, parameters, inputs, mask) {
    const hidden = trunk(operations, parameters, inputs.frozen(), mask('trunk'))
    const output = linear(operations, hidden, parameters('uncertain.weight'), parameters('uncertain.bias'))
    return { hidden, predicted: operations.softmax(output, -1) }
  },
}
