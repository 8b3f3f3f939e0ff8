import { pooledWidth } from '../features/pooled.ts'
import { crossEntropy } from '../losses/crossEntropy.ts'
import type { Head } from './head.ts'
import { linear, linearParameters } from './layers.ts'
import { trunk, trunkParameters } from './trunk.ts'

/** Trunk on pooled features → Linear(hidden → classes) → softmax, for imported class labels. */
export const nli: Head = {
  phase: 'Training class heads',
  needs: ['pooled'],
  predicts: 'classes',
  parameters: ({ members, dimension, hiddenWidth, columns }) => [
    ...trunkParameters(members, pooledWidth(dimension), hiddenWidth),
    ...linearParameters('classes', [members, hiddenWidth, columns]),
  ],
  masks: ({ members, hiddenWidth }, rows) => ({ trunk: [members, rows, hiddenWidth] }),
  trunkWidth: ({ hiddenWidth }) => hiddenWidth,
  loss: () => crossEntropy,
  forward(operations, parameters, inputs, mask) {
    const hidden = trunk(operations, parameters, inputs.pooled(), mask('trunk'))
    const output = linear(operations, hidden, parameters('classes.weight'), parameters('classes.bias'))
    return { hidden, predicted: operations.softmax(output, -1) }
  },
}
