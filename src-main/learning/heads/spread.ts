import { pooledWidth } from '../features/pooled.ts'
import { mse } from '../losses/mse.ts'
import type { Head } from './head.ts'
import { linear, linearParameters } from './layers.ts'
import { toDeviation } from './scores.ts'
import { trunk, trunkParameters } from './trunk.ts'

/** Trunk on pooled features → Linear(hidden → 1): how far apart raters' scores of a pair lie, as a standard deviation. */
export const spread: Head = {
  phase: 'Training spread heads',
  needs: ['pooled'],
  predicts: 'deviation',
  parameters: ({ members, dimension, hiddenWidth }) => [
    ...trunkParameters(members, pooledWidth(dimension), hiddenWidth),
    ...linearParameters('deviation', [members, hiddenWidth, 1]),
  ],
  masks: ({ members, hiddenWidth }, rows) => ({ trunk: [members, rows, hiddenWidth] }),
  trunkWidth: ({ hiddenWidth }) => hiddenWidth,
  // Whatever is chosen for scores: a deviation has no classes and no order worth ranking.
  loss: () => mse,
  forward(operations, parameters, inputs, mask) {
    const hidden = trunk(operations, parameters, inputs.pooled(), mask('trunk'))
    const output = linear(operations, hidden, parameters('deviation.weight'), parameters('deviation.bias'))
    return { hidden, predicted: toDeviation(operations, output) }
  },
}
