import type { InferenceSession, Tensor } from 'onnxruntime-node'
import { createGraphBuilder } from '../../onnx/graphBuilder.ts'
import { writeModel } from '../../onnx/writeModel.ts'
import { createSession, floatsOf, runSession } from './onnxRuntime.ts'

/** Moves float32 tensors between this process and the graphics card. */
export interface GpuMemory {
  /** A `gpu-buffer` tensor with the same numbers; whoever gets it disposes it. */
  upload(tensor: Tensor): Promise<Tensor>
  /** The numbers of a `gpu-buffer` tensor. (Its own `getData` ends the process in onnxruntime-node 1.30.) */
  download(tensor: Tensor): Promise<Float32Array>
  close(): Promise<void>
}

/** Creates what moves tensors over webgpu: graphs that copy, one for each direction and number of axes. */
export function createGpuMemory(): GpuMemory {
  const sessions = new Map<string, Promise<InferenceSession>>()
  const move = async (tensor: Tensor, direction: 'up' | 'down'): Promise<Tensor> => {
    const key = `${direction} ${tensor.dims.length}`
    let session = sessions.get(key)
    if (session === undefined) {
      session = createSession(buildCopy(tensor.dims.length), 1, 'webgpu', direction === 'up' ? ['copy'] : [])
      sessions.set(key, session)
    }
    const copy = (await runSession(await session, { value: tensor })).get('copy')
    if (copy === undefined) throw new RangeError('A copying graph has one output')
    return copy
  }
  return {
    upload: (tensor) => move(tensor, 'up'),
    download: async (tensor) => floatsOf(await move(tensor, 'down')),
    async close() {
      for (const session of sessions.values()) await (await session).release()
    },
  }
}

/** `value` in, `copy` out. */
function buildCopy(axes: number): Uint8Array {
  const shape = Array.from({ length: axes }, (_, axis) => `length${axis}`)
  const builder = createGraphBuilder('copy')
  builder.input('value', 'float32', shape)
  builder.output(builder.node('Identity', ['value'], {}, 'copy'), 'float32', shape)
  return writeModel({ graph: builder.build(), operatorSet: 20, producer: 'gradus', notes: {} })
}
