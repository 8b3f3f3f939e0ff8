import type { InferenceSession } from 'onnxruntime-node'
import { GradusError } from '#shared/contract/errors.ts'
import { createSession, embeddingTensors, floatsOf, runSession } from '../runtime/onnxRuntime.ts'
import type { EmbeddedPairs, Predictions } from '../trainContract.ts'
import { rowCount, sliceRows } from '../training/trainer.ts'
import { readWeights, type HeadWeights } from '../weights.ts'
import { buildScoringModel, type rivalOutputs, type scoreOutputs } from './scoringModel.ts'

/** Rows scored at once. */
const rowsAtOnce = 1024

type Output = (typeof scoreOutputs)[number] | (typeof rivalOutputs)[number]

/** Weights that are ready to score. */
export interface Scorer {
  /** @throws GradusError `bad-request` where the embeddings have another width. */
  predict(pairs: EmbeddedPairs): Promise<Predictions>
  close(): Promise<void>
}

/** Makes a run's weights (safetensors) ready to score. @throws GradusError `bad-file`. */
export async function createScorer(weights: Uint8Array, threads: number): Promise<Scorer> {
  const read = readWeights(weights)
  const session = await createSession(buildScoringModel(read, false), threads)
  return {
    async predict(pairs) {
      const at = await scoreRows(session, read.dimension, pairs)
      return {
        score: at('score'),
        variance: at('variance'),
        low: at('low'),
        high: at('high'),
        memberLow: at('member_low'),
        memberHigh: at('member_high'),
      }
    },
    close: () => session.release(),
  }
}

/** Scores of the model in use and of all it is judged beside. */
export async function scoreRivals(
  weights: HeadWeights,
  pairs: EmbeddedPairs,
  threads: number,
): Promise<(output: Output) => Float32Array> {
  const session = await createSession(buildScoringModel(weights, true), threads)
  try {
    return await scoreRows(session, weights.dimension, pairs)
  } finally {
    await session.release()
  }
}

async function scoreRows(
  session: InferenceSession,
  dimension: number,
  pairs: EmbeddedPairs,
): Promise<(output: Output) => Float32Array> {
  if (pairs.dimension !== dimension)
    throw new GradusError(
      'bad-request',
      `The model was trained on embeddings of width ${dimension}, these have ${pairs.dimension}. Train again with this encoder.`,
    )
  const rows = rowCount(pairs)
  const all = new Map(session.outputNames.map((name) => [name, new Float32Array(rows)]))
  for (let start = 0; start < rows; start += rowsAtOnce) {
    const part = embeddingTensors(sliceRows(pairs, start, Math.min(start + rowsAtOnce, rows)))
    const results = await runSession(session, {
      premise_embedding: part.premise,
      hypothesis_embedding: part.hypothesis,
    })
    for (const [name, values] of all) values.set(floatsOf(results.get(name)), start)
  }
  return (output) => {
    const values = all.get(output)
    if (values === undefined) throw new RangeError(`The model has no output ${output}`)
    return values
  }
}
