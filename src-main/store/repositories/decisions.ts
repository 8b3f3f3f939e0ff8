import type Database from 'better-sqlite3'
import { z } from 'zod'
import { decision, type Decision } from '#shared/domain/decision.ts'
import { newId } from '../newId.ts'
import { pairDigest, premiseGroup } from '../pairKeys.ts'
import { writing } from '../writing.ts'

/** A decision with the names of who made it and who was asked. */
const listed = z.object({
  ...decision.shape,
  decidedByName: z.string(),
  askedRaterName: z.string().nullable(),
})
export type ListedDecision = z.infer<typeof listed>

/** A text that a pair had before it was fixed. */
const earlierText = z.object({
  version: z.number().int(),
  premise: z.string(),
  hypothesis: z.string(),
  replacedAt: z.string(),
})
export type EarlierText = z.infer<typeof earlierText>

export interface DecisionsRepository {
  add(made: Omit<Decision, 'id' | 'createdAt'>): Decision
  /** All about a pair, newest first. */
  ofPair(pairId: string): ListedDecision[]
  /** The adjudication or acceptance that holds; null without one. */
  settled(pairId: string): ListedDecision | null
  isBinned(pairId: string): boolean
  /** The id of a pair in the bin, by it or by the id the outside world knows it by; null where none is there. */
  findBinned(idOrExternalId: string): string | null
  countBinned(): number
  /** Pairs in the bin, latest first. */
  binned(offset: number, limit: number): ListedDecision[]
  /**
   * Gives a pair another text. Its ratings stay with the old one; its predictions and suggestions go, since they are of the
   * old text.
   * @returns false where another pair has these very texts; nothing is changed then.
   */
  fixText(pairId: string, texts: { premise: string; hypothesis: string }): boolean
  /** Texts the pair had before, newest first. */
  earlierTexts(pairId: string): EarlierText[]
  /** The version of a pair's present text, from 1 on. */
  textVersion(pairId: string): number
}

/** What was decided about pairs: rows are added, never changed; the latest holds. */
export function createDecisionsRepository(database: Database.Database): DecisionsRepository {
  const insert = database.prepare<Decision>(`
    INSERT INTO decision (id, pair_id, kind, score, asked_rater_id, decided_by, reason, created_at)
    VALUES (@id, @pairId, @kind, @score, @askedRaterId, @decidedBy, @reason, @createdAt)
  `)
  const selectFrom = `
    SELECT decision.id, decision.pair_id AS pairId, decision.kind, decision.score,
      decision.asked_rater_id AS askedRaterId, decision.decided_by AS decidedBy, decision.reason,
      decision.created_at AS createdAt, decider.name AS decidedByName, asked.name AS askedRaterName
    FROM decision
    JOIN rater AS decider ON decider.id = decision.decided_by
    LEFT JOIN rater AS asked ON asked.id = decision.asked_rater_id`
  const selectOfPair = database.prepare<[string]>(
    `${selectFrom} WHERE decision.pair_id = ? ORDER BY decision.id DESC`,
  )
  const selectBinned = database.prepare<[number, number]>(`
    ${selectFrom}
    WHERE decision.kind = 'binned' AND NOT EXISTS (
      SELECT 1 FROM decision AS later
      WHERE later.pair_id = decision.pair_id AND later.kind IN ('binned', 'restored') AND later.id > decision.id
    )
    ORDER BY decision.id DESC LIMIT ? OFFSET ?
  `)
  const selectIsBinned = database.prepare<[string]>('SELECT 1 FROM binned_pair WHERE pair_id = ?')
  const selectFindBinned = database
    .prepare<{ id: string }, string>(
      `SELECT id FROM pair
       WHERE (id = @id OR external_id = @id) AND id IN (SELECT pair_id FROM binned_pair) LIMIT 1`,
    )
    .pluck()
  const countBinned = database.prepare<[], number>('SELECT COUNT(*) FROM binned_pair').pluck()
  const selectVersion = database
    .prepare<[string], number>('SELECT COALESCE(MAX(version), 0) + 1 FROM pair_text WHERE pair_id = ?')
    .pluck()
  const selectTwin = database.prepare<[Buffer, string]>('SELECT 1 FROM pair WHERE digest = ? AND id <> ?')
  const keepText = database.prepare<Record<string, string | number>>(`
    INSERT INTO pair_text (pair_id, version, premise, hypothesis, replaced_at)
    SELECT id, @version, premise, hypothesis, @replacedAt FROM pair WHERE id = @pairId
  `)
  const updateText = database.prepare<Record<string, unknown>>(`
    UPDATE pair SET premise = @premise, hypothesis = @hypothesis, digest = @digest, premise_group = @group
    WHERE id = @pairId
  `)
  // Below all earlier ones, since a run has each rank once: out of every list, kept for the ratings that name them.
  const retireSuggestions = database.prepare<[string]>(`
    UPDATE suggestion
    SET rank = (SELECT MIN(0, MIN(other.rank)) FROM suggestion AS other WHERE other.run_id = suggestion.run_id) - rank
    WHERE pair_id = ? AND rank > 0
  `)
  const removePredictions = database.prepare<[string]>('DELETE FROM prediction WHERE pair_id = ?')
  const selectTexts = database.prepare<[string]>(`
    SELECT version, premise, hypothesis, replaced_at AS replacedAt
    FROM pair_text WHERE pair_id = ? ORDER BY version DESC
  `)
  const ofPair = (pairId: string): ListedDecision[] =>
    selectOfPair.all(pairId).map((raw) => listed.parse(raw))

  return {
    add(made) {
      const created: Decision = { ...made, id: newId(), createdAt: new Date().toISOString() }
      insert.run(created)
      return created
    },
    ofPair,
    settled(pairId) {
      const latest = ofPair(pairId).find(({ kind }) =>
        ['adjudicated', 'ambiguous', 'reopened'].includes(kind),
      )
      return latest === undefined || latest.kind === 'reopened' ? null : latest
    },
    isBinned: (pairId) => selectIsBinned.get(pairId) !== undefined,
    findBinned: (id) => selectFindBinned.get({ id }) ?? null,
    countBinned: () => countBinned.get() ?? 0,
    binned: (offset, limit) => selectBinned.all(limit, offset).map((raw) => listed.parse(raw)),
    fixText: writing(database, (pairId: string, { premise, hypothesis }) => {
      const digest = pairDigest(premise, hypothesis)
      if (selectTwin.get(digest, pairId) !== undefined) return false
      keepText.run({
        pairId,
        version: selectVersion.get(pairId) ?? 1,
        replacedAt: new Date().toISOString(),
      })
      updateText.run({ pairId, premise, hypothesis, digest, group: premiseGroup(premise) })
      removePredictions.run(pairId)
      retireSuggestions.run(pairId)
      return true
    }),
    earlierTexts: (pairId) => selectTexts.all(pairId).map((raw) => earlierText.parse(raw)),
    textVersion: (pairId) => selectVersion.get(pairId) ?? 1,
  }
}
