import { pooledWidth } from '../features/pooled.ts'
import type { Head } from './head.ts'
import { linear, linearParameters } from './layers.ts'
import { toScores } from './scores.ts'
import { trunk, trunkParameters } from './trunk.ts'

/** Trunk on pooled features → Linear(hidden → 1) → sigmoid. */
export const regression: Head = {
  phase: 'Training regression heads',
  needs: ['pooled'],
  predicts: 'score',
  parameters: ({ members, dimension, hiddenWidth, columns }) => [
    ...trunkParameters(members, pooledWidth(dimension), hiddenWidth),
    ...linearParameters('score', [members, hiddenWidth, columns]),
  ],
  masks: ({ members, hiddenWidth }, rows) => ({ trunk: [members, rows, hiddenWidth] }),
  trunkWidth: ({ hiddenWidth }) => hiddenWidth,
  loss: (chosen) => chosen,
  forward(operations, parameters, inputs, mask, { columns }) {
    const hidden = trunk(operations, parameters, inputs.pooled(), mask('trunk'))
    const output = linear(operations, hidden, parameters('score.weight'), parameters('score.bias'))
    return { hidden, predicted: toScores(operations, output, columns) }
  },
}
