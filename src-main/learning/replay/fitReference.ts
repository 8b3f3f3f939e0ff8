import { GradusError } from '#shared/contract/errors.ts'
import type { ReplayReference } from '#shared/domain/replay.ts'
import { addEquations, solveRidge, subtractEquations } from '../baselines/normalEquations.ts'
import { ridgeLambdas } from '../baselines/ridge.ts'
import { createFeatureSums } from '../features/featureSums.ts'
import { pearson } from '../metrics/correlation.ts'
import type { EmbeddedPairs } from '../trainContract.ts'
import { makeFolds } from '../training/folds.ts'
import { chooseStrength, judgeStrength, type JudgedStrength } from './chooseStrength.ts'
import type { ReplayData, ReplayPairs } from './replayContract.ts'

const foldCount = 5
/** Fixed, so that every replay of the same pairs has the same reference. */
const foldSeed = 42

/**
 * Ridge on every label of the pool, judged on the holdout: what a replay's curves approach. Rows are too many here to
 * invert their products, so it is solved from normal equations, and λ is chosen as in the replay, but by five
 * folds of premises; a weaker λ is no longer tried once errors rise.
 * @throws GradusError `cancelled`.
 */
export async function fitReference(
  { pool, holdout }: ReplayData,
  threads: number,
  signal: AbortSignal,
): Promise<ReplayReference> {
  const sums = await createFeatureSums(pool.dimension, threads)
  try {
    const folds = makeFolds(pool.group, foldCount, foldSeed)
    const shift = (await sums.standardisation({ ...pool, tokens: null })).mean
    const parts = []
    for (let fold = 0; fold < folds.count; fold++) {
      stopIfCancelled(signal)
      const { pairs, target } = rowsOf(pool, folds.of, fold)
      const weight = new Float32Array(target.length).fill(1)
      parts.push({ pairs, target, equations: await sums.equations(pairs, target, weight, shift) })
    }
    const all = parts.map(({ equations }) => equations).reduce(addEquations)
    const starts: (Float64Array | undefined)[] = parts.map(() => undefined)
    const judged: JudgedStrength[] = []
    for (const tried of ridgeLambdas) {
      const squares: number[] = []
      for (const [fold, { pairs, target, equations }] of parts.entries()) {
        stopIfCancelled(signal)
        const model = solveRidge(subtractEquations(all, equations), tried, starts[fold])
        starts[fold] = model.weight
        const [score = new Float32Array()] = await sums.scores(pairs, shift, [model])
        for (const [row, value] of score.entries()) squares.push((clip(value) - (target[row] ?? 0)) ** 2)
      }
      const own = judgeStrength(
        squares,
        squares.map(() => 1),
      )
      if (own.error > (judged.at(-1)?.error ?? Infinity)) break
      judged.push(own)
    }
    const lambda = ridgeLambdas[chooseStrength(judged)] ?? ridgeLambdas[0]
    const model = solveRidge(all, lambda, starts[0])
    const [score = new Float32Array()] = await sums.scores({ ...holdout, tokens: null }, shift, [model])
    return { pearson: pearson(score.map(clip), holdout.target), lambda, pairs: pool.target.length }
  } finally {
    await sums.dispose()
  }
}

function clip(value: number): number {
  return Math.min(1, Math.max(0, value))
}

function stopIfCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw new GradusError('cancelled', 'The replay was cancelled.')
}

/** The pairs of one fold. */
function rowsOf(
  { dimension, premise, hypothesis, target }: ReplayPairs,
  foldOf: Int32Array,
  fold: number,
): { pairs: EmbeddedPairs; target: Float32Array } {
  const rows = Uint32Array.from(foldOf.keys()).filter((row) => foldOf[row] === fold)
  const vectors = (side: Float32Array): Float32Array => {
    const own = new Float32Array(rows.length * dimension)
    for (const [place, row] of rows.entries())
      own.set(side.subarray(row * dimension, (row + 1) * dimension), place * dimension)
    return own
  }
  return {
    pairs: { dimension, premise: vectors(premise), hypothesis: vectors(hypothesis), tokens: null },
    target: Float32Array.from(rows, (row) => target[row] ?? 0),
  }
}
