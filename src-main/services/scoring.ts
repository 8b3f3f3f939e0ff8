import type { Prediction } from '#shared/domain/run.ts'
import type { Client } from '#shared/rpc/client.ts'
import type { EmbeddingCache } from '../encoder/embeddingCache.ts'
import { runInWorker } from '../jobs/runInWorker.ts'
import { trainContract } from '../learning/trainContract.ts'
import type { PairTexts } from '../store/repositories/labels.ts'
import type { ServiceContext } from './context.ts'
import { embedPairs, encodePairs } from './encoderAccess.ts'

/** Pairs held in memory at once: their vectors weigh some 12 MB. */
export const pairsPerChunk = 4000

export type TrainClient = Client<typeof trainContract>
type WorkerContext = Pick<ServiceContext, 'folders' | 'startWorker' | 'threads'>

/** Starts the training process for `use` and ends it afterwards; failures as in `runInWorker`. */
export function withTrainer<Result>(
  context: WorkerContext,
  signal: AbortSignal,
  use: (client: TrainClient) => Promise<Result>,
): Promise<Result> {
  return runInWorker(
    { startWorker: context.startWorker, name: 'train', title: 'training', contract: trainContract, signal },
    use,
  )
}

export interface ScoringOptions {
  readonly client: TrainClient
  readonly cache: EmbeddingCache
  readonly weights: Uint8Array
  readonly signal: AbortSignal
  /** Told the share of this chunk that is done, 0–1. */
  readonly onShare?: (share: number) => void
}

/** What a run says of a pair, with the range of its heads' scores. */
export interface PairScore extends Prediction {
  readonly memberLow: number
  readonly memberHigh: number
}

/**
 * Encodes what the cache lacks and scores one chunk of pairs (at most `pairsPerChunk`) with saved weights.
 * @returns one prediction per pair, in their order.
 */
export async function scoreChunk(
  context: WorkerContext,
  pairs: readonly PairTexts[],
  { client, cache, weights, signal, onShare }: ScoringOptions,
): Promise<PairScore[]> {
  await encodePairs(context, pairs, signal, (share) => onShare?.(share * 0.9))
  const embedded = await embedPairs(cache, pairs)
  const said = await client.call(
    'predict',
    { weights, pairs: embedded, threads: context.threads },
    { signal },
  )
  onShare?.(1)
  return Array.from(said.score, (score, row) => ({
    score,
    variance: said.variance[row] ?? 0,
    low: said.low[row] ?? 0,
    high: said.high[row] ?? 1,
    memberLow: said.memberLow[row] ?? 0,
    memberHigh: said.memberHigh[row] ?? 1,
  }))
}
