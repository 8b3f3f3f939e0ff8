import { setImmediate as yieldToOthers } from 'node:timers/promises'
import type { EmbeddingCache } from '../../encoder/embeddingCache.ts'
import type { RunningJob } from '../../jobs/jobs.ts'
import { createReservoir, type Reservoir } from '../../learning/strategies/reservoir.ts'
import type { ProjectStore } from '../../store/projectStore.ts'
import { effectiveSplit } from '../../store/splits.ts'
import type { ServiceContext } from '../context.ts'
import { pairsPerChunk, scoreChunk, type LoadedModel, type PairScore } from '../model/scoring.ts'
import { walkLabels } from './labelWalk.ts'
import { readTexts, type TrainingData } from './trainingData.ts'
import type { TrainingPart } from './trainingShares.ts'

/** Waiting pairs that are kept to be ranked, at most: some 150 MB of vectors. */
export const mostCandidates = 100_000
/** Rated pairs that distances are taken to, at most. */
export const mostRatedCompared = 10_000
/** Pairs that wait beyond these are scored without token vectors first (some 20 kB a pair on disk). */
const mostScoredWithTokens = 20_000
const predictionsPerWrite = 200

/** What scoring the pairs that wait needs, whether a run is being carried out or taken up again. */
export interface Scoring {
  readonly context: ServiceContext
  readonly store: ProjectStore
  readonly cache: EmbeddingCache
  readonly model: LoadedModel
  readonly run: {
    readonly id: string
    readonly holdoutShare: number
    readonly data: Pick<TrainingData, 'pool' | 'holdout' | 'holdoutGroups'>
  }
  readonly running: RunningJob
  /** The share of the whole job at a share of one part. */
  readonly share: (part: TrainingPart, share: number) => number
}

/** How many are kept to be ranked, and compared with; smaller in tests. */
export interface ScoringLimits {
  readonly candidates: number
  readonly rated: number
  readonly withTokens: number
}

export const scoringLimits: ScoringLimits = {
  candidates: mostCandidates,
  rated: mostRatedCompared,
  withTokens: mostScoredWithTokens,
}

/** A rated pair outside the holdout. */
interface RatedPair {
  readonly pairId: string
  /** Consensus, 0–1. */
  readonly target: number
}

/** What was scored, and what the training process has kept of it. */
export interface ScoredPool {
  /** Ids of the pairs that are kept to be ranked, by their slots. */
  readonly candidates: readonly string[]
  /** Pairs that may be suggested: they have no score, and their premise is not in the holdout, where a score would train nothing. */
  readonly waiting: number
  /** Those of them that could not be scored, since a text has no vector. */
  readonly leftOut: number
  /** Rated pairs, or a draw of them. */
  readonly rated: readonly RatedPair[]
  readonly allRated: number
  /** Whether all were scored in full; else by what needs no token vectors. */
  readonly inFull: boolean
}

/** A pair that waits for its prediction. */
interface WaitingPair {
  readonly pairId: string
  /** It may be suggested. */
  readonly inPool: boolean
  /** Whether it is scored with token vectors where the model wants them. */
  readonly tokens: boolean
}

/**
 * Scores all unlabelled pairs and the holdout into the predictions, with the weights that the training process has loaded,
 * which keeps those that may be suggested. Where token vectors of so many pairs would fill the disk, the pool is scored by
 * what needs none.
 */
export async function scoreWaiting(
  work: Scoring,
  limits: ScoringLimits = scoringLimits,
): Promise<ScoredPool> {
  const { store, run, running, share, model } = work
  const { seed } = store.project.read().settings
  const expected = Math.max(1, run.data.pool + run.data.holdout.length)
  const inFull = !model.readsTokens || expected <= limits.withTokens
  running.update({ phase: 'Scoring pairs', share: share('score', 0) })
  const partEnd = inFull ? 0.95 : 0.8
  const kept = keepIn<string>(createReservoir(limits.candidates, seed, 'waiting pairs'))
  const rated = keepIn<RatedPair>(createReservoir(limits.rated, seed, 'rated pairs'))
  let [scored, leftOut] = [0, 0]
  let chunk: WaitingPair[] = []
  const scoreChunkNow = async (): Promise<void> => {
    const [before, size] = [scored, chunk.length]
    const missing = await scoreInto(work, chunk, {
      keep: kept.offer,
      onShare: (done) =>
        running.update({
          share: share('score', Math.min(partEnd, (partEnd * (before + done * size)) / expected)),
        }),
    })
    leftOut += missing
    scored += size
    chunk = []
  }
  for await (const page of walkLabels(store, running.signal)) {
    for (const { pairId, declaredSplit, premiseGroup, label } of page) {
      const inHoldout = effectiveSplit({ declaredSplit, premiseGroup }, run.holdoutShare) === 'holdout'
      if (label !== null && !inHoldout) {
        rated.offer({ pairId, target: label.consensus })
        continue
      }
      const tokens = inFull || (inHoldout && label !== null)
      chunk.push({ pairId, inPool: !inHoldout && !run.data.holdoutGroups.has(premiseGroup), tokens })
    }
    if (chunk.length >= pairsPerChunk) await scoreChunkNow()
  }
  if (chunk.length > 0) await scoreChunkNow()
  return {
    candidates: kept.items,
    waiting: kept.reservoir.offered + leftOut,
    leftOut,
    rated: rated.items,
    allRated: rated.reservoir.offered,
    inFull,
  }
}

/** Scores chosen pairs again, now with token vectors. @returns what is said of them, by their ids. */
export async function scoreInFull(
  work: Scoring,
  pairIds: readonly string[],
): Promise<ReadonlyMap<string, PairScore>> {
  const { running, share } = work
  running.update({ phase: 'Scoring the chosen pairs in full' })
  const said = new Map<string, PairScore>()
  await scoreInto(
    work,
    pairIds.map((pairId) => ({ pairId, inPool: true, tokens: true })),
    {
      keep: () => -1,
      onShare: (done) => running.update({ share: share('score', 0.8 + 0.2 * done) }),
      onScored: (pairId, score) => void said.set(pairId, score),
    },
  )
  return said
}

/** The rows that a reservoir keeps, by their slots. */
function keepIn<Item>(reservoir: Reservoir): {
  readonly reservoir: Reservoir
  readonly items: readonly Item[]
  readonly offer: (item: Item) => number
} {
  const items: Item[] = []
  return {
    reservoir,
    items,
    offer(item) {
      const slot = reservoir.offer()
      if (slot >= 0) items[slot] = item
      return slot
    },
  }
}

/** Scores some pairs and writes their predictions. @returns how many of the pool could not be scored. */
async function scoreInto(
  work: Scoring,
  pairs: readonly WaitingPair[],
  told: {
    /** The slot of a pair of the pool; −1: not kept. */
    readonly keep: (pairId: string) => number
    readonly onShare: (share: number) => void
    readonly onScored?: (pairId: string, score: PairScore) => void
  },
): Promise<number> {
  const { context, store, cache, model, run, running } = work
  let [done, leftOut] = [0, 0]
  for (const tokens of [true, false]) {
    const part = pairs.filter((pair) => pair.tokens === tokens)
    if (part.length === 0) continue
    const begun = done
    const texts = await readTexts(store, part)
    const said = await scoreChunk(context, texts, {
      model,
      tokens,
      cache,
      signal: running.signal,
      onShare: (share) => told.onShare((begun + share * part.length) / pairs.length),
      keep(index) {
        const pair = part[index]
        return pair?.inPool === true ? told.keep(pair.pairId) : -1
      },
    })
    const predictions = said.flatMap((prediction, index) => {
      const { pairId, inPool } = part[index] ?? { pairId: '', inPool: false }
      if (prediction !== null) {
        told.onScored?.(pairId, prediction)
        return { pairId, ...prediction }
      }
      if (inPool) leftOut++
      return []
    })
    await writePredictions(store, run.id, predictions)
    done += part.length
  }
  return leftOut
}

/** Writes predictions, letting other work go in between. */
export async function writePredictions(
  store: ProjectStore,
  runId: string,
  predictions: Parameters<ProjectStore['predictions']['write']>[1],
): Promise<void> {
  for (let start = 0; start < predictions.length; start += predictionsPerWrite) {
    store.predictions.write(runId, predictions.slice(start, start + predictionsPerWrite))
    await yieldToOthers()
  }
}
