import { InferenceSession, Tensor } from 'onnxruntime-node'
import { expect, test } from 'vitest'
import { createGraphBuilder } from './graphBuilder.ts'
import { floats } from './model.ts'
import { writeModel } from './writeModel.ts'

function affine(): Uint8Array {
  const builder = createGraphBuilder('affine')
  const input = builder.input('x', 'float32', ['rows', 2])
  const product = builder.node('Gemm', [input, builder.initializer(floats([1, 2, 3, 4], [2, 2]), 'weight')], {
    transB: 1,
    alpha: 0.5,
  })
  builder.node('ReduceSum', [product, builder.integers([-1])], { keepdims: 0 }, 'y')
  builder.output('y', 'float32', ['rows'])
  return writeModel({
    graph: builder.build(),
    operatorSet: 20,
    producer: 'gradus',
    notes: { b: '2', a: '1' },
  })
}

test('onnxruntime loads a written model and computes with its weights and attributes', async () => {
  const session = await InferenceSession.create(affine())
  const result = await session.run({ x: new Tensor('float32', [1, 1, 2, 0], [2, 2]) })
  // (x·Wᵀ)/2 summed: ((1+2)+(3+4))/2 = 5; (2+6)/2 = 4.
  expect([...(result['y']!.data as Float32Array)]).toEqual([5, 4])
})

test('equal models are equal bytes', () => {
  expect(affine()).toEqual(affine())
})
