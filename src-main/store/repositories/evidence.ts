import type Database from 'better-sqlite3'
import { z } from 'zod'
import { evidenceReport, type EvidenceReport } from '#shared/domain/evidence.ts'
import { ulid } from '#shared/domain/ids.ts'
import { shownBecause } from '#shared/domain/rating.ts'
import { strategyName } from '#shared/domain/suggestion.ts'

/** How the label of a pair came to be given: by its first rating that counts. */
const labelOrigin = z.object({
  pairId: ulid,
  /** The first rating, or where the score is adjudicated alone the first decision: ids sort in the order of making. */
  firstId: ulid,
  isImported: z.number().transform((value) => value === 1),
  shownBecause: shownBecause.nullable(),
  /** Of the suggestion that was rated; null where it was none. */
  strategy: strategyName.nullable(),
})
export type LabelOrigin = z.infer<typeof labelOrigin>

/** What was last measured, and of what. */
export interface KeptEvidence {
  readonly stamp: string
  readonly report: EvidenceReport
}

export interface EvidenceRepository {
  /** The origins of the labels of the pairs in the span (after, last]. */
  origins(span: { after: string; last: string }): LabelOrigin[]
  keep(kept: KeptEvidence): void
  /** Null before the first, and where a newer or older program has kept it in another shape. */
  last(): KeptEvidence | null
  /** Changes whenever what is measured may come out differently: with ratings, splits, texts, adjudications and runs. */
  stamp(): string
}

/** What evidence of the worth of labels is made of, and the last that was made. */
export function createEvidenceRepository(database: Database.Database): EvidenceRepository {
  // Of the raters whose present score counts, the first score that any of them gave the present text: a revision is shown
  // for another reason than the rating it revises. SQLite takes the other columns from the row that has the minimum.
  const selectOrigins = database.prepare<{ after: string; last: string }>(`
    SELECT counted.pair_id AS pairId, MIN(first.id) AS firstId, first.source = 'import' AS isImported,
      first.shown_because AS shownBecause, suggestion.strategy
    FROM (
      SELECT DISTINCT pair_id, rater_id FROM counted_rating
      WHERE pair_id > @after AND pair_id <= @last AND score IS NOT NULL
    ) AS counted
    JOIN rating AS first ON first.pair_id = counted.pair_id AND first.rater_id = counted.rater_id
      AND first.score IS NOT NULL AND first.retests IS NULL
      AND (first.import_id IS NULL OR first.import_id IN (SELECT id FROM finished_import))
      AND NOT EXISTS (
        SELECT 1 FROM pair_text
        WHERE pair_text.pair_id = first.pair_id AND pair_text.version >= first.pair_version
      )
    LEFT JOIN suggestion ON suggestion.id = first.suggestion_id
    GROUP BY counted.pair_id
    UNION ALL
    SELECT decision.pair_id, MIN(decision.id), 0, NULL, NULL
    FROM decision
    WHERE decision.kind = 'adjudicated' AND decision.pair_id > @after AND decision.pair_id <= @last
      AND NOT EXISTS (
        SELECT 1 FROM counted_rating WHERE counted_rating.pair_id = decision.pair_id AND score IS NOT NULL
      )
    GROUP BY decision.pair_id
  `)
  const upsert = database.prepare<[string, string]>(
    'INSERT OR REPLACE INTO evidence_report (id, stamp, report) VALUES (1, ?, ?)',
  )
  const selectLast = database.prepare<[], { stamp: string; report: string }>(
    'SELECT stamp, report FROM evidence_report',
  )
  const selectStamp = database
    .prepare<[], string>(
      `SELECT (SELECT COUNT(*) || ' ' || COALESCE(MAX(id), '') FROM rating) || ' ' ||
        (SELECT COUNT(*) || ' ' || COALESCE(MAX(id), '') FROM rater_decision) || ' ' ||
        (SELECT COUNT(*) || ' ' || COALESCE(MAX(id), '') FROM decision) || ' ' ||
        (SELECT COUNT(*) FROM pair_text) || ' ' || (SELECT COUNT(*) FROM finished_import) || ' ' ||
        (SELECT COUNT(*) || ' ' || COALESCE(MAX(finished_at), '') FROM run
          WHERE status = 'finished' AND binned_at IS NULL AND deleted_at IS NULL) || ' ' ||
        (SELECT COALESCE(MAX(id), '') FROM run_in_use) || ' ' ||
        (SELECT (settings ->> 'consensus') || ' ' || (settings ->> 'holdoutShare') FROM project)`,
    )
    .pluck()
  return {
    origins: (span) => selectOrigins.all(span).map((raw) => labelOrigin.parse(raw)),
    keep: ({ stamp, report }) => void upsert.run(stamp, JSON.stringify(report)),
    last() {
      const row = selectLast.get()
      if (row === undefined) return null
      const report = evidenceReport.safeParse(JSON.parse(row.report))
      return report.success ? { stamp: row.stamp, report: report.data } : null
    },
    stamp: () => selectStamp.get() ?? '',
  }
}
