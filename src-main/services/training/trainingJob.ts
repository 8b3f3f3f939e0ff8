import { setImmediate as yieldToOthers } from 'node:timers/promises'
import type { BackendName } from '#shared/domain/backend.ts'
import type { EpochRecord, RunReport, TrainingConfiguration } from '#shared/domain/run.ts'
import type { OutputOf } from '#shared/rpc/contract.ts'
import type { EmbeddingCache } from '../../encoder/embeddingCache.ts'
import type { RunningJob } from '../../jobs/jobs.ts'
import type { trainContract } from '../../learning/trainContract.ts'
import type { ProjectStore } from '../../store/projectStore.ts'
import { effectiveSplit } from '../../store/splits.ts'
import { keepMostUncertain, toSuggestions, type Candidate } from './chooseSuggestions.ts'
import { gpuFolder, noteBackendFailure, resolveBackend, trainerWords } from '../backends/currentLadder.ts'
import type { ServiceContext } from '../context.ts'
import { encodePairs, openCache } from '../model/encoderAccess.ts'
import { walkLabels } from './labelWalk.ts'
import { pairsPerChunk, scoreChunk, withTrainer, type TrainClient } from '../model/scoring.ts'
import { countRows, embedLabelled, measureCeiling, readTexts, type TrainingData } from './trainingData.ts'
import { weighParts, type TrainingPart } from './trainingShares.ts'

/** A run that has been written as running and is to be carried out. */
export interface PlannedRun {
  readonly id: string
  readonly number: number
  readonly configuration: TrainingConfiguration
  readonly holdoutShare: number
  readonly data: TrainingData
  /** What the heads are to be trained on; null leaves it to the ladder. */
  readonly backend: BackendName | null
}

type Trained = OutputOf<typeof trainContract, 'train'>

const predictionsPerWrite = 200

/** What scoring the pairs that wait needs, whether a run is being carried out or taken up again. */
export interface Scoring {
  readonly context: ServiceContext
  readonly store: ProjectStore
  readonly cache: EmbeddingCache
  readonly client: TrainClient
  readonly run: Pick<PlannedRun, 'id' | 'holdoutShare'> & {
    readonly data: Pick<TrainingData, 'pool' | 'holdout' | 'holdoutGroups'>
  }
  readonly running: RunningJob
  readonly backend: BackendName
  /** The share of the whole job at a share of one part. */
  readonly share: (part: TrainingPart, share: number) => number
}

/** A run that is being carried out, with all it works with. */
interface Work extends Scoring {
  readonly run: PlannedRun
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
  const { data, configuration } = run
  const { signal } = running
  const cache = openCache(context)
  try {
    const { share, seconds } = await encodeLabelled(context, store, cache, run, running)
    const backend =
      run.backend ??
      (await resolveBackend(context, 'automatic', signal, (phase) => running.update({ phase })))
    const fit = async (client: TrainClient): Promise<void> => {
      const work: Work = { context, store, cache, client, run, running, share, backend }
      const trained = await train(work)
      await client.call('load', { weights: trained.weights, threads: context.threads }, { signal })
      const ranked = await scoreWaiting(work)
      const ceiling = await measureCeiling(store, configuration.seed, signal)
      const report = toReport(trained, data, seconds, ceiling)
      const suggestions = toSuggestions(run.id, configuration.ensembleSize, ranked)
      store.database.transaction(() => {
        store.suggestions.write(suggestions)
        store.runs.finish(run.id, { report, weights: trained.weights, finishedAt: new Date().toISOString() })
      })()
    }
    await withTrainer(context, signal, fit, trainerWords(context, backend)).catch((thrown: unknown) => {
      throw noteBackendFailure(context, backend, thrown)
    })
  } finally {
    cache.close()
  }
}

/** Has all labelled texts encoded; they are let go of afterwards. */
async function encodeLabelled(
  context: ServiceContext,
  store: ProjectStore,
  cache: EmbeddingCache,
  { data }: PlannedRun,
  running: RunningJob,
): Promise<Pick<Work, 'share'> & { readonly seconds: number }> {
  const texts = await readTexts(store, [...data.train, ...data.validation, ...data.holdout])
  const share = await weighParts(cache, data, texts, await readTexts(store, data.poolSample))
  const { seconds } = await encodePairs(context, texts, running.signal, (done) =>
    running.update({ phase: 'Encoding texts', share: share('encode', done) }),
  )
  return { share, seconds }
}

/** Sends the embedded rows to the training process and passes its progress on. */
async function train(work: Work): Promise<Trained> {
  const { context, store, cache, client, run, running, share } = work
  const { data, configuration } = run
  const { maximumEpochs } = configuration
  running.update({ phase: 'Reading vectors', share: share('train', 0) })
  const epochs: EpochRecord[] = []
  client.on('epoch', (record) => {
    epochs.push(record)
    running.update({
      detail: { kind: 'train', runId: run.id, runNumber: run.number, epochs: [...epochs], maximumEpochs },
    })
  })
  client.on('progress', ({ phase, share: done }) => running.update({ phase, share: share('train', done) }))
  return client.call(
    'train',
    {
      configuration,
      train: await embedLabelled(store, cache, data.train),
      validation: await embedLabelled(store, cache, data.validation),
      holdout: data.holdout.length === 0 ? null : await embedLabelled(store, cache, data.holdout),
      threads: context.threads,
      backend: { name: work.backend, gpuFolder: gpuFolder(context) },
    },
    { signal: running.signal },
  )
}

/** A pair that waits for its prediction. */
interface WaitingPair {
  readonly pairId: string
  /** It may be suggested: it has no score, and its premise is not in the holdout, where a score would train nothing. */
  readonly inPool: boolean
}

/**
 * Scores all unlabelled pairs and the holdout into the predictions, with the weights that the training process has
 * loaded, and returns what to suggest, best first.
 */
export async function scoreWaiting(work: Scoring): Promise<Candidate[]> {
  const { store, run, running, share } = work
  const expected = Math.max(1, run.data.pool + run.data.holdout.length)
  let best: Candidate[] = []
  let scored = 0
  let chunk: WaitingPair[] = []
  const scoreAll = async (): Promise<void> => {
    const before = scored
    const size = chunk.length
    const candidates = await scoreInto(work, chunk, (done) =>
      running.update({ share: share('score', Math.min(1, (before + done * size) / expected)) }),
    )
    best = keepMostUncertain([...best, ...candidates])
    scored += size
    chunk = []
  }
  running.update({ phase: 'Scoring pairs', share: share('score', 0) })
  for await (const page of walkLabels(store, running.signal)) {
    for (const { pairId, declaredSplit, premiseGroup, label } of page) {
      const inHoldout = effectiveSplit({ declaredSplit, premiseGroup }, run.holdoutShare) === 'holdout'
      if (label === null || inHoldout)
        chunk.push({ pairId, inPool: !inHoldout && !run.data.holdoutGroups.has(premiseGroup) })
    }
    if (chunk.length >= pairsPerChunk) await scoreAll()
  }
  if (chunk.length > 0) await scoreAll()
  return best
}

/** Scores some pairs, writes their predictions, and returns those of the pool. */
async function scoreInto(
  { context, store, cache, client, run, running }: Scoring,
  pairs: readonly WaitingPair[],
  onShare: (share: number) => void,
): Promise<Candidate[]> {
  const texts = await readTexts(store, pairs)
  const said = await scoreChunk(context, texts, { client, cache, signal: running.signal, onShare })
  const predictions = said.map((prediction, index) => ({ pairId: pairs[index]?.pairId ?? '', ...prediction }))
  for (let start = 0; start < predictions.length; start += predictionsPerWrite) {
    store.predictions.write(run.id, predictions.slice(start, start + predictionsPerWrite))
    await yieldToOthers()
  }
  return predictions.filter((_, index) => pairs[index]?.inPool === true)
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
