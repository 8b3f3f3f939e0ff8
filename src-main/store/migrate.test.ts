import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { sql as replaySql } from './migrations/0010-replay.ts'
import { migrate, migrations, versionOf } from './migrate.ts'
import { createTestFolder, createTestProject } from './testStore.ts'

let folder: ReturnType<typeof createTestFolder>
let path: string
beforeEach(() => {
  folder = createTestFolder()
  path = join(folder.path, 'p.gradus')
})
afterEach(() => folder.remove())

/** Columns by table and view, as SQLite knows them. */
function schemaOf(database: Database.Database): Record<string, string> {
  const tables = database
    .prepare<[], { name: string; strict: number; type: string }>(
      `SELECT name, strict, type FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite_%' ORDER BY name`,
    )
    .all()
  const columns = database.prepare<[string], string>('SELECT name FROM pragma_table_info(?)').pluck()
  return Object.fromEntries(
    tables.map(({ name, strict, type }) => [
      `${name}${type === 'table' ? (strict === 1 ? '' : ' (not strict)') : ` (${type})`}`,
      columns.all(name).join(' '),
    ]),
  )
}

/** Every row of every table. */
function rowsOf(database: Database.Database): Record<string, unknown[]> {
  const names = database
    .prepare<[], string>(`SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`)
    .pluck()
    .all()
  return Object.fromEntries(names.map((name) => [name, database.prepare(`SELECT * FROM ${name}`).all()]))
}

test('version 0 to 1: the first schema, every table strict', () => {
  const database = new Database(':memory:')
  migrate(database, migrations.slice(0, 1))
  expect(versionOf(database)).toBe(1)
  expect(schemaOf(database)).toMatchInlineSnapshot(`
    {
      "annotation_step": "rater_id id pair_id rating_id before_rating_id state",
      "current_pair (view)": "id import_id import_row external_id premise hypothesis digest premise_group declared_split metadata",
      "current_rating (view)": "id pair_id rater_id kind score raw_position low high reason note scale_kind time_to_first_touch time_to_commit change_count order_shown shown_because suggestion_id guideline_version pass_number source import_id supersedes restates created_at",
      "dispute": "id pair_id rater_id target_kind target_rating_id target_run_id disputed_score own_rating_id reason created_at",
      "finished_import (view)": "id",
      "guideline": "version text created_at",
      "import": "id file_name options counts started_at finished_at",
      "pair": "id import_id import_row external_id premise hypothesis digest premise_group declared_split metadata",
      "prediction": "run_id pair_id score variance low high",
      "project": "id title settings created_at",
      "rater": "id name created_at import_id",
      "rating": "id pair_id rater_id kind score raw_position low high reason note scale_kind time_to_first_touch time_to_commit change_count order_shown shown_because suggestion_id guideline_version pass_number source import_id supersedes restates created_at",
      "rejected_row": "import_id row_number reason message text",
      "run": "id number status configuration encoder_digest snapshot_digest labelled_pairs created_at finished_at failure report",
      "run_weights": "run_id safetensors",
      "suggestion": "id run_id pair_id strategy rank reason",
    }
  `)
  database.close()
})

test('version 1 to 2: runs, ratings and suggestions stay, and the latest finished run is still in use', () => {
  const database = new Database(':memory:')
  database.pragma('foreign_keys = ON')
  migrate(database, migrations.slice(0, 1))
  const at = '2026-01-01T00:00:00.000Z'
  const columns =
    'id, number, status, configuration, encoder_digest, snapshot_digest, labelled_pairs, created_at, failure, report'
  database.exec(`
    INSERT INTO project (id, title, settings, created_at) VALUES ('P', 'Title', '{}', '${at}');
    INSERT INTO guideline (version, text, created_at) VALUES (1, 'Score.', '${at}');
    INSERT INTO import (id, file_name, options, counts, started_at, finished_at) VALUES ('I', 'a.csv', '{}', '{}', '${at}', '${at}');
    INSERT INTO rater (id, name, created_at) VALUES ('A', 'Ada', '${at}');
    INSERT INTO pair (id, import_id, premise, hypothesis, digest, premise_group, metadata)
      VALUES ('one', 'I', 'ä', 'b', x'01', 11, '{}'), ('two', 'I', 'c', 'd', x'02', 22, '{}');
    INSERT INTO run (${columns}) VALUES
      ('R1', 1, 'finished', '{"seed":7}', 'e', 's', 40, '${at}', NULL, '{"used":"ridge"}'),
      ('R2', 2, 'finished', '{"seed":8}', 'e', 's', 41, '${at}', NULL, '{"used":"ridge"}'),
      ('R3', 3, 'failed', '{}', 'e', 's', 42, '${at}', 'The process died.', NULL);
    INSERT INTO run_weights (run_id, safetensors) VALUES ('R1', x'0102'), ('R2', x'03');
    INSERT INTO prediction (run_id, pair_id, score, variance, low, high) VALUES ('R2', 'one', 0.5, 0.1, 0.4, 0.6);
    INSERT INTO suggestion (id, run_id, pair_id, strategy, rank, reason)
      VALUES ('S1', 'R2', 'one', 'ensemble-variance', 1, 'why'), ('S2', 'R2', 'two', 'ensemble-variance', 2, 'why');
    INSERT INTO rating (id, pair_id, rater_id, kind, score, scale_kind, suggestion_id, guideline_version, pass_number, source, created_at)
      VALUES ('T', 'one', 'A', 'score', 0.5, 'linear', 'S1', 1, 1, 'annotate', '${at}');
  `)
  const before = rowsOf(database)
  migrate(database, migrations.slice(0, 2))
  expect(versionOf(database)).toBe(2)
  const added = { name: null, pinned: 0, binned_at: null, deleted_at: null, libraries: '{}' }
  expect(rowsOf(database)).toEqual({
    ...before,
    project: before['project']!.map((row) => ({ ...(row as object), model_run_id: null })),
    run: before['run']!.map((row) => ({ ...(row as object), ...added })),
    run_checkpoint: [],
  })
  const read = (sql: string): unknown[] => database.prepare(sql).pluck().all()
  expect(read('SELECT id FROM run_in_use')).toEqual(['R2'])
  expect(read('SELECT id FROM current_suggestion ORDER BY rank')).toEqual(['S1', 'S2'])
  const { run, project, run_checkpoint: checkpoint, ...views } = schemaOf(database)
  expect([run, project, checkpoint, views['run_in_use (view)'], views['current_suggestion (view)']])
    .toMatchInlineSnapshot(`
      [
        "id number status configuration encoder_digest snapshot_digest labelled_pairs created_at finished_at failure report name pinned binned_at deleted_at libraries",
        "id title settings created_at model_run_id",
        "run_id epoch state written_at",
        "id",
        "id run_id pair_id strategy rank reason",
      ]
    `)
  expect(() => database.exec(`UPDATE project SET model_run_id = 'nobody'`)).toThrow('FOREIGN KEY')
  database.close()
})

test('version 2 to 3: class labels beside ratings, and the earlier rows as they were', () => {
  const database = new Database(':memory:')
  migrate(database, migrations.slice(0, 2))
  database.exec(`
    INSERT INTO project (id, title, settings, created_at) VALUES ('P', 'Old', '{}', '2026-01-01T00:00:00.000Z');
    INSERT INTO guideline (version, text, created_at) VALUES (1, '', '2026-01-01T00:00:00.000Z');
    INSERT INTO rater (id, name, created_at) VALUES ('A', 'Ada', '2026-01-01T00:00:00.000Z');
    INSERT INTO import (id, file_name, options, counts, started_at, finished_at) VALUES ('I', 'a.csv', '{}', '{}', '', '');
    INSERT INTO pair (id, import_id, premise, hypothesis, digest, premise_group, metadata)
      VALUES ('X', 'I', 'one', 'uno', x'01', 11, '{}');
    INSERT INTO rating (id, pair_id, rater_id, kind, score, scale_kind, guideline_version, pass_number, source, created_at)
      VALUES ('R', 'X', 'A', 'score', 0.5, 'linear', 1, 1, 'import', '');
  `)
  migrate(database, migrations.slice(0, 3))
  const label = database.prepare(`UPDATE rating SET label = ?, label_scored = ? WHERE id = 'R'`)
  expect([
    versionOf(database),
    database.prepare('SELECT id, score, label, label_scored FROM current_rating').raw().all(),
    database.prepare('SELECT title, rescoring FROM project').raw().all(),
  ]).toEqual([3, [['R', 0.5, null, null]], [['Old', 0]]])
  expect(() => label.run(null, 1)).toThrow('CHECK')
  expect(() => label.run('neutral', 0)).toThrow('CHECK')
  label.run('neutral', 1)
  label.run('neutral', null)
  database.close()
})

test('version 3 to 4: predictions stay, and say nothing of what their run did not know', () => {
  const database = new Database(':memory:')
  migrate(database, migrations.slice(0, 3))
  const at = '2026-01-01T00:00:00.000Z'
  database.exec(`
    INSERT INTO import (id, file_name, options, counts, started_at, finished_at) VALUES ('I', 'a.csv', '{}', '{}', '${at}', '${at}');
    INSERT INTO pair (id, import_id, premise, hypothesis, digest, premise_group, metadata)
      VALUES ('X', 'I', 'one', 'uno', x'01', 11, '{}');
    INSERT INTO run (id, number, status, configuration, encoder_digest, snapshot_digest, labelled_pairs, created_at)
      VALUES ('R', 1, 'finished', '{}', 'e', 's', 40, '${at}');
    INSERT INTO prediction (run_id, pair_id, score, variance, low, high) VALUES ('R', 'X', 0.5, 0.125, 0.25, 0.75);
  `)
  const before = rowsOf(database)
  migrate(database, migrations.slice(0, 4))
  expect(versionOf(database)).toBe(4)
  expect(rowsOf(database)).toEqual({
    ...before,
    prediction: before['prediction']!.map((row) => ({
      ...(row as object),
      ...{ spread: null, doubt: null, abstained: 0 },
    })),
  })
  expect(() => database.exec('UPDATE prediction SET abstained = 2')).toThrow('CHECK')
  database.close()
})

test('version 4 to 5: a place for the last search, and one only', () => {
  const database = new Database(':memory:')
  migrate(database, migrations.slice(0, 4))
  database.exec(`INSERT INTO rater (id, name, created_at) VALUES ('A', 'Ada', '2026-01-01T00:00:00.000Z')`)
  const before = rowsOf(database)
  migrate(database, migrations.slice(0, 5))
  expect(versionOf(database)).toBe(5)
  expect(rowsOf(database)).toEqual({ ...before, search_report: [] })
  expect(schemaOf(database)['search_report']).toBe('id report created_at')
  database.exec(`INSERT INTO search_report (id, report, created_at) VALUES (1, '{}', '')`)
  expect(() =>
    database.exec(`INSERT INTO search_report (id, report, created_at) VALUES (2, '{}', '')`),
  ).toThrow('CHECK')
  database.close()
})

test('version 5 to 6: many raters; every earlier row stays, and what stood stands', () => {
  const database = new Database(':memory:')
  database.pragma('foreign_keys = ON')
  migrate(database, migrations.slice(0, 5))
  const at = '2026-01-01T00:00:00.000Z'
  const columns =
    'id, pair_id, rater_id, kind, score, scale_kind, guideline_version, pass_number, source, supersedes'
  database.exec(`
    INSERT INTO project (id, title, settings, created_at) VALUES ('P', 'Old', '{}', '${at}');
    INSERT INTO guideline (version, text, created_at) VALUES (1, 'Score.', '${at}');
    INSERT INTO import (id, file_name, options, counts, started_at, finished_at) VALUES ('I', 'a.csv', '{}', '{}', '${at}', '${at}');
    INSERT INTO rater (id, name, created_at) VALUES ('A', 'Ada', '${at}'), ('B', 'Ben', '${at}');
    INSERT INTO pair (id, import_id, premise, hypothesis, digest, premise_group, metadata)
      VALUES ('X', 'I', 'one', 'uno', x'01', 11, '{}'), ('Y', 'I', 'two', 'due', x'02', 22, '{}');
    INSERT INTO run (id, number, status, configuration, encoder_digest, snapshot_digest, labelled_pairs, created_at)
      VALUES ('R', 1, 'finished', '{}', 'e', 's', 40, '${at}');
    INSERT INTO suggestion (id, run_id, pair_id, strategy, rank, reason) VALUES ('S', 'R', 'Y', 'ensemble-variance', 1, 'why');
    INSERT INTO rating (${columns}, created_at) VALUES
      ('1', 'X', 'A', 'score', 0.1, 'linear', 1, 1, 'annotate', NULL, '${at}'),
      ('2', 'X', 'A', 'score', 0.2, 'linear', 1, 2, 'annotate', '1', '${at}'),
      ('3', 'X', 'B', 'score', 0.6, 'linear', 1, 1, 'import', NULL, '${at}'),
      ('4', 'Y', 'A', 'score', 0.5, 'linear', 1, 1, 'annotate', NULL, '${at}'),
      ('5', 'Y', 'A', 'retraction', NULL, 'linear', 1, 1, 'annotate', '4', '${at}');
    INSERT INTO dispute (id, pair_id, rater_id, target_kind, target_rating_id, disputed_score, own_rating_id, reason, created_at)
      VALUES ('D', 'X', 'A', 'rating', '3', 0.6, '2', 'too high', '${at}');
  `)
  // Ben is known from an import alone, so no plan deals pairs to him.
  database.exec(`UPDATE rating SET import_id = 'I' WHERE rater_id = 'B'`)
  const before = rowsOf(database)
  const standing = (): unknown[] =>
    database.prepare('SELECT id FROM current_rating ORDER BY id').pluck().all()
  const stood = standing()
  migrate(database, migrations.slice(0, 6))
  expect(versionOf(database)).toBe(6)
  const after = rowsOf(database)
  const added = { confidence: null, retests: null, pair_version: 1 }
  expect(after).toEqual({
    ...before,
    project: [{ ...(before['project']![0] as object), work_rater_id: null, plan_version: 0 }],
    rater: before['rater']!.map((row, index) => ({ ...(row as object), takes_part: 1 - index })),
    guideline: [{ ...(before['guideline']![0] as object), examples: '[]' }],
    rating: before['rating']!.map((row) => ({ ...(row as object), ...added })),
    ...Object.fromEntries(
      [
        'assignment',
        'calibration_pair',
        'decision',
        'gold',
        'pair_text',
        'rater_decision',
        'rater_model',
      ].map((table) => [table, []]),
    ),
  })
  expect([stood, standing()]).toEqual([
    ['2', '3'],
    ['2', '3'],
  ])
  expect(database.prepare('SELECT id FROM current_suggestion').pluck().all()).toEqual(['S'])
  database.exec(
    `INSERT INTO decision (id, pair_id, kind, decided_by, reason, created_at) VALUES ('E', 'Y', 'binned', 'A', 'r', '')`,
  )
  expect([
    database.prepare('SELECT id FROM current_suggestion').pluck().all(),
    database.prepare('SELECT id FROM current_pair').pluck().all(),
  ]).toEqual([[], ['X']])
  expect(() => database.exec(`UPDATE dispute SET target_kind = 'gold'`)).toThrow('CHECK')
  expect(() =>
    database.exec(`UPDATE dispute SET target_kind = 'gold', target_rating_id = NULL`),
  ).not.toThrow()
  database.close()
})

const second = `
  ALTER TABLE rater ADD COLUMN colour TEXT NOT NULL DEFAULT 'grey';
  CREATE TABLE flag (pair_id TEXT PRIMARY KEY REFERENCES pair (id)) STRICT;
  INSERT INTO flag SELECT id FROM pair;`

test('a further version is applied to real rows, which stay as they were', () => {
  const { store, pairIds, raterIds } = createTestProject({ pairs: 3, raters: ['Ada'], path })
  store.annotation.commit({
    pairId: pairIds[0]!,
    raterId: raterIds[0]!,
    answer: { kind: 'range', low: 0.25, high: 0.5 },
    note: 'ä\u0000b',
    scaleKind: 'linear',
    timing: null,
    orderShown: 1,
    shownBecause: 'order',
    suggestionId: null,
    guidelineVersion: 1,
    source: 'annotate',
  })
  const before = rowsOf(store.database)
  migrate(store.database, [...migrations, second])
  const { flag, rater, ...after } = rowsOf(store.database)
  const { rater: raterBefore, ...otherBefore } = before
  expect(versionOf(store.database)).toBe(migrations.length + 1)
  expect(after).toEqual(otherBefore)
  expect(rater).toEqual(raterBefore!.map((row) => ({ ...(row as object), colour: 'grey' })))
  expect(flag).toEqual(pairIds.map((pair_id) => ({ pair_id })))
  store.close()
})

test('places for the last replay and its parts, one each', () => {
  const database = new Database(':memory:')
  const at = migrations.indexOf(replaySql)
  migrate(database, migrations.slice(0, at))
  const before = rowsOf(database)
  migrate(database, migrations.slice(0, at + 1))
  expect(rowsOf(database)).toEqual({ ...before, replay: [], replay_cell: [] })
  const insert = `INSERT INTO replay (id, key, plan, labels, begun_at) VALUES`
  database.exec(`${insert} (1, 'k', '{}', '', '')`)
  expect(() => database.exec(`${insert} (2, 'k', '{}', '', '')`)).toThrow('CHECK')
  database.close()
})

test('a version that fails half way leaves nothing of itself, and what came before it stays', () => {
  const { store } = createTestProject({ pairs: 3, raters: ['Ada'], path })
  const before = rowsOf(store.database)
  const broken = 'DELETE FROM annotation_step; DROP TABLE dispute; INSERT INTO nowhere VALUES (1);'
  expect(() => migrate(store.database, [...migrations, second, broken])).toThrow('nowhere')
  expect(versionOf(store.database)).toBe(migrations.length + 1)
  expect(Object.keys(rowsOf(store.database)).sort()).toEqual([...Object.keys(before), 'flag'].sort())
  store.close()
})

test('a version that leaves rows without their parents is taken back', () => {
  const { store } = createTestProject({ pairs: 3, raters: ['Ada'], path })
  store.database.pragma('foreign_keys = OFF')
  const before = rowsOf(store.database)
  expect(() => migrate(store.database, [...migrations, 'DELETE FROM import'])).toThrow('without parent')
  expect([versionOf(store.database), rowsOf(store.database)]).toEqual([migrations.length, before])
  store.close()
  expect(readdirSync(folder.path)).toEqual(['p.gradus'])
})
