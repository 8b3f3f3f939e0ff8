import { makeFolds } from '../../src-main/learning/training/folds.ts'
import { signalsOf } from '../../src-main/learning/scoring/evaluate.ts'
import { scoreRivals } from '../../src-main/learning/scoring/predict.ts'
import type { ScoringOutput } from '../../src-main/learning/scoring/scoringModel.ts'
import type { SignalName } from '../../src-shared/domain/run.ts'
import type { TrainOutput } from '../../src-main/learning/train.ts'
import { groupsOf, type DataPair } from '../support/dataSets.ts'
import { carve, trainHere } from './trainHere.ts'
import { label, threads } from './vectors.ts'

const foldCount = 5
const seed = 42

const scoreNames = [
  'score',
  'blend',
  'ridge',
  'regression',
  'interaction',
  'cosine',
  'sigma',
] as const satisfies ScoringOutput[]
type ScoreName = (typeof scoreNames)[number]

/** What five trainings, each without one fold, say of the fold they have not seen. */
export interface OutOfFold {
  /** [rows] */
  readonly target: Float32Array
  /** Premise group of each row [rows]. */
  readonly group: Int32Array
  /** The fold of each row [rows]. */
  readonly fold: Int32Array
  /** [rows] each. */
  readonly scores: ReadonlyMap<ScoreName, Float32Array>
  /** Higher is less sure, [rows] each; only those that every training has. */
  readonly signals: ReadonlyMap<SignalName, Float32Array>
  /** Of each training; the signal it chose is null where it could choose none. */
  readonly reports: readonly TrainOutput['report'][]
}

const known = new Map<string, Promise<OutOfFold>>()

/** Predictions of every pair by a training that has not seen its premise; done once per name. */
export function outOfFoldOf(name: string, pairs: readonly DataPair[], tolerance: number): Promise<OutOfFold> {
  const found = known.get(name) ?? predict(name, pairs, tolerance)
  known.set(name, found)
  return found
}

async function predict(name: string, pairs: readonly DataPair[], tolerance: number): Promise<OutOfFold> {
  const group = groupsOf(pairs)
  const folds = makeFolds(group, foldCount, seed)
  const scores = new Map<ScoreName, Float32Array>()
  const signals = new Map<SignalName, { values: Float32Array; folds: number }>()
  const reports: TrainOutput['report'][] = []
  for (let fold = 0; fold < folds.count; fold++) {
    const inFold = (_: unknown, row: number): boolean => folds.of[row] === fold
    const held = pairs.filter(inFold)
    const rows = [...pairs.keys()].filter((row) => folds.of[row] === fold)
    const parts = carve(pairs, held)
    const { weights, report } = await trainHere(`${name}, fold ${fold + 1} of ${folds.count}`, {
      ...parts,
      holdout: null,
      tolerance,
    })
    reports.push(report)
    const at = await scoreRivals(weights, await label(held), threads)
    const fill = (into: Float32Array, from: Float32Array): void => {
      for (const [place, row] of rows.entries()) into[row] = from[place] ?? NaN
    }
    for (const column of scoreNames) {
      const values = at(column)
      if (values === null) throw new Error(`The training has no ${column}.`)
      const all = scores.get(column) ?? new Float32Array(pairs.length)
      scores.set(column, all)
      fill(all, values)
    }
    for (const [key, values] of Object.entries(signalsOf(at))) {
      const own = signals.get(key as SignalName) ?? { values: new Float32Array(pairs.length), folds: 0 }
      own.folds += 1
      signals.set(key as SignalName, own)
      fill(own.values, values)
    }
  }
  return {
    target: Float32Array.from(pairs, ({ target }) => target),
    group,
    fold: folds.of,
    scores,
    signals: new Map(
      [...signals].filter(([, own]) => own.folds === folds.count).map(([key, own]) => [key, own.values]),
    ),
    reports,
  }
}
