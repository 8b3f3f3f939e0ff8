import { createHash } from 'node:crypto'
import { setImmediate as yieldToOthers } from 'node:timers/promises'
import type { ProjectSettings } from '#shared/domain/project.ts'
import type { HumanCeiling, RunReport } from '#shared/domain/run.ts'
import { humanCeiling } from '../../agreement/humanCeiling.ts'
import type { EmbeddingCache } from '../../encoder/embeddingCache.ts'
import type { LabelledPairs } from '../../learning/trainContract.ts'
import type { ProjectStore } from '../../store/projectStore.ts'
import type { LabelRow, StoredTexts } from '../../store/repositories/labels.ts'
import { effectiveSplit } from '../../store/splits.ts'
import { embedPairs } from '../model/encoderAccess.ts'
import { classShares } from './classShares.ts'
import { walkLabels } from './labelWalk.ts'
import { splitForTraining, type SplitRow, type TrainingSplit } from './trainingSplit.ts'

/** A labelled pair that may be trained or judged on. */
export interface LabelledRow extends SplitRow {
  readonly pairId: string
  /** Consensus, 0–1. */
  readonly target: number
  /** Standard deviation (n − 1) of its scores; null under two. */
  readonly deviation: number | null
  /** Present scores. */
  readonly ratings: number
  readonly classCounts: LabelRow['classCounts']
}

/** The labelled pairs of a project by what training does with them, and how many wait for a label. */
export interface TrainingData extends TrainingSplit<LabelledRow> {
  readonly labelledPairs: number
  /** Pairs without a score outside the holdout. */
  readonly pool: number
  /** The first of those. */
  readonly poolSample: readonly { readonly pairId: string }[]
  /** Premise groups of all holdout pairs, labelled or not. */
  readonly holdoutGroups: ReadonlySet<number>
}

/** How many pairs of the pool are named, to tell what scoring it will take. */
const sampledPairs = 200
/** Every row goes to training with the same weight; what its raters are worth, training weighs itself. */
const rowWeight = 1
/** Rows whose texts are read in one query: some milliseconds. */
const rowsPerQuery = 250
/** Rows digested before other work gets its turn: some milliseconds. */
const rowsPerTurn = 2000
const fewestForCeiling = 10
/** Pairs whose raters are drawn 100 times over before other work gets its turn. */
const pairsPerCeilingPage = 200

/** Reads all labels of a project and puts them on their sides. */
export async function gatherTrainingData(
  store: ProjectStore,
  settings: Pick<ProjectSettings, 'holdoutShare'>,
  validationShare: number,
  signal: AbortSignal,
): Promise<TrainingData> {
  const { holdoutShare } = settings
  const rows: LabelledRow[] = []
  const holdoutGroups = new Set<number>()
  let pool = 0
  const poolSample: { pairId: string }[] = []
  for await (const page of walkLabels(store, signal))
    for (const { pairId, premiseGroup, declaredSplit, label, classCounts } of page) {
      const split = effectiveSplit({ declaredSplit, premiseGroup }, holdoutShare)
      if (split === 'holdout') holdoutGroups.add(premiseGroup)
      if (label !== null) {
        const { consensus: target, deviation, count: ratings } = label
        rows.push({ pairId, premiseGroup, declaredSplit, split, target, deviation, ratings, classCounts })
      } else if (split !== 'holdout') {
        pool++
        if (poolSample.length < sampledPairs) poolSample.push({ pairId })
      }
    }
  const parts = splitForTraining(rows, holdoutGroups, { holdoutShare, validationShare })
  return { ...parts, labelledPairs: rows.length, pool, poolSample, holdoutGroups }
}

/** How many rows are on each side, and how many were left out. */
export function countRows(data: TrainingSplit<LabelledRow>): RunReport['rows'] {
  const { train, validation, holdout, leftOutForHoldout, leftOutForValidation } = data
  return {
    train: train.length,
    validation: validation.length,
    holdout: holdout.length,
    leftOutForHoldout,
    leftOutForValidation,
  }
}

/**
 * sha256 over all that a training reads of labels: a line of JSON with names and scores of the classes, then one for each
 * row, in the order of their ids: pair, split, target, weight, number of scores, their deviation, and class labels with
 * their counts.
 * @param data each side in the order of the rows' ids, as gathered.
 * @param classes those that class labels are learnt as, in their order; empty where none are.
 */
export async function snapshotDigest(
  data: Pick<TrainingData, 'train' | 'validation' | 'holdout'>,
  classes: readonly { readonly name: string; readonly score: number }[],
): Promise<string> {
  const hash = createHash('sha256')
  const digest = (line: readonly unknown[]): void => void hash.update(`${JSON.stringify(line)}\n`)
  digest(classes.map(({ name, score }) => [name, score]))
  const sides = (['train', 'validation', 'holdout'] as const).map((split) => ({
    split,
    rows: data[split],
    at: 0,
  }))
  for (let count = 1; ; count++) {
    let first: { side: (typeof sides)[number]; row: LabelledRow } | null = null
    for (const side of sides) {
      const row = side.rows[side.at]
      if (row !== undefined && (first === null || row.pairId < first.row.pairId)) first = { side, row }
    }
    if (first === null) return hash.digest('hex')
    const { side, row } = first
    side.at += 1
    const { pairId, target, ratings, deviation, classCounts } = row
    const labels = classCounts.map(({ name, count: times }) => [name, times])
    digest([pairId, side.split, target, rowWeight, ratings, deviation, labels])
    if (count % rowsPerTurn === 0) await yieldToOthers()
  }
}

/** What of labelled rows is read beside their vectors. */
export interface EmbeddingOptions {
  /** Whether token vectors are read, too; they must be in the cache. */
  readonly tokens: boolean
  /** Names of the classes, in the project's order; empty where no class labels are to be learnt. */
  readonly classes: readonly string[]
}

/** The embedded texts of labelled rows with their labels; their vectors must be in the cache. */
export async function embedLabelled(
  store: ProjectStore,
  cache: EmbeddingCache,
  rows: readonly LabelledRow[],
  { tokens, classes }: EmbeddingOptions,
): Promise<LabelledPairs> {
  const texts = await readTexts(store, rows)
  const numbers = new Map<number, number>()
  const group = Int32Array.from(rows, ({ premiseGroup }) => {
    const number = numbers.get(premiseGroup) ?? numbers.size
    numbers.set(premiseGroup, number)
    return number
  })
  return {
    ...(await embedPairs(cache, texts, { tokens })),
    target: Float32Array.from(rows, (row) => row.target),
    weight: new Float32Array(rows.length).fill(rowWeight),
    group,
    deviation: Float32Array.from(rows, (row) => row.deviation ?? 0),
    ratings: Int32Array.from(rows, (row) => row.ratings),
    classes: classes.length === 0 ? null : classShares([rows], classes).shares,
  }
}

/** The texts of rows, in their order. */
export async function readTexts(
  store: ProjectStore,
  rows: readonly { readonly pairId: string }[],
): Promise<StoredTexts[]> {
  const texts: StoredTexts[] = []
  for (let start = 0; start < rows.length; start += rowsPerQuery) {
    texts.push(...store.labels.texts(rows.slice(start, start + rowsPerQuery).map((row) => row.pairId)))
    await yieldToOthers()
  }
  return texts
}

/**
 * What people reach on the labelled pairs that two raters or more have scored; null where those are fewer than ten,
 * since chance would speak then.
 */
export async function measureCeiling(
  store: ProjectStore,
  seed: number,
  signal: AbortSignal,
): Promise<HumanCeiling | null> {
  const ceiling = await humanCeiling(walkRaterScores(store, signal), seed)
  return ceiling === null || ceiling.pairs < fewestForCeiling ? null : ceiling
}

/** The scores of each pair's raters, wherever it has two or more, letting other work go in between. */
async function* walkRaterScores(store: ProjectStore, signal: AbortSignal): AsyncGenerator<number[]> {
  let after = ''
  for await (const page of walkLabels(store, signal, pairsPerCeilingPage)) {
    const last = page.at(-1)?.pairId ?? after
    yield* store.labels.raterScores({ after, last })
    after = last
  }
}
