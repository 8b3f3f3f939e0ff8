import type { StrategyName } from '#shared/domain/suggestion.ts'
import { createRandom } from '../random.ts'
import { thin } from './distances.ts'
import { createNearestRated } from './nearestRated.ts'
import type { Because } from './reason.ts'
import { strategies } from './registry.ts'
import type { CandidatePredictions, Pool } from './strategy.ts'

/** Of a batch, at most this share asks for another rating of a pair that has some. */
export const mostAgain = 0.5
/** Products of numbers that all batches together may take for distances: some seconds. */
const batchesWork = 4e9
/** Whatever the work, so many candidates are compared for each pair that is wanted. */
const comparedForEach = 2
/** Strategies that compare a candidate with every label anew in each batch: these thin for each batch by itself. */
const comparesAnew: ReadonlySet<StrategyName> = new Set(['igs'])

/** How batches are made. */
export interface BatchRequest {
  readonly strategy: StrategyName
  /** Pairs in a batch, at least 1. */
  readonly batchSize: number
  /** Share of a batch's new pairs that is drawn at random, 0–1. */
  readonly randomShare: number
  /** Pairs in all batches together, at most. */
  readonly most: number
  /** How many rated pairs want another rating; none unless given. */
  readonly again?: number
}

/** A place in the list: a new pair with why it was chosen, or a rated one, by its place among those that want more. */
export type BatchChoice =
  | {
      readonly ask: 'new-pair'
      /** Its place in `candidates`. */
      readonly candidate: number
      /** What chose it: the strategy that was asked for, or `random`. */
      readonly strategy: StrategyName
      readonly because: Because
    }
  | { readonly ask: 'another-rating'; readonly again: number }

/** Batches, one after another. */
export interface RankedBatches {
  readonly choices: readonly BatchChoice[]
  /** How many candidates the strategy compared for its first batch: fewer than all where there are too many for it. */
  readonly considered: number
  /** What the strategy says of its first batch; null where all went as meant. */
  readonly remark: string | null
}

/**
 * Chooses batch after batch: in each, a share of the pairs is drawn at random from what is left, the others are chosen by
 * the strategy, for whose distances everything in earlier batches counts as labelled, with its predicted score; what is
 * predicted stays as it is. Pairs that want another rating take up to `mostAgain` of a batch, in their order. Within a
 * batch the order is drawn by the seed, so that a place tells nothing. Equal pools and requests give equal lists.
 * Strategies that measure distances compare a part of a large pool, drawn once for all batches.
 */
export function rankBatches(pool: Omit<Pool, 'count' | 'compared'>, request: BatchRequest): RankedBatches {
  const { strategy, batchSize, randomShare, most, again = 0 } = request
  const { seed } = pool
  const chooser = openChooser(pool, request)
  const choices: BatchChoice[] = []
  let [asked, considered, remark]: [number, number | null, string | null] = [0, null, null]
  for (let batch = 0; choices.length < most; batch++) {
    const room = Math.min(batchSize, most - choices.length)
    const repeats = Math.min(Math.floor(mostAgain * room), again - asked)
    const fresh = Math.min(room - repeats, chooser.left())
    if (repeats + fresh === 0) break
    const drawn = strategy === 'random' ? fresh : Math.round(randomShare * fresh)
    const own: BatchChoice[] = Array.from({ length: repeats }, (_, place) => ({
      ask: 'another-rating',
      again: asked + place,
    }))
    asked += repeats
    for (const candidate of chooser.draw(drawn))
      own.push({ ask: 'new-pair', candidate, strategy: 'random', because: { kind: 'drawn' } })
    if (fresh > drawn) {
      const chosen = chooser.choose(fresh - drawn, batch)
      considered ??= chosen.considered
      if (choices.length === 0) remark = chosen.remark
      for (const { candidate, because } of chosen.choices)
        own.push({ ask: 'new-pair', candidate, strategy, because })
    }
    chooser.closeBatch()
    const order = createRandom(seed, 'order within a batch', batch).shuffle(Uint32Array.from(own.keys()))
    choices.push(...Array.from(order).flatMap((place) => own[place] ?? []))
  }
  return { choices, considered: considered ?? pool.candidates.length, remark }
}

interface Chosen {
  readonly choices: readonly { readonly candidate: number; readonly because: Because }[]
  readonly considered: number
  readonly remark: string | null
}

/** Takes candidates out of a pool, each once; all candidates are places in the pool's own list. */
interface Chooser {
  /** How many are left. */
  left(): number
  draw(count: number): number[]
  choose(count: number, batch: number): Chosen
  /** Counts what was taken since as labelled. */
  closeBatch(): void
}

function openChooser(
  pool: Omit<Pool, 'count' | 'compared'>,
  { strategy, batchSize, most }: BatchRequest,
): Chooser {
  const { width, candidates, predictions, seed } = pool
  const work = pool.work ?? batchesWork
  const batches = Math.ceil(most / batchSize)
  const nearest = pool.nearest ?? createNearestRated(pool.vectors, width)
  const thinsAnew = comparesAnew.has(strategy)
  const isCompared = new Uint8Array(candidates.length)
  // Each is compared with the labels, then with what every batch takes, once while that chooses and once as its label.
  const points = pool.labelled.length + 2 * most
  // `thin` keeps ten for each.
  const count = Math.ceil((comparedForEach * most) / 10)
  for (const place of thin(candidates.length, points, { width, count, seed, work })) isCompared[place] = 1

  const order = createRandom(seed, 'random share').shuffle(Uint32Array.from(candidates.keys()))
  let next = 0
  const isTaken = new Uint8Array(candidates.length)
  let left = Uint32Array.from(candidates.keys())
  let taken: number[] = []
  let labelled = pool.labelled
  let target = pool.target

  const take = (candidate: number): void => {
    isTaken[candidate] = 1
    taken.push(candidate)
  }
  const dropTaken = (): void => void (left = left.filter((place) => isTaken[place] === 0))
  return {
    left: () => left.length,
    draw(wanted) {
      const drawn: number[] = []
      while (drawn.length < wanted && next < order.length) {
        const candidate = order[next++] ?? 0
        if (isTaken[candidate] === 1) continue
        take(candidate)
        drawn.push(candidate)
      }
      dropTaken()
      return drawn
    },
    choose(wanted, batch) {
      const present: Pool = {
        ...pool,
        nearest,
        candidates: left.map((place) => candidates[place] ?? 0),
        labelled,
        target,
        predictions: predictions === null ? null : pickPredictions(predictions, left),
        count: wanted,
        ...(thinsAnew
          ? { work: work / batches, seed: createRandom(seed, 'thinned batch', batch).integer(0x7fffffff) }
          : { compared: placesOf(left, isCompared) }),
      }
      const { choices, considered, remark } = strategies[strategy](present)
      const own = choices.map(({ candidate, because }) => ({ candidate: left[candidate] ?? 0, because }))
      for (const { candidate } of own) take(candidate)
      dropTaken()
      const isWhole = considered === present.candidates.length
      return { choices: own, considered: isWhole ? candidates.length : considered, remark }
    },
    closeBatch() {
      labelled = Uint32Array.from([...labelled, ...taken.map((place) => candidates[place] ?? 0)])
      target = Float32Array.from([...target, ...taken.map((place) => predictions?.score[place] ?? 0)])
      taken = []
    },
  }
}

/** Where in `left` the places are that are marked. */
function placesOf(left: Uint32Array, isMarked: Uint8Array): Uint32Array {
  const found = new Uint32Array(left.length)
  let count = 0
  for (let at = 0; at < left.length; at++) if (isMarked[left[at] ?? 0] === 1) found[count++] = at
  return found.subarray(0, count)
}

function pickPredictions(predictions: CandidatePredictions, places: Uint32Array): CandidatePredictions {
  const pick = (values: Float32Array): Float32Array => {
    const picked = new Float32Array(places.length)
    for (let index = 0; index < places.length; index++) picked[index] = values[places[index] ?? 0] ?? 0
    return picked
  }
  const { score, variance, memberLow, memberHigh, members, spread } = predictions
  return {
    score: pick(score),
    variance: pick(variance),
    memberLow: pick(memberLow),
    memberHigh: pick(memberHigh),
    members,
    spread: spread === null ? null : pick(spread),
  }
}
