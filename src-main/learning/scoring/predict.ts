import { Tensor, type InferenceSession } from 'onnxruntime-node'
import { GradusError } from '#shared/contract/errors.ts'
import { fromFloat16 } from '../../onnx/float16.ts'
import { createSession, embeddingTensors, floatsOf, openBeside, runSession } from '../runtime/onnxRuntime.ts'
import type { EmbeddedPairs, Predictions, TokenPairs } from '../trainContract.ts'
import { rowCount, tokenCounts } from '../training/trainer.ts'
import { readsTokens, readWeights, trustOf, type ModelWeights } from '../weights.ts'
import { buildScoringModel, type ScoringOptions, type ScoringOutput } from './scoringModel.ts'

/** Rows scored at once: with token vectors a row takes much more memory. */
const rowsAtOnce = { pooled: 1024, tokens: 64 }

/** Weights that are ready to score. */
export interface Scorer {
  readonly weights: ModelWeights
  /** Pairs without token vectors are scored by what needs none. @throws GradusError `bad-request` where the embeddings have another width. */
  predict(pairs: EmbeddedPairs): Promise<Predictions>
  close(): Promise<void>
}

/** Makes a run's weights (safetensors) ready to score. @throws GradusError `bad-file`. */
export async function createScorer(bytes: Uint8Array, threads: number): Promise<Scorer> {
  const weights = readWeights(bytes)
  const open = async (tokens: boolean): Promise<Scoring> =>
    openScoring(weights, { tokens, rivals: false }, threads)
  const pooled = await open(false)
  const full = readsTokens(weights)
    ? await openBeside(
        () => pooled.close(),
        () => open(true),
      )
    : null
  return {
    weights,
    async predict(pairs) {
      const scoring = pairs.tokens === null ? pooled : (full ?? pooled)
      const at = await scoring.score(pairs)
      const wanted = (output: ScoringOutput): Float32Array => at(output) ?? new Float32Array(rowCount(pairs))
      return {
        score: wanted('score'),
        variance: wanted('variance'),
        low: wanted('low'),
        high: wanted('high'),
        memberLow: wanted('member_low'),
        memberHigh: wanted('member_high'),
        spread: at('spread'),
        doubt: at('doubt'),
        abstainAbove: trustOf(weights, scoring === full).signal?.abstainAbove ?? null,
      }
    },
    async close() {
      await pooled.close()
      await full?.close()
    },
  }
}

/** The scores of rows by name; null where the weights know no such output. `classes` is [rows × classes]. */
export type ScoredColumns = (output: ScoringOutput) => Float32Array | null

interface Scoring {
  score(pairs: EmbeddedPairs): Promise<ScoredColumns>
  close(): Promise<void>
}

/** Scores of the model in use and of all it is judged beside. */
export async function scoreRivals(
  weights: ModelWeights,
  pairs: EmbeddedPairs,
  threads: number,
): Promise<ScoredColumns> {
  const tokens = pairs.tokens !== null && weights.heads.interaction !== undefined
  const scoring = await openScoring(weights, { tokens, rivals: true }, threads)
  try {
    return await scoring.score(pairs)
  } finally {
    await scoring.close()
  }
}

async function openScoring(
  weights: ModelWeights,
  options: ScoringOptions,
  threads: number,
): Promise<Scoring> {
  const { model, outputs } = buildScoringModel(weights, options)
  const session = await createSession(model, threads)
  return {
    score: (pairs) => scoreRows(session, outputs, weights.dimension, pairs, options.tokens),
    close: () => session.release(),
  }
}

async function scoreRows(
  session: InferenceSession,
  outputs: readonly ScoringOutput[],
  dimension: number,
  pairs: EmbeddedPairs,
  withTokens: boolean,
): Promise<ScoredColumns> {
  if (pairs.dimension !== dimension)
    throw new GradusError(
      'bad-request',
      `The model was trained on embeddings of width ${dimension}, these have ${pairs.dimension}. Train again with this encoder.`,
    )
  const { tokens } = pairs
  const total = rowCount(pairs)
  const counts = withTokens ? tokenCounts(pairs) : null
  const order = Uint32Array.from({ length: total }, (_, row) => row)
  // Texts of like length together are padded least.
  if (counts !== null) order.sort((left, right) => (counts[left] ?? 0) - (counts[right] ?? 0))
  const atOnce = withTokens ? rowsAtOnce.tokens : rowsAtOnce.pooled
  const all = new Map<ScoringOutput, Float32Array>()
  for (let start = 0; start < total; start += atOnce) {
    const rows = order.subarray(start, Math.min(start + atOnce, total))
    const embeddings = embeddingTensors({
      dimension,
      premise: gatherVectors(pairs.premise, rows, dimension),
      hypothesis: gatherVectors(pairs.hypothesis, rows, dimension),
    })
    const results = await runSession(session, {
      premise_embedding: embeddings.premise,
      hypothesis_embedding: embeddings.hypothesis,
      ...(withTokens && tokens !== null
        ? {
            ...padTokens(tokens, rows, dimension, 'premise'),
            ...padTokens(tokens, rows, dimension, 'hypothesis'),
          }
        : {}),
    })
    for (const output of outputs) {
      const values = floatsOf(results.get(output))
      const width = values.length / rows.length
      const column = all.get(output) ?? new Float32Array(total * width)
      all.set(output, column)
      for (const [place, row] of rows.entries())
        column.set(values.subarray(place * width, (place + 1) * width), row * width)
    }
  }
  return (output) => all.get(output) ?? (outputs.includes(output) ? new Float32Array() : null)
}

function gatherVectors(vectors: Float32Array, rows: Uint32Array, dimension: number): Float32Array {
  const gathered = new Float32Array(rows.length * dimension)
  for (const [place, row] of rows.entries())
    gathered.set(vectors.subarray(row * dimension, (row + 1) * dimension), place * dimension)
  return gathered
}

/** One side's token vectors, padded with zeros to the longest text, and their mask. */
function padTokens(
  tokens: TokenPairs,
  rows: Uint32Array,
  dimension: number,
  side: 'premise' | 'hypothesis',
): Record<string, Tensor> {
  const texts = Array.from(rows, (row) => tokens[side][row] ?? 0)
  const longest = Math.max(1, ...texts.map((text) => tokens.lengths[text] ?? 0))
  const vectors = new Float32Array(rows.length * longest * dimension)
  const mask = new Float32Array(rows.length * longest)
  for (const [place, text] of texts.entries()) {
    const start = tokens.starts[text] ?? 0
    const length = tokens.lengths[text] ?? 0
    const own = fromFloat16(tokens.values.subarray(start * dimension, (start + length) * dimension))
    vectors.set(own, place * longest * dimension)
    mask.fill(1, place * longest, place * longest + length)
  }
  return {
    [`${side}_tokens`]: new Tensor('float32', vectors, [rows.length, longest, dimension]),
    [`${side}_mask`]: new Tensor('float32', mask, [rows.length, longest]),
  }
}
