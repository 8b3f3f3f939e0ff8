import type { Prediction } from '#shared/domain/run.ts'
import type { Client } from '#shared/rpc/client.ts'
import type { EmbeddingCache } from '../../encoder/embeddingCache.ts'
import { atPace } from '../../jobs/pace.ts'
import { runInWorker } from '../../jobs/runInWorker.ts'
import { trainContract, type EmbeddedPairs, type UnseenPredictions } from '../../learning/trainContract.ts'
import type { PairTexts } from '../../store/repositories/labels.ts'
import type { ServiceContext } from '../context.ts'
import { embedPairs, encodePairs } from './encoderAccess.ts'

/** Pairs that are encoded in one go: enough for the start of the encoding process not to count. */
export const pairsPerChunk = 4000
/** Pairs whose vectors are in memory at once: some 1.5 MB, or 10 with token vectors, sent in a few milliseconds. */
const pairsPerCall = 500

/** A cancelled training tells where it stands before it ends: some 40 MB, written down meanwhile. */
const graceForCheckpoint = 5000

export type TrainClient = Client<typeof trainContract>
type WorkerContext = Pick<ServiceContext, 'folders' | 'pace' | 'startWorker' | 'threads'>

/**
 * Starts the training process for `use` and ends it afterwards; failures as in `runInWorker`.
 * @param words the process's command line, see `runtimeWords`.
 */
export function withTrainer<Result>(
  { pace, startWorker }: WorkerContext,
  signal: AbortSignal,
  use: (client: TrainClient) => Promise<Result>,
  words: readonly string[] = [],
): Promise<Result> {
  return runInWorker(
    {
      startWorker,
      name: 'train',
      title: 'training',
      contract: trainContract,
      signal,
      words,
      graceAfterCancel: graceForCheckpoint,
    },
    (client) =>
      atPace(
        pace,
        signal,
        (milliseconds) => client.call('hold', { milliseconds }),
        () => use(client),
      ),
  )
}

/** The weights that a training process has loaded. */
export interface LoadedModel {
  readonly client: TrainClient
  /** Whether scoring in full needs token vectors. */
  readonly readsTokens: boolean
}

/** Makes a run's weights those that the training process scores with. @throws GradusError `bad-file`. */
export async function loadModel(
  client: TrainClient,
  weights: Uint8Array,
  threads: number,
  signal: AbortSignal,
): Promise<LoadedModel> {
  return { client, ...(await client.call('load', { weights, threads }, { signal })) }
}

export interface ScoringOptions {
  readonly model: LoadedModel
  /** Whether token vectors are made and read where the model wants them; without, what needs none gives the score. */
  readonly tokens: boolean
  readonly cache: EmbeddingCache
  readonly signal: AbortSignal
  /** Told the share of this chunk that is done, 0–1. */
  readonly onShare?: (share: number) => void
  /** In which slot each pair is kept to be ranked, −1: not at all [pairs]; none is kept unless given. */
  readonly keep?: (pair: number) => number
}

/** What a run says of a pair, with the range of its heads' scores. */
export interface PairScore extends Prediction {
  readonly memberLow: number
  readonly memberHigh: number
}

/**
 * Encodes what the cache lacks and scores one chunk of pairs (about `pairsPerChunk`) with the weights that the training
 * process has loaded.
 * @returns one prediction per pair, in their order; null where a text has got no vector that can be used.
 */
export async function scoreChunk(
  context: WorkerContext,
  pairs: readonly PairTexts[],
  { model, cache, signal, onShare, keep, ...options }: ScoringOptions,
): Promise<(PairScore | null)[]> {
  const tokens = options.tokens && model.readsTokens
  const encoding = { tokens }
  const { encoded } = await encodePairs(context, pairs, signal, (share) => onShare?.(share * 0.9), encoding)
  const before = encoded > 0 ? 0.9 : 0
  const scores: (PairScore | null)[] = []
  for (let start = 0; start < pairs.length; start += pairsPerCall) {
    const part = pairs.slice(start, start + pairsPerCall)
    const usable = await cache.usable(part.flatMap(({ premise, hypothesis }) => [premise, hypothesis]))
    const isScored = part.map(({ premise, hypothesis }) => usable.has(premise) && usable.has(hypothesis))
    const scored = part.filter((_, index) => isScored[index])
    const slots = part.flatMap((_, index) => (isScored[index] === true ? [keep?.(start + index) ?? -1] : []))
    const said = await predict(model.client, await embedPairs(cache, scored, { tokens }), slots, signal)
    const answers = said.values()
    scores.push(...isScored.map((has) => (has ? (answers.next().value ?? null) : null)))
    onShare?.(before + (1 - before) * Math.min(1, (start + pairsPerCall) / pairs.length))
  }
  return scores
}

/** Scores pairs and keeps them in their slots, −1: not at all. */
async function predict(
  client: TrainClient,
  pairs: EmbeddedPairs,
  slots: readonly number[],
  signal: AbortSignal,
): Promise<PairScore[]> {
  if (slots.length === 0) return []
  const keep = slots.every((slot) => slot < 0) ? null : Int32Array.from(slots)
  const said = await client.call('predict', { pairs, keep }, { signal })
  return Array.from(said.score, (score, row) => ({
    score,
    ...withoutScore(said, row),
    memberLow: said.memberLow[row] ?? 0,
    memberHigh: said.memberHigh[row] ?? 1,
  }))
}

/** What a run says of one row beside its score. */
export function withoutScore(
  said: Omit<UnseenPredictions, 'rows' | 'score'>,
  row: number,
): Omit<Prediction, 'score'> {
  const doubt = said.doubt?.[row] ?? null
  return {
    variance: said.variance[row] ?? 0,
    low: said.low[row] ?? 0,
    high: said.high[row] ?? 1,
    spread: said.spread?.[row] ?? null,
    doubt,
    abstained: doubt !== null && said.abstainAbove !== null && doubt > said.abstainAbove,
    outOfFold: false,
  }
}
