import type { BackendName } from '#shared/domain/backend.ts'
import type { ConsensusRule } from '#shared/domain/project.ts'
import type { HeadCurves, HumanCeiling, RunReport, TrainingConfiguration } from '#shared/domain/run.ts'
import type { OutputOf } from '#shared/rpc/contract.ts'
import type { EmbeddingCache } from '../../encoder/embeddingCache.ts'
import type { RunningJob } from '../../jobs/jobs.ts'
import type { trainContract } from '../../learning/trainContract.ts'
import type { ProjectStore } from '../../store/projectStore.ts'
import { gpuFolder, noteBackendFailure, resolveBackend, trainerWords } from '../backends/currentLadder.ts'
import type { ServiceContext } from '../context.ts'
import { encodePairs, openCache } from '../model/encoderAccess.ts'
import { loadModel, withoutScore, withTrainer, type TrainClient } from '../model/scoring.ts'
import { rankWaiting, writeRanked } from './rankWaiting.ts'
import { writePredictions, type Scoring } from './scoreWaiting.ts'
import { countRows, embedLabelled, measureCeiling, readTexts, type TrainingData } from './trainingData.ts'
import { weighParts } from './trainingShares.ts'

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

/** More labelled pairs than these would fill gigabytes with token vectors in one process (some 40 kB a pair). */
export const mostReadWithTokens = 30_000
/** A score further from the consensus is wrong, where people do not say what they differ by. */
const usualTolerance = 0.15

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
      await writeUnseen(store, run, trained.unseen)
      const ranked = await rankWaiting({ ...work, model }, configuration.ensembleSize)
      const report = toReport(trained, work, seconds)
      store.database.transaction(() => {
        writeRanked(store, run.id, ranked)
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

/** Keeps what the run says of the pairs that it has learnt from, or was chosen by, without having seen them. */
async function writeUnseen(
  store: ProjectStore,
  { id, data }: Pick<PlannedRun, 'id' | 'data'>,
  unseen: Trained['unseen'],
): Promise<void> {
  for (const split of ['train', 'validation'] as const) {
    const said = unseen[split]
    const predictions = Array.from(said.rows, (row, index) => ({
      pairId: data[split][row]?.pairId ?? '',
      score: said.score[index] ?? 0,
      ...withoutScore(said, index),
      outOfFold: true,
    }))
    await writePredictions(store, id, predictions)
  }
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
