import type { RevealedScores } from '#shared/contract/annotate.ts'
import { GradusError } from '#shared/contract/errors.ts'
import type { Dispute, DisputeTarget } from '#shared/domain/dispute.ts'
import { isWithinGold } from '#shared/domain/plan.ts'
import type { ProjectStore } from '../../store/projectStore.ts'
import type { DisputedScores } from '../../store/repositories/disputes.ts'
import { requireRater } from '../withProject.ts'

/**
 * What a rater may see of a pair: nothing (null) before an answer of their own stands, then what the project's settings
 * allow.
 * @param given the rating they have just given, where it may be a blind repeat: it is their own score then.
 */
export function revealScores(
  store: ProjectStore,
  raterId: string,
  pairId: string,
  given: string | null = null,
): RevealedScores | null {
  const standing = store.ratings.current(pairId, raterId)
  const own = standing === null || given === null ? standing : store.ratings.byId(given)
  if (own === null) return null
  const settings = store.project.read().settings
  const { showOthersAfterCommit, showPredictionAfterCommit } = settings
  const disputed = store.disputes.ofRater(raterId, pairId)
  const others = showOthersAfterCommit
    ? store.ratings.standingScores(pairId).filter((rating) => rating.raterId !== raterId)
    : []
  const { runId } = store.tally.read()
  const prediction =
    showPredictionAfterCommit && runId !== null ? store.predictions.ofPair(runId, pairId) : null
  return {
    pairId,
    own: { ratingId: own.id, score: own.score },
    others: others.map(({ ratingId, raterName, score, note }) => ({
      ratingId,
      raterName,
      score,
      note,
      disputed: disputed.ratingIds.has(ratingId),
    })),
    prediction:
      prediction === null || runId === null
        ? null
        : { ...prediction, runId, disputed: disputed.runIds.has(runId) },
    consensus: others.length === 0 ? null : revealConsensus(store, pairId, disputed),
    gold: settings.goldFeedback ? revealGold(store, pairId, own.score, disputed) : null,
  }
}

function revealConsensus(
  store: ProjectStore,
  pairId: string,
  disputed: DisputedScores,
): RevealedScores['consensus'] {
  const found = store.labels.consensus(pairId)
  return found === null ? null : { ...found, disputed: disputed.consensus }
}

function revealGold(
  store: ProjectStore,
  pairId: string,
  own: number | null,
  disputed: DisputedScores,
): RevealedScores['gold'] {
  const gold = store.gold.ofPair(pairId)
  if (gold === null) return null
  const { score, tolerance, explanation } = gold
  const within = own === null ? null : isWithinGold(own, gold)
  return { score, tolerance, explanation, within, disputed: disputed.gold }
}

/**
 * Records a rater's objection to a score that was revealed to them.
 * @throws GradusError `bad-request` where they have not rated the pair or the score was not revealed to them,
 *   `already-exists` where they have disputed it before.
 */
export function createDispute(
  store: ProjectStore,
  made: { raterId: string; pairId: string; target: DisputeTarget; reason: string },
): Dispute {
  const { raterId, pairId, target, reason } = made
  requireRater(store, raterId)
  const revealed = revealScores(store, raterId, pairId)
  if (revealed === null)
    throw new GradusError('bad-request', 'A score can be disputed after rating the pair: rate it first.')
  const shown = findRevealed(revealed, target)
  if (shown === null)
    throw new GradusError(
      'bad-request',
      'This score is not shown to this rater (any more): only a shown score can be disputed.',
    )
  if (shown.disputed)
    throw new GradusError(
      'already-exists',
      'This rater has disputed this score already: it is listed in Review.',
    )
  return store.disputes.create({
    pairId,
    raterId,
    target,
    disputedScore: shown.score,
    ownRatingId: revealed.own.ratingId,
    reason,
  })
}

function findRevealed(
  revealed: RevealedScores,
  target: DisputeTarget,
): { score: number; disputed: boolean } | null {
  switch (target.kind) {
    case 'rating':
      return revealed.others.find(({ ratingId }) => ratingId === target.ratingId) ?? null
    case 'prediction':
      return revealed.prediction?.runId === target.runId ? revealed.prediction : null
    case 'consensus':
      return revealed.consensus
    case 'gold':
      return revealed.gold
  }
}
