import { decodeTime } from 'ulid'
import { setImmediate as yieldToOthers } from 'node:timers/promises'
import type { ProjectStore } from '../../store/projectStore.ts'
import { hashText } from './hashText.ts'

/** An answer is repeated once so many others lie between, or a day. */
const answersBetween = 100
const millisecondsBetween = 24 * 60 * 60 * 1000
/** Repeats do not follow one another more closely, so that none stands out. */
const tasksBetween = 10
const chunk = 5000

/** An answer that is to be repeated blind. */
interface Waiting {
  readonly pairId: string
  /** How many answers the rater had given before it. */
  readonly number: number
  readonly answeredAt: number
}

/** Which of a rater's own answers are shown again, and when: a few bytes for each that waits. */
export interface Retests {
  /** Repeats that were given. */
  readonly done: number
  /** How many are due now. */
  readonly waiting: number
  /**
   * The pair to answer again now, if one is due; the same until something is answered or skipped.
   * @param finished nothing else is left to show, so that repeats need not keep apart.
   */
  due(finished: boolean): string | null
  /** Notes a new answer to a pair. */
  answered(given: { readonly pairId: string; readonly isScore: boolean }): void
  /** Notes that an answer was repeated. */
  repeated(pairId: string): void
  /** Shows other repeats first, where this one was skipped; false where none was waiting. */
  postpone(pairId: string): boolean
}

/**
 * Which pairs a rater sees again: a share of them, by a hash of project seed, rater and pair. Pairs of the calibration
 * round and gold pairs are left out, since raters are told about them.
 */
export function createRetestChoice(store: ProjectStore, raterId: string): (pairId: string) => boolean {
  const { retestShare, seed } = store.project.read().settings
  if (retestShare === 0) return () => false
  const ownSeed = hashText(`${raterId} again`, seed)
  const told = new Set(store.assignments.everybodys().map(({ pairId }) => pairId))
  return (pairId) => !told.has(pairId) && hashText(pairId, ownSeed) / 2 ** 32 < retestShare
}

/** Reads which answers of a rater wait to be repeated: scores of the pairs that `isChosen` tells. */
export async function readRetests(
  store: ProjectStore,
  raterId: string,
  isChosen: (pairId: string) => boolean,
  now: () => number,
): Promise<Retests> {
  const repeatedPairs = new Set(store.annotation.retestedPairs(raterId))
  const waiting: Waiting[] = []
  let answers = 0
  for (let after = ''; ;) {
    const page = store.pairs.answered(raterId, after, chunk)
    for (const { ratingId, pairId, isScore } of page) {
      const number = answers++
      if (!isChosen(pairId) || repeatedPairs.has(pairId)) continue
      if (isScore) waiting.push({ pairId, number, answeredAt: decodeTime(ratingId) })
    }
    if (page.length < chunk) break
    after = page.at(-1)?.ratingId ?? after
    await yieldToOthers()
  }
  let sinceLast = tasksBetween
  const isDue = ({ number, answeredAt }: Waiting): boolean =>
    answers - number > answersBetween || now() - answeredAt >= millisecondsBetween

  return {
    get done() {
      return repeatedPairs.size
    },
    get waiting() {
      return waiting.filter(isDue).length
    },
    due(finished) {
      if (!finished && sinceLast < tasksBetween) return null
      return waiting.find(isDue)?.pairId ?? null
    },
    answered({ pairId, isScore }) {
      sinceLast += 1
      const at = waiting.findIndex((one) => one.pairId === pairId)
      if (at >= 0) waiting.splice(at, 1)
      const number = answers++
      if (!isChosen(pairId) || repeatedPairs.has(pairId)) return
      if (isScore) waiting.push({ pairId, number, answeredAt: now() })
    },
    repeated(pairId) {
      sinceLast = 0
      repeatedPairs.add(pairId)
      const at = waiting.findIndex((one) => one.pairId === pairId)
      if (at >= 0) waiting.splice(at, 1)
    },
    postpone(pairId) {
      const at = waiting.findIndex((one) => one.pairId === pairId)
      if (at < 0) return false
      waiting.push(...waiting.splice(at, 1))
      sinceLast = 0
      return true
    },
  }
}
