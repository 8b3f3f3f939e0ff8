import { setImmediate as yieldToOthers } from 'node:timers/promises'
import { decodeTime } from 'ulid'
import { isWithinGold } from '#shared/domain/plan.ts'
import type { SetAside } from '#shared/domain/rater.ts'
import { throwIfCancelled } from '../../jobs/jobs.ts'
import type { ProjectStore } from '../../store/projectStore.ts'
import { requireStillOpen } from '../withProject.ts'

/** Somebody who scores, with what agreement counts of them beside scores. */
export interface GatheredRater {
  readonly id: string
  readonly name: string
  /** Why their ratings count for nothing at present; null where they count. */
  readonly setAside: SetAside | null
  /** Present answers without a score. */
  readonly cannotJudge: number
}

/** Scores as columns [scores]: those of one pair stand together, by rater; each rater scores a pair once. */
export interface ScoreColumns {
  /** Number of the pair in `pairIds`. */
  readonly pair: Int32Array<ArrayBuffer>
  /** Number of the rater in `raters`. */
  readonly rater: Int32Array<ArrayBuffer>
  /** 0–1. */
  readonly score: Float64Array<ArrayBuffer>
  /** When it was made, in milliseconds since 1970. */
  readonly madeAt: Float64Array<ArrayBuffer>
  /** From showing to commit without idle time, in seconds; NaN where nobody measured it. */
  readonly seconds: Float64Array<ArrayBuffer>
}

/** Everything agreement is measured on. */
export interface GatheredRatings {
  /** Pairs that anybody has scored, in the order of their ids. */
  readonly pairIds: readonly string[]
  /** In the order of their making. */
  readonly raters: readonly GatheredRater[]
  /** Present scores of all raters, those set aside, too. */
  readonly scores: ScoreColumns
  /** Blind repeats by number of pair and rater. */
  readonly repeats: readonly Repeat[]
  /** Scores of gold pairs by number of rater. */
  readonly gold: readonly GoldAnswer[]
}

/** A score given again blind, beside the first. */
export interface Repeat {
  readonly pairId: string
  readonly rater: number
  readonly first: number
  readonly again: number
}

/** A score of a gold pair, beside the right one. */
export interface GoldAnswer {
  readonly pairId: string
  readonly rater: number
  readonly score: number
  readonly gold: number
  readonly tolerance: number
  /** At most the tolerance off. */
  readonly within: boolean
}

/** Answers, or repeats, read before other work gets its turn: some milliseconds. */
const rowsPerPage = 1000

/**
 * Reads the present answers, blind repeats and gold scores of a project, letting other work go in between.
 * @throws GradusError `cancelled`, and `no-project-open` where the project was closed meanwhile.
 */
export async function gatherRatings(store: ProjectStore, signal: AbortSignal): Promise<GatheredRatings> {
  const setAside = store.raters.setAside()
  const known = store.raters.list()
  const numbers = new Map(known.map(({ id }, number) => [id, number]))
  const cannotJudge = new Int32Array(known.length)
  const pairIds: string[] = []
  const [pair, rater]: [number[], number[]] = [[], []]
  const [score, madeAt, seconds]: [number[], number[], number[]] = [[], [], []]
  const letOthers = async (): Promise<void> => {
    await yieldToOthers()
    throwIfCancelled(signal)
    requireStillOpen(store)
  }

  let pairsPerPage = 100
  for (let after = ''; ;) {
    const last = store.agreement.spanEnd(after, pairsPerPage)
    if (last === null) break
    const answers = store.agreement.answers({ after, last })
    // Pairs have two answers here and fifty there.
    const wanted = (pairsPerPage * rowsPerPage) / Math.max(1, answers.length)
    pairsPerPage = Math.max(1, Math.min(rowsPerPage, 2 * pairsPerPage, Math.round(wanted)))
    for (const answer of answers) {
      const number = numbers.get(answer.raterId)
      // Made after the list of raters was read.
      if (number === undefined) continue
      if (answer.score === null) {
        cannotJudge[number] = (cannotJudge[number] ?? 0) + 1
        continue
      }
      if (pairIds.at(-1) !== answer.pairId) pairIds.push(answer.pairId)
      pair.push(pairIds.length - 1)
      rater.push(number)
      score.push(answer.score)
      madeAt.push(decodeTime(answer.ratingId))
      seconds.push(answer.timeToCommit === null ? Number.NaN : answer.timeToCommit / 1000)
    }
    after = last
    await letOthers()
  }

  const repeats: Repeat[] = []
  for (let after = ''; ;) {
    const page = store.agreement.repeats(after, rowsPerPage)
    const last = page.at(-1)
    if (last === undefined) break
    for (const { pairId, raterId, first, again } of page) {
      const number = numbers.get(raterId)
      if (number !== undefined) repeats.push({ pairId, rater: number, first, again })
    }
    after = last.repeats
    await letOthers()
  }

  const gold = store.agreement.goldScores().flatMap(({ raterId, ...answer }): GoldAnswer[] => {
    const number = numbers.get(raterId)
    const within = isWithinGold(answer.score, { score: answer.gold, tolerance: answer.tolerance })
    return number === undefined ? [] : [{ ...answer, rater: number, within }]
  })
  return {
    pairIds,
    raters: known.map(({ id, name }, number) => ({
      id,
      name,
      setAside: setAside.get(id) ?? null,
      cannotJudge: cannotJudge[number] ?? 0,
    })),
    scores: {
      pair: Int32Array.from(pair),
      rater: Int32Array.from(rater),
      score: Float64Array.from(score),
      madeAt: Float64Array.from(madeAt),
      seconds: Float64Array.from(seconds),
    },
    repeats,
    gold,
  }
}

/** The scores of raters who are not set aside: those that count. */
export function countedScores({ raters, scores }: GatheredRatings): ScoreColumns {
  if (raters.every(({ setAside }) => setAside === null)) return scores
  const rows = [...scores.rater.keys()].filter((row) => raters[scores.rater[row] ?? -1]?.setAside === null)
  return {
    pair: Int32Array.from(rows, (row) => scores.pair[row] ?? 0),
    rater: Int32Array.from(rows, (row) => scores.rater[row] ?? 0),
    score: Float64Array.from(rows, (row) => scores.score[row] ?? 0),
    madeAt: Float64Array.from(rows, (row) => scores.madeAt[row] ?? 0),
    seconds: Float64Array.from(rows, (row) => scores.seconds[row] ?? 0),
  }
}
