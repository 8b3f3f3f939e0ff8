import { setImmediate as yieldToOthers } from 'node:timers/promises'
import type { EpochRecord, RunReport, TrainingConfiguration } from '#shared/domain/run.ts'
import type { OutputOf } from '#shared/rpc/contract.ts'
import type { EmbeddingCache } from '../encoder/embeddingCache.ts'
import type { RunningJob } from '../jobs/jobs.ts'
import type { trainContract } from '../learning/trainContract.ts'
import type { ProjectStore } from '../store/projectStore.ts'
import { chooseSuggestions, type Candidate } from './chooseSuggestions.ts'
import type { ServiceContext } from './context.ts'
import { encodePairs, openCache } from './encoderAccess.ts'
import { pairsPerChunk, scoreChunk, withTrainer, type TrainClient } from './scoring.ts'
import { countRows, embedLabelled, measureCeiling, readTexts, type TrainingData } from './trainingData.ts'
import { walkLabels } from './labelWalk.ts'
import { effectiveSplit } from '../store/splits.ts'

/** A run that has been written as running and is to be carried out. */
export interface PlannedRun {
  readonly id: string
  readonly number: number
  readonly configuration: TrainingConfiguration
  readonly holdoutShare: number
  readonly data: TrainingData
}

type Trained = OutputOf<typeof trainContract, 'train'>

const predictionsPerWrite = 250

/** Rough seconds of each part of the work on two processors; only their proportions show, as shares of the job. */
function estimateSeconds(data: TrainingData): { encode: number; train: number; score: number } {
  const labelled = data.train.length + data.validation.length + data.holdout.length
  return { encode: labelled * 0.004, train: 3 + data.train.length * 0.006, score: 0.2 + data.pool * 0.003 }
}

/** Turns the share of one part into the share of the whole job. */
function shareOf(seconds: ReturnType<typeof estimateSeconds>) {
  const total = seconds.encode + seconds.train + seconds.score
  const before = { encode: 0, train: seconds.encode, score: seconds.encode + seconds.train }
  return (part: keyof typeof seconds, share: number): number =>
    Math.min(1, (before[part] + share * seconds[part]) / total)
}

/**
 * Carries out a run: encodes the labelled texts, trains and judges in a process of its own, scores the pool and the
 * holdout, ranks suggestions, and only then makes the run the one in use, in one transaction. Whatever ends it before
 * leaves the earlier run in use.
 * @throws GradusError `cancelled`, `worker-died`, and what encoding and training throw.
 */
export async function carryOutRun(
  context: ServiceContext,
  store: ProjectStore,
  run: PlannedRun,
  running: RunningJob,
): Promise<void> {
  const { data } = run
  const { signal } = running
  const share = shareOf(estimateSeconds(data))
  const rows = [...data.train, ...data.validation, ...data.holdout]
  const encoded = await encodePairs(context, await readTexts(store, rows), signal, (done) =>
    running.update({ phase: 'Encoding texts', share: share('encode', done) }),
  )
  const cache = openCache(context)
  try {
    await withTrainer(context, signal, async (client) => {
      const trained = await train(context, store, cache, client, run, running, (done) => share('train', done))
      running.update({ phase: 'Scoring pairs', share: share('score', 0) })
      await client.call('load', { weights: trained.weights, threads: context.threads }, { signal })
      const candidates = await scoreWaiting(context, store, cache, client, run, signal, (done) =>
        running.update({ share: share('score', done) }),
      )
      const report = toReport(
        trained,
        data,
        encoded.seconds,
        await measureCeiling(store, run.configuration.seed, signal),
      )
      const suggestions = chooseSuggestions(run.id, run.configuration.ensembleSize, candidates)
      store.database.transaction(() => {
        store.suggestions.write(suggestions)
        store.runs.finish(run.id, { report, weights: trained.weights, finishedAt: new Date().toISOString() })
      })()
    })
  } finally {
    cache.close()
  }
}

/** Sends the embedded rows to the training process and passes its progress on. */
async function train(
  context: ServiceContext,
  store: ProjectStore,
  cache: EmbeddingCache,
  client: TrainClient,
  run: PlannedRun,
  running: RunningJob,
  share: (done: number) => number,
): Promise<Trained> {
  const { data, configuration } = run
  running.update({ phase: 'Reading vectors', share: share(0) })
  const epochs: EpochRecord[] = []
  client.on('epoch', (record) => {
    epochs.push(record)
    running.update({
      detail: {
        kind: 'train',
        runId: run.id,
        runNumber: run.number,
        epochs: [...epochs],
        maximumEpochs: configuration.maximumEpochs,
      },
    })
  })
  client.on('progress', ({ phase, share: done }) => running.update({ phase, share: share(done) }))
  return client.call(
    'train',
    {
      configuration,
      train: await embedLabelled(store, cache, data.train),
      validation: await embedLabelled(store, cache, data.validation),
      holdout: data.holdout.length === 0 ? null : await embedLabelled(store, cache, data.holdout),
      threads: context.threads,
    },
    { signal: running.signal },
  )
}

/** Scores all unlabelled pairs and the holdout into the predictions, and returns who may be suggested. */
async function scoreWaiting(
  context: ServiceContext,
  store: ProjectStore,
  cache: EmbeddingCache,
  client: TrainClient,
  run: PlannedRun,
  signal: AbortSignal,
  onShare: (share: number) => void,
): Promise<Candidate[]> {
  const candidates: Candidate[] = []
  const expected = Math.max(1, run.data.pool + run.data.holdout.length)
  let scored = 0
  let chunk: { pairId: string; inPool: boolean }[] = []
  const scoreAll = async (): Promise<void> => {
    if (chunk.length === 0) return
    const texts = await readTexts(store, chunk)
    const said = await scoreChunk(context, texts, {
      client,
      cache,
      signal,
      onShare: (share) => onShare(Math.min(1, (scored + share * chunk.length) / expected)),
    })
    const predictions = said.map((prediction, index) => ({
      pairId: chunk[index]?.pairId ?? '',
      ...prediction,
    }))
    for (let start = 0; start < predictions.length; start += predictionsPerWrite) {
      store.predictions.write(run.id, predictions.slice(start, start + predictionsPerWrite))
      await yieldToOthers()
    }
    predictions.forEach((prediction, index) => {
      if (chunk[index]?.inPool === true) candidates.push(prediction)
    })
    scored += chunk.length
    chunk = []
  }
  for await (const page of walkLabels(store, signal)) {
    for (const { pairId, declaredSplit, premiseGroup, label } of page) {
      const inHoldout = effectiveSplit({ declaredSplit, premiseGroup }, run.holdoutShare) === 'holdout'
      if (label === null || inHoldout) chunk.push({ pairId, inPool: !inHoldout })
    }
    if (chunk.length >= pairsPerChunk) await scoreAll()
  }
  await scoreAll()
  return candidates
}

function toReport(
  trained: Trained,
  data: TrainingData,
  encodeSeconds: number,
  ceiling: RunReport['ceiling'],
): RunReport {
  const { used, validationPearson, ridgeLambda, epochs, bestEpoch, stoppingReason, holdout, backend } =
    trained
  return {
    used,
    validationPearson,
    ridgeLambda,
    rows: countRows(data),
    epochs,
    bestEpoch,
    stoppingReason,
    holdout,
    ceiling,
    backend,
    seconds: { encode: encodeSeconds, ...trained.seconds },
  }
}
