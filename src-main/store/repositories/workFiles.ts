import type Database from 'better-sqlite3'

/** How many rows of ratings were taken from a file, were there, and are of pairs that the project does not have. */
export interface MergedRows {
  readonly added: number
  readonly known: number
  readonly leftOut: number
}

export interface WorkFilesRepository {
  /** Fills an empty project file with what a rater needs; returns the number of its pairs. */
  write(path: string, raterId: string): number
  /** Adds what a rater has said in a file split off for them; rows that are here already stay as they are. */
  merge(path: string, raterId: string): MergedRows
}

const pairColumns =
  'id, import_id, import_row, external_id, premise, hypothesis, digest, premise_group, declared_split, metadata'
/** Of a rating, but for its suggestion and its import. */
const ratingColumns = `id, pair_id, rater_id, kind, score, raw_position, low, high, reason, note, confidence, scale_kind,
  time_to_first_touch, time_to_commit, change_count, order_shown, shown_because, guideline_version, pass_number, source,
  supersedes, restates, retests, pair_version, label, label_scored, created_at`

/** Files that raters work in elsewhere, reached by attaching them. */
export function createWorkFilesRepository(database: Database.Database): WorkFilesRepository {
  const attached = <Result>(path: string, work: () => Result): Result => {
    database.prepare('ATTACH ? AS work').run(path)
    try {
      return database
        .transaction(() => {
          // Rows name one another in whatever order they are written.
          database.pragma('defer_foreign_keys = ON')
          return work()
        })
        .immediate()
    } finally {
      database.exec('DETACH work')
    }
  }

  return {
    write: (path, raterId) =>
      attached(path, () => {
        const run = (sql: string): number =>
          database.prepare<{ raterId: string }>(sql).run({ raterId }).changes
        database.exec(`
          INSERT INTO work.guideline (version, text, examples, created_at)
          SELECT version, text, examples, created_at FROM main.guideline
        `)
        run(`
          INSERT INTO work.rater (id, name, created_at) SELECT id, name, created_at FROM main.rater WHERE id = @raterId
        `)
        run(`
          INSERT INTO work.project (id, title, settings, created_at, work_rater_id)
          SELECT id, title, settings, created_at, @raterId FROM main.project
        `)
        const pairs = run(`
          INSERT INTO work.pair (${pairColumns})
          SELECT ${pairColumns} FROM main.current_pair AS pair
          WHERE (SELECT settings ->> 'overlap' FROM main.project) IS NULL
            OR EXISTS (SELECT 1 FROM main.assignment WHERE pair_id = pair.id AND rater_id = @raterId)
            OR EXISTS (SELECT 1 FROM main.gold WHERE pair_id = pair.id)
            OR EXISTS (SELECT 1 FROM main.calibration_pair WHERE pair_id = pair.id)
            OR EXISTS (SELECT 1 FROM main.current_rating WHERE pair_id = pair.id AND rater_id = @raterId)
        `)
        database.exec(`
          INSERT INTO work.import (id, file_name, options, counts, started_at, finished_at)
          SELECT id, file_name, options, counts, started_at, finished_at FROM main.import
          WHERE finished_at IS NOT NULL;
          INSERT INTO work.pair_text SELECT * FROM main.pair_text WHERE pair_id IN (SELECT id FROM work.pair);
          INSERT INTO work.calibration_pair
          SELECT * FROM main.calibration_pair WHERE pair_id IN (SELECT id FROM work.pair);
          INSERT INTO work.gold SELECT * FROM main.gold
          WHERE pair_id IN (SELECT id FROM work.pair)
            AND (SELECT settings ->> 'goldFeedback' FROM main.project) = 1;
        `)
        run(`
          INSERT INTO work.rating (${ratingColumns}, import_id)
          SELECT ${ratingColumns}, import_id FROM main.rating
          WHERE rater_id = @raterId AND pair_id IN (SELECT id FROM work.pair)
            AND (import_id IS NULL OR import_id IN (SELECT id FROM main.finished_import))
        `)
        return pairs
      }),

    merge: (path, raterId) =>
      attached(path, () => {
        // What was imported came from here.
        const theirs = `FROM work.rating AS theirs WHERE rater_id = @raterId AND import_id IS NULL`
        const isHere = `pair_id IN (SELECT id FROM main.pair)
          AND guideline_version IN (SELECT version FROM main.guideline)`
        const count = (sql: string): number =>
          database.prepare<{ raterId: string }, number>(sql).pluck().get({ raterId }) ?? 0
        const all = count(`SELECT COUNT(*) ${theirs}`)
        const leftOut = count(`SELECT COUNT(*) ${theirs} AND NOT (${isHere})`)
        const { changes: added } = database
          .prepare<{ raterId: string }>(
            `INSERT INTO main.rating (${ratingColumns})
             SELECT ${ratingColumns} ${theirs} AND ${isHere}
               AND NOT EXISTS (SELECT 1 FROM main.rating WHERE rating.id = theirs.id)
             ORDER BY id`,
          )
          .run({ raterId })
        database
          .prepare<{ raterId: string }>(
            `INSERT INTO main.dispute (id, pair_id, rater_id, target_kind, disputed_score, own_rating_id, reason, created_at)
             SELECT id, pair_id, rater_id, target_kind, disputed_score, own_rating_id, reason, created_at
             FROM work.dispute AS theirs
             WHERE rater_id = @raterId AND target_kind IN ('consensus', 'gold')
               AND own_rating_id IN (SELECT id FROM main.rating)
               AND NOT EXISTS (SELECT 1 FROM main.dispute WHERE dispute.id = theirs.id)`,
          )
          .run({ raterId })
        return { added, known: all - leftOut - added, leftOut }
      }),
  }
}
