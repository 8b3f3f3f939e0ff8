import type { Ranking, Suggestion } from '#shared/domain/suggestion.ts'
import { decisionThreshold } from '../../learning/metrics/classification.ts'
import { describeMemberRange } from '../../learning/strategies/reason.ts'
import type { RankedPairs } from '../../learning/trainContract.ts'
import { newIds } from '../../store/newId.ts'
import type { ProjectStore } from '../../store/projectStore.ts'
import { embedPairs, encodePairs } from '../model/encoderAccess.ts'
import type { PairScore } from '../model/scoring.ts'
import { pairsToAskAgain } from './askForRatings.ts'
import {
  scoreInFull,
  scoreWaiting,
  scoringLimits,
  type ScoredPool,
  type Scoring,
  type ScoringLimits,
} from './scoreWaiting.ts'
import { readTexts } from './trainingData.ts'

/** The most suggestions that a ranking makes. */
export const mostSuggestions = 500

/** Suggestions in their order, and how they came about. */
export interface RankedSuggestions {
  readonly suggestions: readonly Suggestion[]
  readonly ranking: Ranking
}

/**
 * Scores all that waits and ranks it as the project's settings say, beside the rated pairs as they are now. Where the pool
 * is so large that it was scored without token vectors first, what is chosen is then scored in full.
 * @param members how many heads the run's ensemble has.
 */
export async function rankWaiting(
  work: Scoring,
  members: number,
  limits: ScoringLimits = scoringLimits,
): Promise<RankedSuggestions> {
  const { store, run, running, share, model } = work
  const { strategy, batchSize, randomShare, seed } = store.project.read().settings
  // The ids are made first: an answer that comes while pairs are scored and ranked is newer than the suggestion.
  const ids = newIds(mostSuggestions)
  const pool = await scoreWaiting(work, limits)
  running.update({ phase: 'Ranking pairs', share: share('score', pool.inFull ? 0.95 : 0.8) })
  const again = await pairsToAskAgain(work)
  const ranked = await model.client.call(
    'rank',
    {
      ...(await embedRated(work, pool)),
      strategy,
      batchSize,
      randomShare,
      most: mostSuggestions,
      again: again.asked.length,
      threshold: decisionThreshold,
      seed,
    },
    { signal: running.signal },
  )
  const chosen = ranked.choices.flatMap((choice) =>
    choice.ask === 'new-pair' ? (pool.candidates[choice.slot] ?? []) : [],
  )
  const inFull: ReadonlyMap<string, PairScore> = pool.inFull ? new Map() : await scoreInFull(work, chosen)
  const suggestions = ranked.choices.flatMap((choice, index): Suggestion[] => {
    const place = { id: ids[index] ?? '', runId: run.id, rank: index + 1 }
    if (choice.ask === 'another-rating') {
      const asked = again.asked[choice.again]
      return asked === undefined ? [] : [{ ...place, ...asked, ask: choice.ask, strategy }]
    }
    const pairId = pool.candidates[choice.slot]
    if (pairId === undefined) return []
    const { ask, strategy: by } = choice
    return [{ ...place, pairId, ask, strategy: by, reason: reasonOf(choice, members, inFull.get(pairId)) }]
  })
  const remarks = [...remarksOn(pool, ranked, batchSize), again.remark].filter((remark) => remark !== null)
  return {
    suggestions,
    ranking: {
      strategy,
      batchSize,
      randomShare,
      waiting: pool.waiting,
      considered: ranked.considered,
      remark: remarks.length === 0 ? null : remarks.join(' '),
      createdAt: new Date().toISOString(),
    },
  }
}

/** The reason of a choice, with what the heads say in full where they were asked again. */
function reasonOf(
  { kind, reason }: Extract<RankedPairs['choices'][number], { ask: 'new-pair' }>,
  members: number,
  inFull: PairScore | undefined,
): string {
  return kind === 'members' && inFull !== undefined
    ? describeMemberRange(members, inFull.memberLow, inFull.memberHigh)
    : reason
}

/** What a person should know of a ranking, a sentence each. */
function remarksOn(
  { waiting, leftOut, rated, allRated }: ScoredPool,
  { considered, remark }: RankedPairs,
  batchSize: number,
): (string | null)[] {
  const count = (value: number): string => value.toLocaleString('en')
  const scored = waiting - leftOut
  const pairs = waiting === 1 ? '1 pair waits' : `${count(waiting)} pairs wait`
  return [
    waiting === 0
      ? 'No pair waits: every pair that could teach the model is rated.'
      : waiting < batchSize
        ? `Only ${pairs}, fewer than a batch of ${batchSize}.`
        : null,
    considered < scored
      ? `Compared ${count(considered)} of ${count(scored)} waiting pairs, drawn at random.`
      : null,
    rated.length < allRated
      ? `Distances are to ${count(rated.length)} of ${count(allRated)} rated pairs, drawn at random.`
      : null,
    leftOut > 0
      ? `${count(leftOut)} waiting ${leftOut === 1 ? 'pair is left out: its' : 'pairs are left out: their'} texts have no vectors. Clear the embedding cache, so that they are encoded again.`
      : null,
    waiting === 0 ? null : remark,
  ]
}

/** The rated pairs that have vectors, embedded, with their scores. */
async function embedRated(
  { context, store, cache, running }: Scoring,
  { rated }: ScoredPool,
): Promise<{
  labelled: { dimension: number; premise: Float32Array; hypothesis: Float32Array }
  target: Float32Array
}> {
  const texts = await readTexts(store, rated)
  await encodePairs(context, texts, running.signal, () => undefined)
  const usable = await cache.usable(texts.flatMap(({ premise, hypothesis }) => [premise, hypothesis]))
  const has = texts.map(({ premise, hypothesis }) => usable.has(premise) && usable.has(hypothesis))
  const { dimension, premise, hypothesis } = await embedPairs(
    cache,
    texts.filter((_, index) => has[index]),
  )
  return {
    labelled: { dimension, premise, hypothesis },
    target: Float32Array.from(
      rated.filter((_, index) => has[index]),
      ({ target }) => target,
    ),
  }
}

/** Writes a run's suggestions in place of those it had. To be called in the transaction that makes them hold. */
export function writeRanked(
  store: ProjectStore,
  runId: string,
  { suggestions, ranking }: RankedSuggestions,
): void {
  store.suggestions.retire(runId)
  store.suggestions.write(suggestions)
  store.suggestions.writeRanking(runId, ranking)
}
