import { GradusError } from '#shared/contract/errors.ts'
import type { AppContract } from '#shared/contract/index.ts'
import type { TriedConfiguration } from '#shared/domain/search.ts'
import type { Handlers, ParsedInputOf } from '#shared/rpc/contract.ts'
import type { RunningJob } from '../../jobs/jobs.ts'
import { explainDatabaseError } from '../../store/databaseErrors.ts'
import type { ProjectStore } from '../../store/projectStore.ts'
import { refitForConsensus } from '../agreement/raterModel.ts'
import { gpuFolder, noteBackendFailure, resolveBackend, trainerWords } from '../backends/currentLadder.ts'
import type { ServiceContext } from '../context.ts'
import { encodePairs, openCache } from '../model/encoderAccess.ts'
import { withTrainer } from '../model/scoring.ts'
import { requireStillOpen, withProject } from '../withProject.ts'
import { giveWay } from './giveWay.ts'
import { requireIdle } from './requireIdle.ts'
import { countRows, embedLabelled, gatherTrainingData, readTexts, type LabelledRow } from './trainingData.ts'
import { trainingObstacle } from './trainingSplit.ts'

type SearchInput = ParsedInputOf<AppContract, 'train.search'>

/** Encoding comes before this share of the job; where all is cached it is over at once. */
const encodingShare = 0.05

/** The handlers of contract/train.ts that try settings. */
export function createSearchHandlers(
  context: ServiceContext,
): Pick<Handlers<AppContract>, 'train.search' | 'train.lastSearch'> {
  return {
    'train.search': (input, { signal }) =>
      withProject(context, async (store) => {
        await giveWay(context)
        requireStillOpen(store)
        requireIdle(context)
        await refitForConsensus(context, store, signal)
        requireStillOpen(store)
        const rows = await gatherRows(store, input, signal)
        // Another call may have started one while this one was reading.
        await giveWay(context)
        requireStillOpen(store)
        requireIdle(context)
        const { count } = input
        const jobId = context.jobs.start(
          { kind: 'search', done: 0, count, tried: [] },
          'Reading labels',
          async (running) => {
            try {
              await carryOutSearch(context, store, input, rows, running)
            } catch (thrown) {
              throw explainDatabaseError(thrown, store.path)
            }
          },
        )
        return { jobId }
      }),
    'train.lastSearch': () => withProject(context, (store) => store.searches.last()),
  }
}

/** Every labelled pair that a training would learn from or validate with. @throws GradusError `not-enough-labels`. */
async function gatherRows(
  store: ProjectStore,
  { configuration }: SearchInput,
  signal: AbortSignal,
): Promise<LabelledRow[]> {
  const { settings } = store.project.read()
  const data = await gatherTrainingData(store, settings, configuration.validationShare, signal)
  const obstacle = trainingObstacle(countRows(data))
  if (obstacle !== null) throw new GradusError('not-enough-labels', obstacle)
  return [...data.train, ...data.validation]
}

/**
 * Encodes the texts, tries the settings in the training process, and keeps the report in the project.
 * @throws GradusError `cancelled`, `worker-died`, and what encoding and searching throw.
 */
async function carryOutSearch(
  context: ServiceContext,
  store: ProjectStore,
  { configuration, count, method, backend: asked }: SearchInput,
  rows: readonly LabelledRow[],
  running: RunningJob,
): Promise<void> {
  const { signal } = running
  const cache = openCache(context)
  try {
    await encodePairs(context, await readTexts(store, rows), signal, (done) =>
      running.update({ phase: 'Encoding texts', share: encodingShare * done }),
    )
    const backend = await resolveBackend(context, asked, signal, (phase) => running.update({ phase }))
    running.update({ phase: 'Reading vectors', share: encodingShare })
    const embedded = await embedLabelled(store, cache, rows, { tokens: false, classes: [] })
    const { report } = await withTrainer(
      context,
      signal,
      (client) => {
        let tried: TriedConfiguration[] = []
        client.on('tried', (one) => {
          tried = [...tried, one]
          running.update({ detail: { kind: 'search', done: tried.length, count, tried } })
        })
        client.on('progress', ({ phase, share }) =>
          running.update({ phase, share: encodingShare + (1 - encodingShare) * share }),
        )
        return client.call(
          'search',
          {
            configuration,
            count,
            method,
            rows: embedded,
            threads: context.threads,
            backend: { name: backend, gpuFolder: gpuFolder(context) },
          },
          { signal },
        )
      },
      trainerWords(context, backend),
    ).catch((thrown: unknown) => {
      throw noteBackendFailure(context, backend, thrown)
    })
    store.searches.keep(report, new Date().toISOString())
  } finally {
    cache.close()
  }
}
