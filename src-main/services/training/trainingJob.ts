import { setImmediate as yieldToOthers } from 'node:timers/promises'
import type { BackendName } from '#shared/domain/backend.ts'
import type { ConsensusRule } from '#shared/domain/project.ts'
import type { HeadCurves, HumanCeiling, RunReport, TrainingConfiguration } from '#shared/domain/run.ts'
import type { OutputOf } from '#shared/rpc/contract.ts'
import type { EmbeddingCache } from '../../encoder/embeddingCache.ts'
import type { RunningJob } from '../../jobs/jobs.ts'
import type { trainContract } from '../../learning/trainContract.ts'
import type { ProjectStore } from '../../store/projectStore.ts'
import { effectiveSplit } from '../../store/splits.ts'
import { keepMostUncertain, mostSuggestions, toSuggestions, type Candidate } from './chooseSuggestions.ts'
import { gpuFolder, noteBackendFailure, resolveBackend, trainerWords } from '../backends/currentLadder.ts'
import type { ServiceContext } from '../context.ts'
import { encodePairs, openCache } from '../model/encoderAccess.ts'
import { walkLabels } from './labelWalk.ts'
import {
  loadModel,
  pairsPerChunk,
  scoreChunk,
  withTrainer,
  type LoadedModel,
  type TrainClient,
} from '../model/scoring.ts'
import { countRows, embedLabelled, measureCeiling, readTexts, type TrainingData } from './trainingData.ts'
import { weighParts, type TrainingPart } from './trainingShares.ts'

/** A run that has been written as running and is to be carried out. */
export interface PlannedRun {
  readonly id: string
  readonly number: number
  readonly configuration: TrainingConfiguration
  readonly holdoutShare: number
  /** How the scores of a pair became its target. */
  readonly consensus: ConsensusRule
  readonly data: TrainingData
  /** The project's classes, in its order; empty where no class labels are to be learnt. */
  readonly classes: readonly { readonly name: string; readonly score: number }[]
  /** Where the run was when it was stopped; null where it begins. */
  readonly checkpoint: Uint8Array | null
  /** What the heads are to be trained on; null leaves it to the ladder. */
  readonly backend: BackendName | null
  /** It was started by itself. */
  readonly automatic: boolean
}

type Trained = OutputOf<typeof trainContract, 'train'>

const predictionsPerWrite = 200
/** More labelled pairs than these would fill gigabytes with token vectors in one process (some 40 kB a pair). */
export const mostReadWithTokens = 30_000
/** Pairs that wait beyond these are scored without token vectors first (some 20 kB a pair on disk). */
const mostScoredWithTokens = 20_000
/** So many of them, those that heads differ on most, are then scored in full. */
const fullyScoredCandidates = 2000
/** A score further from the consensus is wrong, where people do not say what they differ by. */
const usualTolerance = 0.15

/** What scoring the pairs that wait needs, whether a run is being carried out or taken up again. */
export interface Scoring {
  readonly context: ServiceContext
  readonly store: ProjectStore
  readonly cache: EmbeddingCache
  readonly model: LoadedModel
  readonly run: Pick<PlannedRun, 'id' | 'holdoutShare'> & {
    readonly data: Pick<TrainingData, 'pool' | 'holdout' | 'holdoutGroups'>
  }
  readonly running: RunningJob
  /** The share of the whole job at a share of one part. */
  readonly share: (part: TrainingPart, share: number) => number
}

/** A run that is being carried out, with all it works with. */
interface Work extends Omit<Scoring, 'model'> {
  readonly run: PlannedRun
  readonly client: TrainClient
  readonly backend: BackendName
  /** Whether token vectors are read for training. */
  readonly tokens: boolean
  readonly ceiling: HumanCeiling | null
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
  const { configuration } = run
  const { signal } = running
  const cache = openCache(context)
  try {
    const { share, seconds, tokens } = await encodeLabelled(context, store, cache, run, running)
    const backend =
      run.backend ??
      (await resolveBackend(context, 'automatic', signal, (phase) => running.update({ phase })))
    const fit = async (client: TrainClient): Promise<void> => {
      const ceiling = await measureCeiling(store, configuration.seed, signal)
      const work: Work = { context, store, cache, client, run, running, share, backend, tokens, ceiling }
      const trained = await train(work)
      const model = await loadModel(client, trained.weights, context.threads, signal)
      const ranked = await scoreWaiting({ ...work, model })
      const report = toReport(trained, work, seconds)
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
  { data, configuration }: PlannedRun,
  running: RunningJob,
): Promise<Pick<Work, 'share' | 'tokens'> & { readonly seconds: number }> {
  const labelled = [...data.train, ...data.validation, ...data.holdout]
  const tokens = configuration.interaction && labelled.length <= mostReadWithTokens
  const texts = await readTexts(store, labelled)
  const share = await weighParts(cache, data, texts, await readTexts(store, data.poolSample), tokens)
  const { seconds } = await encodePairs(
    context,
    texts,
    running.signal,
    (done) => running.update({ phase: 'Encoding texts', share: share('encode', done) }),
    { tokens },
  )
  return { share, seconds, tokens }
}

/** Sends the embedded rows to the training process and passes its progress on. */
async function train(work: Work): Promise<Trained> {
  const { context, store, cache, client, run, running, share, tokens } = work
  const { data, configuration } = run
  running.update({ phase: 'Reading vectors', share: share('train', 0) })
  let curves: Pick<HeadCurves, 'head' | 'epochs' | 'maximumEpochs'>[] = []
  client.on('epoch', ({ head, maximumEpochs, record }) => {
    const before = curves.find((known) => known.head === head)
    const epochs = [...(before?.epochs ?? []), record]
    curves = [...curves.filter((known) => known !== before), { head, epochs, maximumEpochs }]
    const { id: runId, number: runNumber, automatic } = run
    running.update({ detail: { kind: 'train', runId, runNumber, automatic, curves } })
  })
  client.on('progress', ({ phase, share: done }) => running.update({ phase, share: share('train', done) }))
  client.on('checkpoint', ({ epoch, state }) => {
    if (store.database.open && epoch > 0) store.runs.writeCheckpoint(run.id, epoch, state)
  })
  const options = { tokens, classes: run.classes.map(({ name }) => name) }
  return client.call(
    'train',
    {
      configuration,
      train: await embedLabelled(store, cache, data.train, options),
      validation: await embedLabelled(store, cache, data.validation, options),
      holdout: data.holdout.length === 0 ? null : await embedLabelled(store, cache, data.holdout, options),
      tolerance: toleranceOf(configuration, work.ceiling),
      classes: [...run.classes],
      threads: context.threads,
      backend: { name: work.backend, gpuFolder: gpuFolder(context) },
      checkpoint: run.checkpoint,
    },
    { signal: running.signal },
  )
}

/** What the configuration says, else the mean difference between people, within what a tolerance may be. */
function toleranceOf({ tolerance }: TrainingConfiguration, ceiling: HumanCeiling | null): number {
  return tolerance ?? Math.min(1, Math.max(0.01, ceiling?.mae ?? usualTolerance))
}

/** A pair that waits for its prediction. */
interface WaitingPair {
  readonly pairId: string
  /** It may be suggested: it has no score, and its premise is not in the holdout, where a score would train nothing. */
  readonly inPool: boolean
  /** Whether it is scored with token vectors where the model wants them. */
  readonly tokens: boolean
}

/**
 * Scores all unlabelled pairs and the holdout into the predictions, with the weights that the training process has
 * loaded, and returns what to suggest, best first. Where token vectors of so many pairs would fill the disk, the pool is
 * first scored by what needs none, and then those pairs in full that heads differ on most.
 */
export async function scoreWaiting(work: Scoring): Promise<Candidate[]> {
  const { run, running, share, model } = work
  const expected = Math.max(1, run.data.pool + run.data.holdout.length)
  const inFull = !model.readsTokens || expected <= mostScoredWithTokens
  running.update({ phase: 'Scoring pairs', share: share('score', 0) })
  const firstEnd = inFull ? 1 : 0.8
  const best = await scoreAll(work, inFull ? mostSuggestions : fullyScoredCandidates, inFull, (done) =>
    running.update({ share: share('score', Math.min(firstEnd, (firstEnd * done) / expected)) }),
  )
  if (inFull) return best
  running.update({ phase: 'Scoring the least sure pairs in full' })
  const again = best.map(({ pairId }) => ({ pairId, inPool: true, tokens: true }))
  const full = await scoreInto(work, again, (done) =>
    running.update({ share: share('score', firstEnd + (1 - firstEnd) * done) }),
  )
  return keepMostUncertain(full, mostSuggestions)
}

/** Scores everything that waits, the holdout always in full, and returns the least sure pairs of the pool. */
async function scoreAll(
  work: Scoring,
  kept: number,
  poolTokens: boolean,
  onScored: (pairs: number) => void,
): Promise<Candidate[]> {
  const { store, run, running } = work
  let best: Candidate[] = []
  let scored = 0
  let chunk: WaitingPair[] = []
  const scoreChunkNow = async (): Promise<void> => {
    const [before, size] = [scored, chunk.length]
    const candidates = await scoreInto(work, chunk, (done) => onScored(before + done * size))
    best = keepMostUncertain([...best, ...candidates], kept)
    scored += size
    chunk = []
  }
  for await (const page of walkLabels(store, running.signal)) {
    for (const { pairId, declaredSplit, premiseGroup, label } of page) {
      const inHoldout = effectiveSplit({ declaredSplit, premiseGroup }, run.holdoutShare) === 'holdout'
      if (label !== null && !inHoldout) continue
      const tokens = poolTokens || (inHoldout && label !== null)
      chunk.push({ pairId, inPool: !inHoldout && !run.data.holdoutGroups.has(premiseGroup), tokens })
    }
    if (chunk.length >= pairsPerChunk) await scoreChunkNow()
  }
  if (chunk.length > 0) await scoreChunkNow()
  return best
}

/** Scores some pairs, writes their predictions, and returns those of the pool. */
async function scoreInto(
  work: Scoring,
  pairs: readonly WaitingPair[],
  onShare: (share: number) => void,
): Promise<Candidate[]> {
  const { context, store, cache, model, run, running } = work
  const candidates: Candidate[] = []
  const parts = [true, false].map((tokens) => pairs.filter((pair) => pair.tokens === tokens))
  let done = 0
  for (const part of parts) {
    if (part.length === 0) continue
    const begun = done
    const texts = await readTexts(store, part)
    const said = await scoreChunk(context, texts, {
      model,
      tokens: part[0]?.tokens ?? false,
      cache,
      signal: running.signal,
      onShare: (share) => onShare((begun + share * part.length) / pairs.length),
    })
    const predictions = said.map((prediction, index) => ({
      pairId: part[index]?.pairId ?? '',
      ...prediction,
    }))
    for (let start = 0; start < predictions.length; start += predictionsPerWrite) {
      store.predictions.write(run.id, predictions.slice(start, start + predictionsPerWrite))
      await yieldToOthers()
    }
    candidates.push(...predictions.filter((_, index) => part[index]?.inPool === true))
    done += part.length
  }
  return candidates
}

function toReport({ report }: Trained, work: Work, encodeSeconds: number): RunReport {
  const { run, ceiling, tokens } = work
  const { data, configuration } = run
  const remarks: string[] = []
  if (configuration.interaction && !tokens)
    remarks.push(
      `Interaction heads were left out: token vectors of more than ${mostReadWithTokens.toLocaleString('en')} labelled pairs do not fit into memory.`,
    )
  if (data.onePremise)
    remarks.push(
      'All rated pairs share one premise, so validation is made of other hypotheses of that premise: nothing is known of other premises.',
    )
  return {
    ...report,
    remarks: [...remarks, ...report.remarks],
    rows: countRows(data),
    ceiling,
    consensus: run.consensus,
    seconds: { encode: encodeSeconds, ...report.seconds },
  }
}
