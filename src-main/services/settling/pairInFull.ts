import { GradusError } from '#shared/contract/errors.ts'
import type { SettlingPair, SettlingRating } from '#shared/contract/settling.ts'
import type { ProjectStore } from '../../store/projectStore.ts'
import type { PairAnswer } from '../../store/repositories/disagreements.ts'
import { openRaters } from './decide.ts'
import { openRequest } from './reasons.ts'

function toRating(answer: PairAnswer): SettlingRating {
  const { ratingId, raterName, score, range, cannotJudge, confidence, note, counts, createdAt } = answer
  return { ratingId, raterName, score, range, cannotJudge, confidence, note, counts, createdAt }
}

/**
 * Everything that is known of a pair, also of one in the bin.
 * @throws GradusError `not-found` where it is not in the project (any more).
 */
export function pairInFull(store: ProjectStore, pairId: string): SettlingPair {
  const binned = store.decisions.isBinned(pairId)
  const [texts] = binned || store.pairs.byId(pairId) !== null ? store.labels.texts([pairId]) : []
  if (texts === undefined)
    throw new GradusError('not-found', 'This pair is not in the project: choose another one.')
  const answers = store.disagreements.answers([pairId])
  const earlier = store.disagreements.earlierAnswers(pairId)
  const decisions = store.decisions.ofPair(pairId)
  const gold = store.gold.ofPair(pairId)
  const { runId } = store.tally.read()
  const asked = openRequest(decisions, answers)
  return {
    pairId,
    ...texts,
    ratings: answers.map(toRating),
    disputes: store.disagreements.disputes([pairId]),
    prediction: runId === null ? null : store.predictions.ofPair(runId, pairId),
    consensus: store.labels.consensus(pairId)?.score ?? null,
    gold:
      gold === null ? null : { score: gold.score, tolerance: gold.tolerance, explanation: gold.explanation },
    earlierTexts: store.decisions.earlierTexts(pairId).map((text) => ({
      ...text,
      ratings: earlier.filter(({ pairVersion }) => pairVersion === text.version).map(toRating),
    })),
    decisions,
    settled: store.decisions.settled(pairId),
    binned,
    raters: openRaters(store, pairId).map(({ id, name }) => ({
      id,
      name,
      asked: asked !== null && (asked.askedRaterId === null || asked.askedRaterId === id),
    })),
    planned: store.project.read().settings.overlap !== null,
  }
}
