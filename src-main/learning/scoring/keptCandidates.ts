import { GradusError } from '#shared/contract/errors.ts'
import { rankBatches } from '../strategies/batches.ts'
import { pairVectors } from '../strategies/pairVectors.ts'
import { describeReason } from '../strategies/reason.ts'
import type { CandidatePredictions } from '../strategies/strategy.ts'
import type { EmbeddedPairs, Predictions, RankedPairs, RankRequest } from '../trainContract.ts'

/** Scored pairs that are kept to be ranked, each in the slot that the caller has given it. */
export interface KeptCandidates {
  /**
   * @param slots where each row is kept, in place of what was there; −1: not at all.
   * @throws GradusError `bad-request` where slots are not one a row.
   */
  keep(slots: Int32Array, pairs: EmbeddedPairs, said: Predictions): void
  /** Ranks what is kept. @throws GradusError `bad-request` where the rated pairs have another width. */
  rank(request: RankRequest): RankedPairs
}

/** Columns of what is kept, one row a slot. */
const columns = ['score', 'variance', 'memberLow', 'memberHigh', 'spread'] as const

/** @param members how many heads the ensemble has that scores. */
export function createKeptCandidates(members: number): KeptCandidates {
  let width = 0
  let used = 0
  let vectors = new Float32Array()
  let predictions = emptyPredictions(0)
  let hasSpread = true

  const makeRoom = (slots: number): void => {
    const room = width === 0 ? 0 : vectors.length / width
    if (slots <= room) return
    const larger = Math.max(slots, 2 * room)
    vectors = lengthen(vectors, larger * width)
    predictions = lengthenPredictions(predictions, larger)
  }
  return {
    keep(slots, pairs, said) {
      if (slots.length !== said.score.length)
        throw new GradusError(
          'bad-request',
          `${slots.length} slots were given for ${said.score.length} pairs.`,
        )
      const rows = Uint32Array.from(slots.keys()).filter((row) => (slots[row] ?? -1) >= 0)
      if (rows.length === 0) return
      width = pairs.dimension
      makeRoom(rows.reduce((most, row) => Math.max(most, slots[row] ?? 0), 0) + 1)
      const own = pairVectors(selectVectors(pairs, rows))
      hasSpread &&= said.spread !== null
      for (const [index, row] of rows.entries()) {
        const slot = slots[row] ?? 0
        vectors.set(own.subarray(index * width, (index + 1) * width), slot * width)
        for (const column of columns) predictions[column][slot] = said[column]?.[row] ?? 0
        used = Math.max(used, slot + 1)
      }
    },
    rank(request) {
      const { labelled, target, strategy, batchSize, randomShare, most, again, seed, threshold } = request
      const rated = pairVectors({ ...labelled, tokens: null })
      if (used > 0 && labelled.dimension !== width)
        throw new GradusError(
          'bad-request',
          `The rated pairs have embeddings of width ${labelled.dimension}, the waiting ones of ${width}.`,
        )
      const all = new Float32Array(used * width + rated.length)
      all.set(vectors.subarray(0, used * width))
      all.set(rated, used * width)
      const { choices, considered, remark } = rankBatches(
        {
          width: labelled.dimension,
          vectors: all,
          candidates: Uint32Array.from({ length: used }, (_, slot) => slot),
          labelled: Uint32Array.from(target, (_, row) => used + row),
          target,
          predictions: {
            ...lengthenPredictions(predictions, used),
            members,
            ...(hasSpread ? {} : { spread: null }),
          },
          threshold,
          seed,
        },
        { strategy, batchSize, randomShare, most, again },
      )
      return {
        choices: choices.map((choice) => {
          if (choice.ask === 'another-rating') return choice
          const { ask, candidate: slot, strategy: by, because } = choice
          return { ask, slot, strategy: by, kind: because.kind, reason: describeReason(because) }
        }),
        considered,
        remark,
      }
    },
  }
}

type Columns = Record<(typeof columns)[number], Float32Array<ArrayBuffer>> &
  Omit<CandidatePredictions, 'members'>

function emptyPredictions(rows: number): Columns {
  const column = (): Float32Array<ArrayBuffer> => new Float32Array(rows)
  return {
    score: column(),
    variance: column(),
    memberLow: column(),
    memberHigh: column(),
    spread: column(),
  }
}

/** With so many rows: those there are, and zeros; or fewer of them. */
function lengthenPredictions(predictions: Columns, rows: number): Columns {
  const made = emptyPredictions(0)
  for (const column of columns) made[column] = lengthen(predictions[column], rows)
  return made
}

function lengthen(values: Float32Array, length: number): Float32Array<ArrayBuffer> {
  const made = new Float32Array(length)
  made.set(values.subarray(0, length))
  return made
}

function selectVectors({ dimension, premise, hypothesis }: EmbeddedPairs, rows: Uint32Array): EmbeddedPairs {
  const select = (from: Float32Array): Float32Array => {
    const own = new Float32Array(rows.length * dimension)
    for (const [index, row] of rows.entries())
      own.set(from.subarray(row * dimension, (row + 1) * dimension), index * dimension)
    return own
  }
  return { dimension, premise: select(premise), hypothesis: select(hypothesis), tokens: null }
}
