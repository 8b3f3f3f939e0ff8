import { decodeTime } from 'ulid'
import type { HistoryRow } from '#shared/contract/review.ts'
import type { ProjectStore } from '../../store/projectStore.ts'
import type { EarlierText, ListedDecision } from '../../store/repositories/decisions.ts'

/** What a decision did, in words; `before` is the text that it replaced, where it fixed one. */
function decisionInWords(
  { kind, score, askedRaterName }: ListedDecision,
  before: EarlierText | undefined,
): string {
  switch (kind) {
    case 'adjudicated':
      return `Adjudicated ${score?.toFixed(2) ?? ''}`
    case 'ambiguous':
      return 'Accepted as ambiguous'
    case 'reopened':
      return 'Reopened'
    case 'binned':
      return 'Dropped to the bin'
    case 'restored':
      return 'Restored from the bin'
    case 'another-rater':
      return askedRaterName === null ? 'Asked for another rating' : `Asked ${askedRaterName} for a rating`
    case 'text-fixed':
      return before === undefined
        ? 'Fixed the text'
        : `Fixed the text, version ${before.version + 1}; before: “${before.premise}” / “${before.hypothesis}”`
  }
}

/** What was decided about a pair, newest first. */
export function historyOfDecisions(store: ProjectStore, pairId: string): HistoryRow[] {
  const decisions = store.decisions.ofPair(pairId)
  const settledId = store.decisions.settled(pairId)?.id ?? null
  const binnedId = store.decisions.isBinned(pairId)
    ? (decisions.find(({ kind }) => kind === 'binned')?.id ?? null)
    : null
  // Each fixed text replaced the next earlier one; both lists begin with the newest.
  const replaced = store.decisions.earlierTexts(pairId).values()
  return decisions.map((decision) => {
    const { id, kind, score, decidedByName, reason, createdAt } = decision
    const before = kind === 'text-fixed' ? replaced.next().value : undefined
    return {
      id,
      about: 'decision',
      raterName: decidedByName,
      createdAt,
      text: decisionInWords(decision, before),
      score,
      note: reason,
      current:
        kind === 'adjudicated' || kind === 'ambiguous'
          ? id === settledId
          : kind === 'binned'
            ? id === binnedId
            : true,
      ofEarlierText: false,
    }
  })
}

/** Objections to scores of a pair. */
export function historyOfDisputes(store: ProjectStore, pairId: string): HistoryRow[] {
  return store.disagreements.disputes([pairId]).map((dispute) => {
    const { id, raterName, against, disputedScore, reason, createdAt, stands } = dispute
    const shown = disputedScore.toFixed(2)
    const whose =
      against === 'model'
        ? `the model’s ${shown}`
        : against === 'consensus'
          ? `the consensus of ${shown}`
          : against === 'gold'
            ? `the gold score of ${shown}`
            : `${against}’s ${shown}`
    return {
      id,
      about: 'dispute',
      raterName,
      createdAt,
      text: `Disputed ${whose}`,
      score: null,
      note: reason,
      current: stands,
      ofEarlierText: false,
    }
  })
}

/** Why and when a pair was suggested. */
export function historyOfSuggestions(store: ProjectStore, pairId: string): HistoryRow[] {
  return store.suggestions.ofPair(pairId).map(({ id, runNumber, ask, strategy, rank, reason, outcome }) => {
    const asked = ask === 'new-pair' ? 'as new pair' : 'for another rating'
    return {
      id,
      about: 'suggestion',
      raterName: `Run ${runNumber}`,
      createdAt: new Date(decodeTime(id)).toISOString(),
      text: `Suggested by run ${runNumber} ${asked} (${strategy}, rank ${rank}): ${reason}`,
      score: null,
      note: null,
      current: outcome === 'waiting' || outcome === 'skipped',
      ofEarlierText: false,
    }
  })
}
