import { GradusError } from '#shared/contract/errors.ts'
import type { ColumnMapping, FileLayout, ImportOptions, RejectedRow } from '#shared/contract/imports.ts'
import { previewFile } from '../../formats/preview.ts'
import { readRows } from '../../formats/readRows.ts'
import type { RunningJob } from '../../jobs/jobs.ts'
import type { ProjectStore } from '../../store/projectStore.ts'
import type { ServiceContext } from '../context.ts'
import { openCache } from './encoderAccess.ts'
import { walkLabels } from '../training/labelWalk.ts'
import { modelInUse } from './modelInUse.ts'
import { loadModel, pairsPerChunk, scoreChunk, withTrainer, type PairScore } from './scoring.ts'
import { readTexts } from '../training/trainingData.ts'

/** A pair to be scored, as the caller knows it. */
interface PairToScore {
  /** The project's id of the pair; null for a pair of a file. */
  readonly pairId: string | null
  /** The id the outside world knows it by. */
  readonly externalId: string | null
  /** Its row in the file; null for a pair of the project. */
  readonly rowNumber: number | null
  readonly premise: string
  readonly hypothesis: string
}

export interface ScoredPair extends PairToScore {
  readonly prediction: PairScore
}

/** Where the pairs come from: all pairs of the open project, or a file whose layout and columns are guessed where not given. */
export type PairSource =
  | { readonly kind: 'project' }
  | {
      readonly kind: 'file'
      readonly path: string
      readonly fileName: string
      readonly layout?: FileLayout
      readonly columns?: ColumnMapping
      /** Told of every row that cannot be read; the others are scored. */
      readonly onRejected: (row: RejectedRow) => void
    }

/**
 * Starts scoring pairs with the model in use; memory does not grow with their number.
 * @param write is given the scored pairs in order, some thousands at a time, and awaited.
 * @returns the id of the job.
 * @throws GradusError `no-model`, `job-running`; the job fails with what reading, encoding and scoring throw.
 */
export function startPredicting(
  context: ServiceContext,
  source: PairSource,
  write: (rows: readonly ScoredPair[]) => Promise<void>,
): string {
  const store = context.session.store()
  const { run, weights } = modelInUse(store)
  context.jobs.requireIdle('predict')
  return context.jobs.start(
    { kind: 'predict', runId: run.id, scored: 0 },
    'Reading pairs',
    async (running) => {
      const { signal } = running
      const cache = openCache(context)
      try {
        await withTrainer(context, signal, async (client) => {
          const model = await loadModel(client, weights, context.threads, signal)
          let scored = 0
          for await (const { pairs, share } of inChunks(readSource(store, source, signal))) {
            running.update({ phase: 'Scoring pairs', share: Math.min(1, share) })
            const said = await scoreChunk(context, pairs, { model, tokens: true, cache, signal })
            await write(
              said.flatMap((prediction, index) => {
                const pair = pairs[index]
                if (pair === undefined) return []
                if (prediction === null) throw noVector(pair)
                return { ...pair, prediction }
              }),
            )
            scored += pairs.length
            tellScored(running, run.id, scored)
          }
        })
      } finally {
        cache.close()
      }
    },
  )
}

function noVector({ pairId, externalId, rowNumber }: PairToScore): GradusError {
  const which = rowNumber === null ? `pair ${externalId ?? pairId ?? ''}` : `row ${rowNumber}`
  return new GradusError(
    'not-found',
    `The texts of ${which} have no vectors: clear the embedding cache, so that they are encoded again.`,
  )
}

function tellScored(running: RunningJob, runId: string, scored: number): void {
  running.update({ detail: { kind: 'predict', runId, scored } })
}

interface Batch {
  readonly pairs: readonly PairToScore[]
  /** How far into the source this reaches, 0–1. */
  readonly share: number
}

function readSource(store: ProjectStore, source: PairSource, signal: AbortSignal): AsyncGenerator<Batch> {
  return source.kind === 'project' ? readProject(store, signal) : readFile(source)
}

async function* readProject(store: ProjectStore, signal: AbortSignal): AsyncGenerator<Batch> {
  const total = Math.max(1, store.labels.countPairs())
  let read = 0
  for await (const page of walkLabels(store, signal)) {
    const texts = await readTexts(store, page)
    read += page.length
    yield {
      share: read / total,
      pairs: page.flatMap(({ pairId }, index) => {
        const pair = texts[index]
        return pair === undefined ? [] : { pairId, rowNumber: null, ...pair }
      }),
    }
  }
}

async function* readFile(source: Extract<PairSource, { kind: 'file' }>): AsyncGenerator<Batch> {
  const { path, fileName, layout, columns } = source
  const preview = await previewFile(path, fileName, { layout, columns })
  // Scores, raters and splits of the file play no part here.
  const { premise, hypothesis, id } = preview.columns
  const options: ImportOptions = {
    layout: preview.layout,
    columns: { premise, hypothesis, ...(id === undefined ? {} : { id }), metadata: [] },
    scoreRange: preview.scoreRange,
    rater: 'file',
    split: null,
    onBadRow: 'report',
  }
  for await (const { rows, bytesRead, bytes } of readRows(path, fileName, options, [])) {
    const pairs: PairToScore[] = []
    for (const checked of rows)
      if (checked.kind === 'bad') source.onRejected(checked.row)
      else {
        const { rowNumber, externalId, premise: first, hypothesis: second } = checked.row
        pairs.push({ pairId: null, externalId, rowNumber, premise: first, hypothesis: second })
      }
    yield { pairs, share: bytesRead / Math.max(1, bytes) }
  }
}

/** Gathers small batches into chunks worth sending to a worker. */
async function* inChunks(batches: AsyncGenerator<Batch>): AsyncGenerator<Batch> {
  let waiting: PairToScore[] = []
  let share = 0
  for await (const batch of batches) {
    waiting.push(...batch.pairs)
    share = batch.share
    while (waiting.length >= pairsPerChunk) {
      yield { pairs: waiting.slice(0, pairsPerChunk), share }
      waiting = waiting.slice(pairsPerChunk)
    }
  }
  if (waiting.length > 0) yield { pairs: waiting, share }
}
