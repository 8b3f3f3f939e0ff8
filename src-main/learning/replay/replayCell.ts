import { GradusError } from '#shared/contract/errors.ts'
import type { ReplayCell, ReplayPoint, ReplayReference, ReplaySettings } from '#shared/domain/replay.ts'
import { fewestReplayed } from '#shared/domain/replayPlan.ts'
import type { StrategyName } from '#shared/domain/suggestion.ts'
import { pearson } from '../metrics/correlation.ts'
import { createRandom } from '../random.ts'
import { askAgain } from '../strategies/askAgain.ts'
import { mostAgain } from '../strategies/batches.ts'
import { createNearestRated } from '../strategies/nearestRated.ts'
import { pairVectors } from '../strategies/pairVectors.ts'
import { drawAtRandom } from '../strategies/random.ts'
import { strategies } from '../strategies/registry.ts'
import type { Pool } from '../strategies/strategy.ts'
import type { EmbeddedPairs } from '../trainContract.ts'
import { fitReference } from './fitReference.ts'
import { openPurse, type LabelPurse } from './labelPurse.ts'
import { createPairKernel, type PairKernel } from './pairKernel.ts'
import { createQuickModel, type QuickFit, type QuickModel } from './quickModel.ts'
import type { ReplayData } from './replayContract.ts'

/** Products that a ranking may take for distances: a quarter of what a live project gives, as a replay ranks hundreds. */
const rankingWork = 2.5e8

/** Pairs that are ready to be replayed. */
export interface OpenReplay {
  readonly data: ReplayData
  readonly kernel: PairKernel
  /** What strategies tell the pool's pairs apart by [pool × dimension]. */
  readonly vectors: Float32Array
  readonly threads: number
}

/** Makes pairs ready. @throws GradusError `not-enough-labels` where there is nothing to choose from or judge on. */
export async function openReplay(data: ReplayData, threads: number): Promise<OpenReplay> {
  const { pool, holdout } = data
  if (pool.target.length < fewestReplayed.pool || holdout.target.length < fewestReplayed.holdout)
    throw new GradusError(
      'not-enough-labels',
      `A replay needs at least ${fewestReplayed.pool} labelled pairs to choose from and ${fewestReplayed.holdout} in the holdout; there are ${pool.target.length} and ${holdout.target.length}. Rate more pairs first.`,
    )
  return {
    data,
    kernel: await createPairKernel(joined(data), pool.target.length, threads),
    vectors: pairVectors({ ...pool, tokens: null }),
    threads,
  }
}

/** The pool's pairs and after them those of the holdout. */
function joined({ pool, holdout }: ReplayData): EmbeddedPairs {
  const join = (one: Float32Array, other: Float32Array): Float32Array => {
    const both = new Float32Array(one.length + other.length)
    both.set(one)
    both.set(other, one.length)
    return both
  }
  return {
    dimension: pool.dimension,
    premise: join(pool.premise, holdout.premise),
    hypothesis: join(pool.hypothesis, holdout.hypothesis),
    tokens: null,
  }
}

/** What the same kind of model reaches with every label of the pool. */
export function replayReferenceOf(replay: OpenReplay, signal: AbortSignal): Promise<ReplayReference> {
  return fitReference(replay.data, replay.threads, signal)
}

/**
 * Replays one strategy: labels of `start` pairs drawn by the seed, the same whatever the strategy; then batch after batch
 * as the strategy chooses, fitting the model after each and judging it on the holdout, until `to` labels or an empty pool.
 * @throws GradusError `cancelled`.
 */
export async function replayOne(
  replay: OpenReplay,
  { strategy, seed, settings }: { strategy: StrategyName; seed: number; settings: ReplaySettings },
  { signal, onStep }: { signal: AbortSignal; onStep: (labels: number) => void },
): Promise<ReplayCell> {
  const { data, kernel, vectors } = replay
  const started = performance.now()
  const pool = data.pool.target.length
  const pairs = pool + data.holdout.target.length
  const purse = openPurse(data, settings.buys, seed)
  const capacity = Math.min(pool, settings.to + settings.batch)
  const model = createQuickModel(kernel, { pairs, capacity, group: data.pool.group, seed })
  const nearest = createNearestRated(vectors, data.pool.dimension)
  const order = createRandom(seed, 'start of a replay').shuffle(
    Uint32Array.from({ length: pool }, (_, pair) => pair),
  )
  await label(model, purse, order.slice(0, Math.max(3, Math.floor(settings.start / purse.price))))

  const points: ReplayPoint[] = []
  for (;;) {
    if (signal.aborted) throw new GradusError('cancelled', 'The replay was cancelled.')
    const fit = model.fit()
    points.push({
      labels: purse.spent,
      pairs: model.labelled.length,
      pearson: pearson(clip(fit.score.subarray(pool)), data.holdout.target),
    })
    onStep(purse.spent)
    const batch = Math.min(settings.batch, settings.to - purse.spent)
    const isLabelled = new Set(model.labelled)
    const candidates = order.filter((pair) => !isLabelled.has(pair)).sort()
    if (batch < purse.price || candidates.length === 0) break
    const again = settings.buys.kind === 'new-or-again' ? buyAgain(model, purse, fit, batch) : 0
    const count = Math.floor((batch - again) / purse.price)
    const drawn = Math.min(Math.round(settings.randomShare * count), candidates.length)
    const ranked: Pool = {
      width: data.pool.dimension,
      vectors,
      candidates,
      labelled: model.labelled,
      target: Float32Array.from(model.labels, ({ target }) => target),
      predictions: fit.predict(candidates, strategy),
      threshold: data.threshold,
      seed,
      count: count - drawn,
      nearest,
      work: rankingWork,
    }
    const chosen = strategies[strategy](ranked).choices.map(({ candidate }) => candidate)
    // Room for those that are chosen already.
    const others = drawAtRandom({ ...ranked, count }).choices.map(({ candidate }) => candidate)
    const mixed = [...chosen, ...others.filter((candidate) => !chosen.includes(candidate)).slice(0, drawn)]
    await label(
      model,
      purse,
      mixed.map((candidate) => candidates[candidate] ?? 0),
    )
  }
  return { strategy, seed, points, seconds: (performance.now() - started) / 1000 }
}

async function label(model: QuickModel, purse: LabelPurse, pairs: Iterable<number>): Promise<void> {
  const chosen = [...pairs]
  await model.add(
    chosen,
    chosen.map((pair) => purse.buy(pair)),
  )
}

/** Buys second opinions of the labels most in doubt. @returns how many. */
function buyAgain(model: QuickModel, purse: LabelPurse, { state }: QuickFit, batch: number): number {
  const rated = model.labels.map((own, place) => ({
    ...own,
    expectedDeviation: null,
    unseen: state.outOfFold[place] ?? 0,
  }))
  const doubtful = askAgain(rated)
    .map(({ place }) => place)
    .filter((place) => purse.hasMore(model.labelled[place] ?? 0))
  const chosen = doubtful.slice(0, Math.floor(mostAgain * batch))
  for (const place of chosen) {
    const bought = purse.buyAgain(model.labelled[place] ?? 0)
    if (bought !== null) model.change(place, bought)
  }
  return chosen.length
}

function clip(values: Float64Array): Float64Array {
  return values.map((value) => Math.min(1, Math.max(0, value)))
}
