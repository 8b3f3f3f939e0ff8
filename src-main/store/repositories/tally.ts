import type Database from 'better-sqlite3'
import { waitsForAnswer } from './suggestionAnswers.ts'

/** What a rater has standing: answers with a score, and those without. */
export interface RaterTally {
  ratings: number
  cannotJudge: number
}

/** Counts over the whole project, as the window's frame shows them. Of raters set aside, only their own tally. */
export interface Tally {
  pairs: number
  labelledPairs: number
  ratings: number
  readonly raters: Map<string, RaterTally>
  /** The run in use, and present scores made since it began. */
  readonly runId: string | null
  newRatings: number
  /** Suggestions of that run that nobody has answered since they were made. */
  suggestions: number
  /** All suggestions of that run. */
  allSuggestions: number
}

export interface TallyRepository {
  /**
   * The counts as they stand. Counted anew only after an import has finished or another process has written, and those
   * about a run after another one is in use; everything else must go through `following`. The caller must not change what it
   * gets.
   */
  read(): Readonly<Tally>
  /** Makes a change to one pair or its answers, and keeps the counts up with it. */
  following<Result>(pairId: string, change: () => Result): Result
  /** To be called after a change of many answers, or of suggestions, that did not go through `following`. */
  recount(): void
  /**
   * Changes after an import, another process's writing, another plan, or a decision that takes pairs out of the orders in
   * memory or brings them back: when those must be built anew.
   */
  stamp(): string
  /** Changes after whatever was written to the project by whomever. */
  changes(): string
}

/** One rater's answer to a pair; 1 or 0 each. */
interface Answer {
  readonly raterId: string
  readonly scored: number
  readonly isNew: number
  /** Its rater is not set aside. */
  readonly counts: number
}

/** What one pair adds to the counts. */
interface Share {
  /** 1 where the pair is in the project, 0 where it is in the bin. */
  readonly pairs: number
  readonly labelled: number
  readonly answers: readonly Answer[]
  readonly suggestions: number
  /** Those of them that nobody has answered since they were made. */
  readonly openSuggestions: number
}

/** Counts kept in memory, so that a rating in a large project costs no scan. */
export function createTallyRepository(database: Database.Database): TallyRepository {
  const selectVersion = database.prepare<[], number>('PRAGMA data_version').pluck()
  const selectChanges = database.prepare<[], number>('SELECT total_changes()').pluck()
  const selectStamp = database.prepare<
    [],
    { imports: number; lastImport: string | null; runId: string | null }
  >(`
    SELECT COUNT(*) AS imports, MAX(finished_at) AS lastImport,
      (SELECT id FROM run_in_use) AS runId
    FROM import WHERE finished_at IS NOT NULL
  `)
  const countPairs = database.prepare<[], number>('SELECT COUNT(*) FROM current_pair').pluck()
  const countLabelled = database
    .prepare<[], number>('SELECT COUNT(DISTINCT pair_id) FROM counted_rating WHERE score IS NOT NULL')
    .pluck()
  const selectSetAside = database.prepare<[], string>('SELECT rater_id FROM set_aside_rater').pluck()
  const countByRater = database.prepare<[], { raterId: string; scores: number; answers: number }>(
    'SELECT rater_id AS raterId, COUNT(score) AS scores, COUNT(*) AS answers FROM current_rating GROUP BY rater_id',
  )
  const countNew = database
    .prepare<[string], number>('SELECT COUNT(score) FROM counted_rating WHERE id > ?')
    .pluck()
  const countAll = 'SELECT COUNT(*) AS every'
  const countOpen = `COUNT(CASE WHEN ${waitsForAnswer} THEN 1 END) AS open`
  const countSuggestions = database.prepare<[string], { every: number; open: number }>(
    `${countAll}, ${countOpen} FROM current_suggestion AS suggestion WHERE run_id = ?`,
  )
  const selectAnswers = database.prepare<{ pairId: string; runId: string }, Answer>(`
    SELECT rater_id AS raterId, score IS NOT NULL AS scored, id > @runId AS isNew,
      rater_id NOT IN (SELECT rater_id FROM set_aside_rater) AS counts
    FROM current_rating WHERE pair_id = @pairId
  `)
  const selectPair = database.prepare<[string]>('SELECT 1 FROM current_pair WHERE id = ?')
  const selectSuggested = database.prepare<[string, string], { every: number; open: number }>(
    `${countAll}, ${countOpen} FROM current_suggestion AS suggestion WHERE pair_id = ? AND run_id = ?`,
  )

  const selectOrderChanges = database
    .prepare<[], string>(
      `SELECT COALESCE(MAX(id), '') || ' ' || (SELECT plan_version FROM project)
       FROM decision WHERE kind IN ('binned', 'restored', 'text-fixed')`,
    )
    .pluck()

  let kept: { readonly stamp: string; tally: Tally } | null = null

  const stampNow = (): { stamp: string; runId: string | null } => {
    const facts = selectStamp.get()
    return {
      stamp: `${selectVersion.get() ?? 0} ${facts?.imports ?? 0} ${facts?.lastImport ?? ''}`,
      runId: facts?.runId ?? null,
    }
  }
  const countOfRun = (
    runId: string | null,
  ): Pick<Tally, 'runId' | 'newRatings' | 'suggestions' | 'allSuggestions'> => {
    const suggestions = runId === null ? undefined : countSuggestions.get(runId)
    return {
      runId,
      newRatings: runId === null ? 0 : (countNew.get(runId) ?? 0),
      suggestions: suggestions?.open ?? 0,
      allSuggestions: suggestions?.every ?? 0,
    }
  }
  const count = (runId: string | null): Tally => {
    const setAside = new Set(selectSetAside.all())
    const raters = countByRater
      .all()
      .map(({ raterId, scores, answers }): [string, RaterTally] => [
        raterId,
        { ratings: scores, cannotJudge: answers - scores },
      ])
    return {
      pairs: countPairs.get() ?? 0,
      labelledPairs: countLabelled.get() ?? 0,
      ratings: raters.reduce((sum, [id, { ratings }]) => (setAside.has(id) ? sum : sum + ratings), 0),
      raters: new Map(raters),
      ...countOfRun(runId),
    }
  }
  const fresh = (): Tally => {
    const { stamp, runId } = stampNow()
    if (kept?.stamp !== stamp) kept = { stamp, tally: count(runId) }
    else if (kept.tally.runId !== runId) kept.tally = { ...kept.tally, ...countOfRun(runId) }
    return kept.tally
  }
  const shareOf = (pairId: string, runId: string | null): Share => {
    // Every id sorts before a tilde: without a run, nothing is new to it.
    const answers = selectAnswers.all({ pairId, runId: runId ?? '~' })
    const suggestions = runId === null ? undefined : selectSuggested.get(pairId, runId)
    return {
      pairs: selectPair.get(pairId) === undefined ? 0 : 1,
      labelled: answers.some(({ scored, counts }) => scored === 1 && counts === 1) ? 1 : 0,
      answers,
      suggestions: suggestions?.every ?? 0,
      openSuggestions: suggestions?.open ?? 0,
    }
  }
  const add = (tally: Tally, share: Share, sign: 1 | -1): void => {
    tally.pairs += sign * share.pairs
    tally.labelledPairs += sign * share.labelled
    tally.suggestions += sign * share.openSuggestions
    tally.allSuggestions += sign * share.suggestions
    for (const { raterId, scored, isNew, counts } of share.answers) {
      const rater = tally.raters.get(raterId) ?? { ratings: 0, cannotJudge: 0 }
      tally.raters.set(raterId, rater)
      rater.ratings += sign * scored
      rater.cannotJudge += sign * (1 - scored)
      if (rater.ratings === 0 && rater.cannotJudge === 0) tally.raters.delete(raterId)
      tally.ratings += sign * scored * counts
      tally.newRatings += sign * scored * isNew * counts
    }
  }

  return {
    read: fresh,
    following(pairId, change) {
      const tally = fresh()
      const before = shareOf(pairId, tally.runId)
      const result = change()
      add(tally, before, -1)
      add(tally, shareOf(pairId, tally.runId), 1)
      return result
    },
    recount: () => void (kept = null),
    stamp: () => `${stampNow().stamp} ${selectOrderChanges.get() ?? ''}`,
    changes: () => `${selectVersion.get() ?? 0} ${selectChanges.get() ?? 0}`,
  }
}
