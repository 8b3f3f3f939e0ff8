import { Tensor } from 'onnxruntime-node'
import { createGraphBuilder } from '../../onnx/graphBuilder.ts'
import { writeModel } from '../../onnx/writeModel.ts'
import { createEmitter } from '../graph/emitter.ts'
import { createSession, floatsOf, runSession } from '../runtime/onnxRuntime.ts'
import type { Loss } from './loss.ts'

/** Measures a loss on finished scores, with the very formula that training follows. */
export interface LossMeter {
  /** @param score, target, weight [rows]. */
  measure(score: Float32Array, target: Float32Array, weight: Float32Array): Promise<number>
  dispose(): Promise<void>
}

/** Opens the graph that measures `loss`. */
export async function createLossMeter(loss: Loss): Promise<LossMeter> {
  const builder = createGraphBuilder('loss')
  const emit = createEmitter(builder)
  const input = (name: string, shape: readonly (number | string)[]) => ({
    name: builder.input(name, 'float32', shape),
    shape,
  })
  const result = loss(
    emit,
    input('score', [1, 'rows']),
    input('target', ['rows']),
    input('weight', [1, 'rows']),
  )
  builder.output(result.name, 'float32', [1])
  const session = await createSession(
    writeModel({ graph: builder.build(), operatorSet: 20, producer: 'gradus', notes: {} }),
    1,
  )
  return {
    async measure(score, target, weight) {
      const rows = score.length
      const results = await runSession(session, {
        score: new Tensor('float32', score, [1, rows]),
        target: new Tensor('float32', target, [rows]),
        weight: new Tensor('float32', weight, [1, rows]),
      })
      return floatsOf(results.get(result.name))[0] ?? NaN
    },
    dispose: () => session.release(),
  }
}
