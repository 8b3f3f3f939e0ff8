import { setImmediate as yieldToOthers } from 'node:timers/promises'
import type { Pair } from '#shared/domain/pair.ts'
import type { ProjectStore } from '../../store/projectStore.ts'
import { requireStillOpen } from '../withProject.ts'

/** What is kept of a judged pair beside its numbers; texts are read again where they are shown. */
export interface JudgedFacts {
  readonly pairId: string
  readonly low: number
  readonly high: number
  /** Words of both texts. */
  readonly words: number
  readonly ratings: number
  readonly declared: boolean
  readonly source: string
  readonly metadata: Pair['metadata']
}

/** The judged pairs of a run, column by column; each array is [rows], in the order of the pairs' ids. */
export interface JudgedRows {
  readonly runNumber: number | null
  readonly facts: readonly JudgedFacts[]
  readonly score: Float64Array
  readonly target: Float64Array
  /** Number of the premise group, from 0. */
  readonly group: Uint32Array
  /** Why there are no rows; null where there are. */
  readonly reason: string | null
}

/** Predictions looked at before other work gets its turn: some milliseconds. */
const predictionsPerPage = 500

/** Words as white space divides them. */
export function countWords(text: string): number {
  return text.match(/\S+/gu)?.length ?? 0
}

/**
 * Reads the held-out pairs that have a prediction of the run in use and a current score, yielding in between.
 * @throws GradusError `no-project-open` where the project was closed meanwhile.
 */
export async function gatherJudgedRows(store: ProjectStore): Promise<JudgedRows> {
  const run = store.runs.inUse()
  const facts: JudgedFacts[] = []
  const [scores, targets, groups]: [number[], number[], number[]] = [[], [], []]
  const numbers = new Map<number, number>()
  const { holdoutShare } = store.project.read().settings
  for (let after: string | null = run === null ? null : ''; run !== null && after !== null;) {
    const { rows, last } = store.judgedPairs.page({ runId: run.id, holdoutShare }, after, predictionsPerPage)
    for (const { premise, hypothesis, premiseGroup, score, target, ...rest } of rows) {
      const { pairId, low, high, ratings, declared, source, metadata } = rest
      const words = countWords(premise) + countWords(hypothesis)
      facts.push({ pairId, low, high, words, ratings, declared, source, metadata })
      scores.push(score)
      targets.push(target)
      const group = numbers.get(premiseGroup) ?? numbers.size
      numbers.set(premiseGroup, group)
      groups.push(group)
    }
    after = last
    await yieldToOthers()
    requireStillOpen(store)
  }
  return {
    runNumber: run?.number ?? null,
    facts,
    score: Float64Array.from(scores),
    target: Float64Array.from(targets),
    group: Uint32Array.from(groups),
    reason: facts.length > 0 ? null : whyNone(run?.number ?? null),
  }
}

function whyNone(runNumber: number | null): string {
  return runNumber === null
    ? 'No model is trained yet: train one, then its scores on held-out pairs can be judged.'
    : `No held-out pair has both a score of run ${runNumber} and a rating: rate held-out pairs, then train again.`
}
