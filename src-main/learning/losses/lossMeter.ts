import { Tensor } from 'onnxruntime-node'
import { createGraphBuilder } from '../../onnx/graphBuilder.ts'
import { writeModel } from '../../onnx/writeModel.ts'
import { createEmitter } from '../graph/emitter.ts'
import { createSession, floatsOf, runSession } from '../runtime/onnxRuntime.ts'
import type { Loss } from './loss.ts'

/** Measures a loss on finished predictions, with the very formula that training follows. */
export interface LossMeter {
  /**
   * @param predicted [rows × columns]; @param labels [rows × label columns]; @param weight [rows].
   * @returns 0 without rows.
   */
  measure(predicted: Float32Array, labels: Float32Array, weight: Float32Array): Promise<number>
  dispose(): Promise<void>
}

/** Opens the graph that measures `loss` on predictions and labels of so many columns. */
export async function createLossMeter(
  loss: Loss,
  { columns, labelColumns }: { readonly columns: number; readonly labelColumns: number },
): Promise<LossMeter> {
  const builder = createGraphBuilder('loss')
  const emit = createEmitter(builder)
  const input = (name: string, shape: readonly (number | string)[]) => ({
    name: builder.input(name, 'float32', shape),
    shape,
  })
  const result = loss.apply(
    emit,
    input('predicted', [1, 'rows', columns]),
    input('labels', ['rows', labelColumns]),
    input('weight', [1, 'rows']),
  )
  builder.output(result.name, 'float32', [1])
  const session = await createSession(
    writeModel({ graph: builder.build(), operatorSet: 20, producer: 'gradus', notes: {} }),
    1,
  )
  return {
    async measure(predicted, labels, weight) {
      const rows = weight.length
      // ONNX Runtime sums no rows to nothing instead of 0.
      if (rows === 0) return 0
      const results = await runSession(session, {
        predicted: new Tensor('float32', predicted, [1, rows, columns]),
        labels: new Tensor('float32', labels, [rows, labelColumns]),
        weight: new Tensor('float32', weight, [1, rows]),
      })
      return floatsOf(results.get(result.name))[0] ?? NaN
    },
    dispose: () => session.release(),
  }
}
