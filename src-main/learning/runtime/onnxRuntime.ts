import { InferenceSession, Tensor } from 'onnxruntime-node'
import { processGate } from '../../jobs/gate.ts'
import type { EmbeddedPairs } from '../trainContract.ts'

/** Where ONNX Runtime runs a graph; what a provider cannot do, cpu does. */
export type Provider = 'cpu' | 'webgpu' | 'cuda'

/**
 * Opens an ONNX model: the one place of `learning` that creates sessions. Sessions on webgpu belong to one thread of the
 * process: in two threads at once they crash it.
 * @param threads threads of one operator on the CPU; the session keeps them until it is released.
 * @param keptOutputs outputs that stay in the memory of the graphics card as `gpu-buffer` tensors; webgpu alone has them.
 */
export function createSession(
  model: Uint8Array,
  threads: number,
  provider: Provider = 'cpu',
  keptOutputs: readonly string[] = [],
): Promise<InferenceSession> {
  return InferenceSession.create(model, {
    executionProviders: [provider],
    ...(keptOutputs.length === 0
      ? {}
      : { preferredOutputLocation: Object.fromEntries(keptOutputs.map((name) => [name, 'gpu-buffer'])) }),
    // Errors alone: that shapes are computed on the CPU is as it should be.
    logSeverityLevel: 3,
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    extra: {
      session: {
        // Moments of rarely used weights sink into denormal numbers, which are slow.
        set_denormal_as_zero: '1',
        // Threads that spin while they wait are slower here, on a quiet machine and much more on a busy one.
        intra_op: { allow_spinning: '0' },
      },
    },
  })
}

/**
 * Runs a session, once nothing holds the work of this process up; the results by output name.
 * @param outputs those wanted; all without.
 */
export async function runSession(
  session: InferenceSession,
  feeds: Record<string, Tensor>,
  outputs: readonly string[] = session.outputNames,
): Promise<Map<string, Tensor>> {
  await processGate.passed()
  return new Map(Object.entries(await session.run(feeds, outputs)))
}

/** Opens what stands beside things that are open already; where it cannot be opened, these are closed. */
export async function openBeside<Opened>(
  close: () => Promise<unknown>,
  open: () => Promise<Opened>,
): Promise<Opened> {
  try {
    return await open()
  } catch (thrown) {
    await close()
    throw thrown
  }
}

/** The numbers of a float32 tensor. @throws TypeError where there is none. */
export function floatsOf(tensor: Tensor | undefined): Float32Array {
  if (tensor?.data instanceof Float32Array) return tensor.data
  throw new TypeError(`A float32 tensor is wanted, not ${tensor?.type ?? 'nothing'}`)
}

/** The embeddings of pairs as inputs of a graph, each [rows × dimension]. */
export function embeddingTensors(pairs: Pick<EmbeddedPairs, 'dimension' | 'premise' | 'hypothesis'>): {
  premise: Tensor
  hypothesis: Tensor
} {
  const shape = [pairs.premise.length / pairs.dimension, pairs.dimension]
  return {
    premise: new Tensor('float32', pairs.premise, shape),
    hypothesis: new Tensor('float32', pairs.hypothesis, shape),
  }
}
