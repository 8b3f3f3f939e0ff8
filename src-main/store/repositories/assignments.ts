import type Database from 'better-sqlite3'
import { z } from 'zod'
import { writing } from '../writing.ts'

/** One pair for one rater. */
export interface Assignment {
  readonly raterId: string
  readonly pairId: string
  /** Dealt by the overlap plan, or asked for as another rating, which comes first. */
  readonly kind: 'plan' | 'asked'
}

export interface AssignmentsRepository {
  /** Adds assignments; one that is there already stays, as the more urgent of both kinds. */
  add(assignments: readonly Assignment[]): void
  /** Takes back every dealt assignment that nobody has answered, of the next pairs after `after`; as `removeOthers` walks. */
  removeOpen(after: string, limit: number): string | null
  /** Pairs a rater is to rate, by the ids of the pairs after `after`, at most `limit`. */
  ofRater(
    raterId: string,
    after: string,
    limit: number,
  ): { pairId: string; place: number; kind: Assignment['kind'] }[]
  /** Raters a pair is assigned to. */
  ofPair(pairId: string): Assignment[]
  isAssigned(raterId: string, pairId: string): boolean
  /** Pairs assigned to each rater, and how many of those they have answered. */
  counts(): { raterId: string; assigned: number; answered: number }[]
  /** Orders in memory are to be built anew. */
  planChanged(): void
  /** Pairs that everybody rates whatever the plan: gold, and the calibration round. */
  everybodys(): { pairId: string; place: number }[]
  /** How many pairs each rater is to rate, those of everybody included. */
  planned(): ReadonlyMap<string, number>
  /** The next pairs after `after` that the plan deals, with the raters who count and have one of them in hand. */
  toDeal(
    after: string,
    limit: number,
  ): { rows: { pairId: string; raterIds: string[] }[]; last: string | null }
  /** Pairs that everybody rates first, in order. */
  calibrationPairs(): { pairId: string; place: number }[]
  writeCalibration(pairIds: readonly string[]): void
}

/** Who is to rate what: the plan's assignments, other ratings asked for, and the calibration round. */
export function createAssignmentsRepository(database: Database.Database): AssignmentsRepository {
  const insert = database.prepare<Assignment>(`
    INSERT INTO assignment (rater_id, pair_id, kind) VALUES (@raterId, @pairId, @kind)
    ON CONFLICT DO UPDATE SET kind = CASE WHEN excluded.kind = 'asked' THEN 'asked' ELSE kind END
  `)
  const selectLast = database.prepare<[string, number], { last: string | null }>(
    'SELECT MAX(id) AS last FROM (SELECT id FROM pair WHERE id > ? ORDER BY id LIMIT ?)',
  )
  const removeOpen = database.prepare<{ after: string; last: string }>(`
    DELETE FROM assignment
    WHERE pair_id > @after AND pair_id <= @last AND kind = 'plan' AND NOT EXISTS (
      SELECT 1 FROM current_rating AS rating
      WHERE rating.pair_id = assignment.pair_id AND rating.rater_id = assignment.rater_id
    )
  `)
  const selectOfRater = database.prepare<
    [string, string, number],
    { pairId: string; place: number; kind: Assignment['kind'] }
  >(`
    SELECT assignment.pair_id AS pairId, pair.rowid AS place, assignment.kind
    FROM assignment JOIN pair ON pair.id = assignment.pair_id
    WHERE assignment.rater_id = ? AND assignment.pair_id > ? ORDER BY assignment.pair_id LIMIT ?
  `)
  const selectOfPair = database.prepare<[string], Assignment>(
    'SELECT rater_id AS raterId, pair_id AS pairId, kind FROM assignment WHERE pair_id = ? ORDER BY rater_id',
  )
  const selectOne = database.prepare<[string, string]>(
    'SELECT 1 FROM assignment WHERE rater_id = ? AND pair_id = ?',
  )
  const selectCounts = database.prepare<[], { raterId: string; assigned: number; answered: number }>(`
    SELECT assignment.rater_id AS raterId, COUNT(*) AS assigned, COUNT(CASE WHEN EXISTS (
      SELECT 1 FROM current_rating AS rating
      WHERE rating.pair_id = assignment.pair_id AND rating.rater_id = assignment.rater_id
    ) THEN 1 END) AS answered
    FROM assignment
    WHERE assignment.pair_id NOT IN (SELECT pair_id FROM binned_pair)
    GROUP BY assignment.rater_id
  `)
  const raiseVersion = database.prepare('UPDATE project SET plan_version = plan_version + 1')
  const selectCalibration = database.prepare<[], { pairId: string; place: number }>(`
    SELECT calibration_pair.pair_id AS pairId, pair.rowid AS place
    FROM calibration_pair JOIN pair ON pair.id = calibration_pair.pair_id
    WHERE pair.id NOT IN (SELECT pair_id FROM binned_pair)
    ORDER BY calibration_pair.position
  `)
  const everybodys = `
    SELECT pair_id FROM gold UNION SELECT pair_id FROM calibration_pair`
  const selectEverybodys = database.prepare<[], { pairId: string; place: number }>(`
    SELECT id AS pairId, rowid AS place FROM pair
    WHERE id IN (${everybodys}) AND id NOT IN (SELECT pair_id FROM binned_pair)
  `)
  const selectPlanned = database.prepare<[], { raterId: string; planned: number }>(`
    SELECT rater.id AS raterId, (
      SELECT COUNT(*) FROM assignment
      WHERE assignment.rater_id = rater.id AND pair_id NOT IN (${everybodys})
        AND pair_id NOT IN (SELECT pair_id FROM binned_pair)
    ) AS planned
    FROM rater
  `)
  const selectVersion = database.prepare<[], number>('SELECT plan_version FROM project').pluck()
  // A rater has a pair in hand who has answered it, or was asked for it.
  const selectToDeal = database.prepare<
    { after: string; last: string },
    { pairId: string; raterIds: string }
  >(`
    SELECT pair.id AS pairId, (
      SELECT json_group_array(rater_id) FROM (
        SELECT rater_id FROM counted_rating WHERE counted_rating.pair_id = pair.id
        UNION SELECT rater_id FROM assignment
        WHERE assignment.pair_id = pair.id AND rater_id NOT IN (SELECT rater_id FROM set_aside_rater)
      )
    ) AS raterIds
    FROM current_pair AS pair
    WHERE pair.id > @after AND pair.id <= @last AND pair.id NOT IN (${everybodys})
    ORDER BY pair.id
  `)
  let kept: { readonly version: number; readonly planned: ReadonlyMap<string, number> } | null = null
  const clearCalibration = database.prepare('DELETE FROM calibration_pair')
  const insertCalibration = database.prepare<[string, number]>(
    'INSERT INTO calibration_pair (pair_id, position) VALUES (?, ?)',
  )

  return {
    add: writing(database, (assignments: readonly Assignment[]) => {
      for (const { raterId, pairId, kind } of assignments) insert.run({ raterId, pairId, kind })
    }),
    removeOpen: writing(database, (after: string, limit: number) => {
      const last = selectLast.get(after, limit)?.last ?? null
      if (last !== null) removeOpen.run({ after, last })
      return last
    }),
    ofRater: (raterId, after, limit) => selectOfRater.all(raterId, after, limit),
    ofPair: (pairId) => selectOfPair.all(pairId),
    isAssigned: (raterId, pairId) => selectOne.get(raterId, pairId) !== undefined,
    counts: () => selectCounts.all(),
    planChanged: () => void raiseVersion.run(),
    everybodys: () => selectEverybodys.all(),
    planned() {
      const version = selectVersion.get() ?? 0
      if (kept?.version !== version) {
        const shared = selectEverybodys.all().length
        const planned = new Map(selectPlanned.all().map((row) => [row.raterId, row.planned + shared]))
        kept = { version, planned }
      }
      return kept.planned
    },
    toDeal(after, limit) {
      const last = selectLast.get(after, limit)?.last ?? null
      const rows =
        last === null
          ? []
          : selectToDeal.all({ after, last }).map(({ pairId, raterIds }) => ({
              pairId,
              raterIds: z.array(z.string()).parse(JSON.parse(raterIds)),
            }))
      return { rows, last }
    },
    calibrationPairs: () => selectCalibration.all(),
    writeCalibration: writing(database, (pairIds: readonly string[]) => {
      clearCalibration.run()
      pairIds.forEach((pairId, position) => insertCalibration.run(pairId, position))
      raiseVersion.run()
    }),
  }
}
