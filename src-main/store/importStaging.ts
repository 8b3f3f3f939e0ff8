import type Database from 'better-sqlite3'
import { z } from 'zod'
import type { Split } from '#shared/domain/pair.ts'
import { newId } from './newId.ts'
import { pairDigest, premiseGroup } from './pairKeys.ts'

/** A checked row on its way into the project. Texts are trimmed and not empty, the score is on 0–1. */
export interface StagedRow {
  readonly rowNumber: number
  readonly externalId: string | null
  readonly premise: string
  readonly hypothesis: string
  readonly score: number | null
  /** The class that the row names, and whether the score is that of the class; absent or null without a label. */
  readonly label?: { readonly name: string; readonly scored: boolean } | null
  readonly rater: string
  readonly declaredSplit: Split | null
  readonly metadata: Readonly<Record<string, string>>
  readonly superseded: boolean
}

/** What became of a row. */
export type StagingOutcome =
  /** A new pair, rated where the row had a score. */
  | { readonly kind: 'pair'; readonly rated: boolean }
  /** A further rater's score of a pair that this file brought: how files with a row per rater look. */
  | { readonly kind: 'rating' }
  /** The pair was there already; the message says what became of the score. */
  | { readonly kind: 'duplicate'; readonly ratingAdded: boolean; readonly message: string }
  /** The id belongs to other texts. */
  | { readonly kind: 'duplicate-id'; readonly message: string }

export interface ImportStaging {
  /** Stores one row; inside a transaction of the caller's. */
  stage(row: StagedRow): StagingOutcome
  /**
   * Removes ratings of this import where the same rater has answered the same pair while it ran: what a person has said
   * stands. Returns how many.
   */
  readonly giveWay: () => number
}

const knownPair = z.object({
  id: z.string(),
  externalId: z.string().nullable(),
  importId: z.string(),
  importRow: z.number().int().nullable(),
  fileName: z.string(),
})
type KnownPair = z.infer<typeof knownPair>

/**
 * Puts rows into the project under an import that is not finished, so nothing of it shows yet.
 *
 * Two rows are the same pair when their texts are equal, white space at the ends aside. A pair is never stored twice:
 * - its rater has no answer on it yet: the score becomes their rating. In a file that names raters in a column, where the
 *   pair came from this very file under the same id, that is an ordinary row; else it is a duplicate, reported as added;
 * - no score, or that rater has answered it already: a duplicate, reported as not taken. Nothing is averaged or replaced.
 * An external id that already belongs to other texts refuses the row.
 */
export function createImportStaging(
  database: Database.Database,
  running: { readonly importId: string; readonly namesRaters: boolean },
): ImportStaging {
  const { importId } = running
  const madeAt = new Date().toISOString()
  const insertPair = database.prepare<Record<string, unknown>>(`
    INSERT INTO pair (id, import_id, import_row, external_id, premise, hypothesis, digest, premise_group, declared_split, metadata)
    VALUES (@id, @importId, @rowNumber, @externalId, @premise, @hypothesis, @digest, @group, @declaredSplit, @metadata)
    ON CONFLICT DO NOTHING
  `)
  const selectPair = `
    SELECT pair.id, pair.external_id AS externalId, pair.import_id AS importId, pair.import_row AS importRow,
      import.file_name AS fileName
    FROM pair JOIN import ON import.id = pair.import_id`
  const selectByDigest = database.prepare<[Buffer]>(`${selectPair} WHERE pair.digest = ?`)
  const selectByExternalId = database.prepare<[string]>(`${selectPair} WHERE pair.external_id = ?`)
  const insertRating = database.prepare<Record<string, unknown>>(`
    INSERT INTO rating (id, pair_id, rater_id, kind, score, scale_kind, guideline_version, pass_number, source, import_id,
      pair_version, label, label_scored, created_at)
    VALUES (@id, @pairId, @raterId, 'score', @score, 'linear', @guideline, 1, 'import', @importId,
      (SELECT COALESCE(MAX(version), 0) + 1 FROM pair_text WHERE pair_id = @pairId), @label, @labelScored, @madeAt)
  `)
  const hasAnswered = database.prepare<[string, string]>(`
    SELECT 1 FROM rating WHERE pair_id = ? AND rater_id = ? AND kind <> 'retraction' AND retests IS NULL
      AND NOT EXISTS (SELECT 1 FROM rating AS later WHERE later.supersedes = rating.id)
      -- What was said of an earlier text is no answer to the present one.
      AND NOT EXISTS (
        SELECT 1 FROM pair_text WHERE pair_text.pair_id = rating.pair_id AND pair_text.version >= rating.pair_version
      )
    LIMIT 1
  `)
  const selectRater = database.prepare<[string]>('SELECT id FROM rater WHERE name = ?').pluck()
  const insertRater = database.prepare<[string, string, string, string]>(
    'INSERT INTO rater (id, name, created_at, import_id, takes_part) VALUES (?, ?, ?, ?, 0)',
  )
  const selectAnsweredMeanwhile = database
    .prepare<{ importId: string }>(
      `
    SELECT imported.id FROM rating AS made
    JOIN rating AS imported
      ON imported.pair_id = made.pair_id AND imported.rater_id = made.rater_id AND imported.import_id = @importId
    WHERE made.id > @importId AND made.source <> 'import' AND made.kind <> 'retraction'
      AND NOT EXISTS (SELECT 1 FROM rating AS later WHERE later.supersedes = made.id)
  `,
    )
    .pluck()
  const removeRating = database.prepare<[string]>('DELETE FROM rating WHERE id = ?')
  const guideline = z
    .number({ error: 'The project has no guideline version.' })
    .parse(database.prepare('SELECT MAX(version) FROM guideline').pluck().get())

  const raterIds = new Map<string, string>()
  let ratedEarlierPairs = false

  const raterIdOf = (name: string): string => {
    const known = raterIds.get(name)
    if (known !== undefined) return known
    const found = selectRater.get(name)
    const id = found === undefined ? newId() : z.string().parse(found)
    if (found === undefined) insertRater.run(id, name, madeAt, importId)
    raterIds.set(name, id)
    return id
  }

  const rate = (pairId: string, row: StagedRow, score: number): void => {
    insertRating.run({
      id: newId(),
      pairId,
      raterId: raterIdOf(row.rater),
      score,
      label: row.label?.name ?? null,
      labelScored: row.label?.scored === true ? 1 : null,
      guideline,
      importId,
      madeAt,
    })
  }

  const stageAgain = (row: StagedRow, known: KnownPair): StagingOutcome => {
    const fromThisFile = known.importId === importId
    const there = `The pair is in the project already, from ${placeOf(known, fromThisFile)}`
    if (row.superseded)
      return {
        kind: 'duplicate',
        ratingAdded: false,
        message: `${there}; this row is an answer that its rater has replaced or taken back since, and was not taken.`,
      }
    if (row.score === null)
      return {
        kind: 'duplicate',
        ratingAdded: false,
        message: `${there}; the row brings no score and was not taken.`,
      }
    const raterId = raterIdOf(row.rater)
    if (hasAnswered.get(known.id, raterId) !== undefined)
      return {
        kind: 'duplicate',
        ratingAdded: false,
        message: `${there}, and ${row.rater} has answered it already; the score was not taken.`,
      }
    rate(known.id, row, row.score)
    ratedEarlierPairs ||= !fromThisFile
    if (running.namesRaters && fromThisFile && row.externalId === known.externalId) return { kind: 'rating' }
    return {
      kind: 'duplicate',
      ratingAdded: true,
      message: `${there}; the score was added to it as ${row.rater}'s rating.`,
    }
  }

  return {
    stage(row) {
      const id = newId()
      const digest = pairDigest(row.premise, row.hypothesis)
      const inserted = insertPair.run({
        id,
        importId,
        rowNumber: row.rowNumber,
        externalId: row.externalId,
        premise: row.premise,
        hypothesis: row.hypothesis,
        digest,
        group: premiseGroup(row.premise),
        declaredSplit: row.declaredSplit,
        metadata: JSON.stringify(row.metadata),
      })
      if (inserted.changes > 0) {
        if (row.score !== null) rate(id, row, row.score)
        return { kind: 'pair', rated: row.score !== null }
      }
      const sameTexts = selectByDigest.get(digest)
      const sameId = row.externalId === null ? undefined : selectByExternalId.get(row.externalId)
      const other = sameId === undefined ? null : knownPair.parse(sameId)
      const known = sameTexts === undefined ? null : knownPair.parse(sameTexts)
      if (known !== null && (other === null || other.id === known.id)) return stageAgain(row, known)
      if (other === null)
        throw new Error(`Row ${row.rowNumber} was not stored, and nothing stands in its way`)
      return {
        kind: 'duplicate-id',
        message: `The id "${row.externalId ?? ''}" belongs to other texts, from ${placeOf(other, other.importId === importId)}; the row was not taken.`,
      }
    },
    giveWay() {
      if (!ratedEarlierPairs) return 0
      const ids = z.array(z.string()).parse(selectAnsweredMeanwhile.all({ importId }))
      for (const id of ids) removeRating.run(id)
      return ids.length
    },
  }
}

function placeOf(pair: KnownPair, fromThisFile: boolean): string {
  const row = pair.importRow === null ? '' : `row ${pair.importRow} of `
  return row + (fromThisFile ? 'this file' : pair.fileName)
}
