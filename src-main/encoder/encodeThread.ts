import { parentPort, workerData } from 'node:worker_threads'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { serve } from '#shared/rpc/server.ts'
import { dropPadding } from './dropPadding.ts'
import type { Embed } from './modelThreads.ts'
import { threadContract, threadData } from './threadContract.ts'
import { portFromThread } from './threadPort.ts'

function floatsOf(output: Tensor | undefined): Float32Array {
  if (!(output?.data instanceof Float32Array)) throw new Error('The encoder gave no float32 vectors')
  return output.data
}

/**
 * Loads the encoder, on the CPU. This is the place where another provider would be named (`executionProviders`); what
 * it takes beyond: webgpu gathers the word embeddings in float16, which not every card can (`shader-f16`), so they would
 * have to be cast first; `startModelThreads` may start one thread only; and vectors are kept, so the ladder's probe would
 * have to compare the encoder's, too.
 * @param processorThreads threads that one run uses.
 */
export async function openModel(modelPath: string, processorThreads: number): Promise<Embed> {
  const session = await InferenceSession.create(modelPath, {
    graphOptimizationLevel: 'all',
    intraOpNumThreads: processorThreads,
    // A spinning thread takes the processor from others on a busy machine.
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  })
  return async (rows, { ids, mask }, tokens) => {
    const shape = [rows, ids.length / rows]
    const { sentence_embedding: pooled, last_hidden_state: states } = await session.run(
      {
        input_ids: new Tensor('int64', ids, shape),
        attention_mask: new Tensor('int64', mask, shape),
        token_type_ids: new Tensor('int64', new BigInt64Array(ids.length), shape),
      },
      tokens ? ['sentence_embedding', 'last_hidden_state'] : ['sentence_embedding'],
    )
    return {
      pooled: new Float32Array(floatsOf(pooled)),
      tokens: tokens ? dropPadding(floatsOf(states), rows, mask) : null,
    }
  }
}

/** The program of a thread: serves the model to the thread that started it. */
export function serveModel(): void {
  if (parentPort === null) throw new Error('This is not a thread')
  const { modelPath, processorThreads } = threadData.parse(workerData)
  const model = openModel(modelPath, processorThreads)
  // Every batch is told of a failure; it must not end the thread before the first one comes.
  model.catch(() => undefined)
  serve(
    threadContract,
    portFromThread(parentPort),
    { embed: async ({ rows, ids, mask, tokens }) => (await model)(rows, { ids, mask }, tokens) },
    (thrown) => console.error(thrown),
  )
}
