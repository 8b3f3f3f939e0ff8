import { GradusError } from '#shared/contract/errors.ts'
import { createSession, embeddingTensors, floatsOf, runSession } from '../runtime/onnxRuntime.ts'
import type { EmbeddedPairs, Predictions } from '../trainContract.ts'
import { rowCount, sliceRows } from '../training/trainer.ts'
import { readWeights, type HeadWeights } from '../weights.ts'
import { buildScoringModel, type rivalOutputs, type scoreOutputs } from './scoringModel.ts'

/** Rows scored at once. */
const rowsAtOnce = 1024

type Output = (typeof scoreOutputs)[number] | (typeof rivalOutputs)[number]

/**
 * The heads as an ONNX model with the inputs `premise_embedding` and `hypothesis_embedding`; it is the very model that
 * `predict` runs. See `buildScoringModel` for its outputs.
 * @param weights safetensors of a run. @throws GradusError `bad-file`.
 */
export function exportHeadsToOnnx(weights: Uint8Array): Uint8Array<ArrayBuffer> {
  return buildScoringModel(readWeights(weights), false)
}

/** Scores pairs. @throws GradusError `bad-file`, or `bad-request` where the embeddings have another width. */
export async function predict(
  weights: Uint8Array,
  pairs: EmbeddedPairs,
  threads: number,
): Promise<Predictions> {
  const read = readWeights(weights)
  const at = await scoreRows(read, buildScoringModel(read, false), pairs, threads)
  return {
    score: at('score'),
    variance: at('variance'),
    low: at('low'),
    high: at('high'),
    memberLow: at('member_low'),
    memberHigh: at('member_high'),
  }
}

/** Scores of the model in use and of all it is judged beside. */
export async function scoreRivals(
  weights: HeadWeights,
  pairs: EmbeddedPairs,
  threads: number,
): Promise<(output: Output) => Float32Array> {
  return scoreRows(weights, buildScoringModel(weights, true), pairs, threads)
}

async function scoreRows(
  weights: HeadWeights,
  model: Uint8Array,
  pairs: EmbeddedPairs,
  threads: number,
): Promise<(output: Output) => Float32Array> {
  if (pairs.dimension !== weights.dimension)
    throw new GradusError(
      'bad-request',
      `The model was trained on embeddings of width ${weights.dimension}, these have ${pairs.dimension}. Train again with this encoder.`,
    )
  const session = await createSession(model, threads)
  const rows = rowCount(pairs)
  const all = new Map(session.outputNames.map((name) => [name, new Float32Array(rows)]))
  try {
    for (let start = 0; start < rows; start += rowsAtOnce) {
      const part = embeddingTensors(sliceRows(pairs, start, Math.min(start + rowsAtOnce, rows)))
      const results = await runSession(session, {
        premise_embedding: part.premise,
        hypothesis_embedding: part.hypothesis,
      })
      for (const [name, values] of all) values.set(floatsOf(results.get(name)), start)
    }
  } finally {
    await session.release()
  }
  return (output) => {
    const values = all.get(output)
    if (values === undefined) throw new RangeError(`The model has no output ${output}`)
    return values
  }
}
