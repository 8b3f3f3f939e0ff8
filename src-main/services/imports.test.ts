import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest'
import type { FileEncoding, ImportOptions } from '#shared/contract/imports.ts'
import type { ImportCounts, Job } from '#shared/contract/jobs.ts'
import { defaultProjectSettings } from '#shared/domain/project.ts'
import { newId } from '../store/newId.ts'
import { openProjectStore, type ProjectStore } from '../store/projectStore.ts'
import { openEmptyProject, type EmptyProject } from './emptyTestProject.ts'
import { createFileTokens } from './fileTokens.ts'
import { createImportHandlers, type ImportHandlers } from './imports.ts'
import { createTestFolders } from './trainingProject.ts'

const stsb = '../shared/data/stsb/sts-train.tsv'
const folders = createTestFolders()
afterAll(() => folders.remove())
let backend: EmptyProject
let handlers: ImportHandlers
beforeEach(() => {
  backend = openEmptyProject(folders)
  handlers = createImportHandlers(backend.context)
})
afterEach(() => backend.close())

const call = { signal: new AbortController().signal }
const csv = {
  format: 'delimited',
  encoding: 'utf-8',
  separator: ',',
  quoting: 'double',
  header: true,
} as const
const options: ImportOptions = {
  layout: csv,
  columns: { premise: 'premise', hypothesis: 'hypothesis', score: 'score', metadata: [] },
  scoreRange: { low: 0, high: 5 },
  rater: 'gold',
  split: null,
  onBadRow: 'report',
}

interface Ended {
  readonly job: Job
  readonly counts: ImportCounts
  /** Row, reason and message of what was not (wholly) taken. */
  readonly report: readonly (readonly [number, string, string])[]
}

function write(name: string, content: string | Buffer): string {
  const path = join(folders.projects, name)
  writeFileSync(path, content)
  return path
}

async function start(path: string, change: Partial<ImportOptions> = {}): Promise<string> {
  const fileToken = backend.context.files.allow(path)
  const { jobId } = await handlers['imports.start']({ fileToken, options: { ...options, ...change } }, call)
  return jobId
}

async function run(path: string, change: Partial<ImportOptions> = {}): Promise<Ended> {
  const job = await backend.context.jobs.ended(await start(path, change))
  if (job.detail.kind !== 'import') throw new Error('not an import')
  const { importId, counts } = job.detail
  const { rows } = await handlers['imports.rejected']({ importId, offset: 0, limit: 500 }, call)
  return { job, counts, report: rows.map(({ rowNumber, reason, message }) => [rowNumber, reason, message]) }
}

/** Every row of every table, as text. */
function dump({ database }: ProjectStore): string {
  const tables = database
    .prepare(`SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name`)
    .pluck()
    .all()
  return JSON.stringify(tables.map((name) => [name, database.prepare(`SELECT * FROM ${String(name)}`).all()]))
}

/** Every pair with its ratings, in the order of the project. */
function contents(): unknown[] {
  return backend.store.database
    .prepare(
      `SELECT premise, hypothesis, external_id AS id, declared_split AS split, metadata,
        (SELECT json_group_array(json_array(rater.name, rating.score) ORDER BY rating.id) FROM current_rating AS rating
         JOIN rater ON rater.id = rating.rater_id WHERE rating.pair_id = pair.id) AS ratings
       FROM current_pair AS pair ORDER BY pair.id`,
    )
    .all()
    .map((row) => {
      const { metadata, ratings, ...rest } = row as Record<string, string>
      return { ...rest, metadata: JSON.parse(metadata!) as unknown, ratings: JSON.parse(ratings!) as unknown }
    })
}

function pair(
  premise: string,
  hypothesis: string,
  ratings: [string, number][],
  change: object = {},
): unknown {
  return { premise, hypothesis, id: null, split: null, metadata: {}, ratings, ...change }
}

test('a file with every kind of bad row: each is reported with row and reason, the good ones come in', async () => {
  const bytes = Buffer.concat([
    Buffer.from('premise,hypothesis,score,part\r\n'),
    Buffer.from('Good one,With a score,2.5,train\r\n'),
    Buffer.from(' ,No premise,1,train\r\n'),
    Buffer.from('No hypothesis,\u200b\u00a0,1,train\r\n'),
    Buffer.from('Bad score,Not a number,five,train\r\n'),
    Buffer.from('Out of range,Too high,5.01,train\r\n'),
    Buffer.from('Too many,Fields,1,train,more\r\n'),
    Buffer.from('Too few,Fields\r\n'),
    Buffer.from('"Broken "quote,Here,1,train\r\n'),
    Buffer.from([0x41, 0xff, 0x42, 0x2c, 0x62, 0x2c, 0x31, 0x2c, 0x0d, 0x0a]),
    Buffer.from('Nul,is\0here,1,train\r\n'),
    Buffer.from('Split,Unknown,1,somewhere\r\n'),
    Buffer.from(`Long,${'x'.repeat(100_000)},1,train\r\n`),
    Buffer.from('\r\n'),
    Buffer.from('"Several\nlines","Quoted, with ""marks""",,test\r\n'),
    Buffer.from('Trailing commas,Do no harm,0,dev,,,\r\n'),
    Buffer.from('"Never closed,At the end,1,train\r\n'),
    Buffer.from('Last,Without line end,5,'),
  ])
  const { counts, report, job } = await run(write('nasty.csv', bytes), {
    columns: { premise: 'premise', hypothesis: 'hypothesis', score: 'score', split: 'part', metadata: [] },
  })
  expect({ counts, report, outcome: job.outcome, contents: contents() }).toEqual({
    outcome: { status: 'finished' },
    counts: { rows: 16, pairs: 4, ratings: 3, duplicates: 0, rejected: 12 },
    report: [
      [3, 'empty-text', 'The field "premise" is empty.'],
      [4, 'empty-text', 'The field "hypothesis" is empty.'],
      [5, 'score-not-a-number', 'The field "score" is not a number: "five".'],
      [6, 'score-out-of-range', 'The field "score" is 5.01, outside 0 to 5.'],
      [7, 'unknown-column', 'The row has 5 fields, but the header names 4 columns.'],
      [8, 'missing-column', 'The row has 2 fields and so no "score".'],
      [9, 'broken-quote', 'The quotation mark that opens field 1 is closed in the middle of the field.'],
      [10, 'invalid-encoding', 'The field "premise" is not valid UTF-8.'],
      [11, 'nul-character', 'The field "hypothesis" holds a NUL character.'],
      [
        12,
        'unknown-split',
        'The field "part" (split) is "somewhere"; known are train, validation (dev) and holdout (test).',
      ],
      [13, 'text-too-long', 'The field "hypothesis" has 100,000 characters; at most 20,000 are taken.'],
      [18, 'broken-quote', 'The quotation mark that opens field 1 is not closed before the end of the file.'],
    ],
    contents: [
      pair('Good one', 'With a score', [['gold', 0.5]], { split: 'train' }),
      pair('Several\nlines', 'Quoted, with "marks"', [], { split: 'holdout' }),
      pair('Trailing commas', 'Do no harm', [['gold', 0]], { split: 'validation' }),
      pair('Last', 'Without line end', [['gold', 1]]),
    ],
  })
})

test('JSON Lines: bad objects are reported, missing optional keys and metadata do no harm', async () => {
  const lines = [
    '{"a":"One","b":"Two","s":5,"who":"Ada","id":"x-1","meta":{"genre":"news","n":3,"list":[1]}}',
    'not json',
    '["One","Two"]',
    '{"a":"Only premise"}',
    '{"a":["x"],"b":"list"}',
    '{"a":"half \\ud800","b":"character"}',
    '{"a":"nul \\u0000","b":"inside"}',
    '{"b":"Four","a":"Three","s":null}',
  ]
  const { counts, report } = await run(write('nasty.jsonl', `${lines.join('\n')}\n`), {
    layout: { format: 'jsonl', encoding: 'utf-8' },
    columns: {
      premise: 'a',
      hypothesis: 'b',
      score: 's',
      rater: 'who',
      id: 'id',
      metadata: ['meta.genre', 'meta.n', 'meta.list'],
    },
  })
  expect({ counts, report, contents: contents() }).toEqual({
    counts: { rows: 8, pairs: 2, ratings: 1, duplicates: 0, rejected: 6 },
    report: [
      [2, 'not-json', 'The line is not a JSON object.'],
      [3, 'not-json', 'The line is not a JSON object.'],
      [4, 'missing-column', 'The object has no "b" (hypothesis).'],
      [5, 'missing-column', 'The field "a" (premise) is a list, not a text.'],
      [6, 'invalid-encoding', 'The field "a" (premise) holds half a character (a lone surrogate).'],
      [7, 'nul-character', 'The field "a" (premise) holds a NUL character.'],
    ],
    contents: [
      pair('One', 'Two', [['Ada', 1]], {
        id: 'x-1',
        metadata: { 'meta.genre': 'news', 'meta.n': '3', 'meta.list': '[1]' },
      }),
      pair('Three', 'Four', []),
    ],
  })
})

const text = 'premise,hypothesis,score\r\nnaïve “é”,– ß €,5\r\n'
const windows1252: Record<string, number> = { '“': 0x93, '”': 0x94, '–': 0x96, '€': 0x80 }
const windows = Buffer.from(
  Array.from(text).map((character) => windows1252[character] ?? character.charCodeAt(0)),
)
const encoded: readonly [string, FileEncoding, Buffer][] = [
  ['UTF-8', 'utf-8', Buffer.from(text)],
  ['UTF-8 with byte order mark', 'utf-8', Buffer.from(`\ufeff${text}`)],
  ['UTF-16, little end first', 'utf-16le', Buffer.from(`\ufeff${text}`, 'utf16le')],
  ['UTF-16, big end first, no mark', 'utf-16be', Buffer.from(text, 'utf16le').swap16()],
  ['Windows-1252', 'windows-1252', windows],
]
for (const [name, encoding, bytes] of encoded)
  test(`${name}: preview and import bring the same texts`, async () => {
    const path = write(`${encoding}.csv`, bytes)
    const { layout, columns } = await handlers['imports.preview'](
      { fileToken: backend.context.files.allow(path) },
      call,
    )
    const { counts } = await run(path, { layout, columns })
    expect({ layout, counts, contents: contents() }).toEqual({
      layout: { ...csv, encoding },
      counts: { rows: 1, pairs: 1, ratings: 1, duplicates: 0, rejected: 0 },
      contents: [pair('naïve “é”', '– ß €', [['gold', 1]])],
    })
  })

test('duplicates: never stored twice, the message says what became of the score', async () => {
  const first = write('first.csv', 'premise,hypothesis,score\nA,B,5\nC,D,\n A ,B,0\nC,D,\nC,D,2.5\n')
  const again = await run(first)
  const other = await run(write('second.csv', 'premise,hypothesis,score\nA,B,2.5\nE,F,1\nA,B,\n'), {
    rater: 'other',
  })
  expect({
    again: [again.counts, again.report],
    other: [other.counts, other.report],
    contents: contents(),
  }).toEqual({
    again: [
      { rows: 5, pairs: 2, ratings: 2, duplicates: 3, rejected: 0 },
      [
        [
          4,
          'duplicate-pair',
          'The pair is in the project already, from row 2 of this file, and gold has answered it already; the score was not taken.',
        ],
        [
          5,
          'duplicate-pair',
          'The pair is in the project already, from row 3 of this file; the row brings no score and was not taken.',
        ],
        [
          6,
          'duplicate-pair',
          "The pair is in the project already, from row 3 of this file; the score was added to it as gold's rating.",
        ],
      ],
    ],
    other: [
      { rows: 3, pairs: 1, ratings: 2, duplicates: 2, rejected: 0 },
      [
        [
          2,
          'duplicate-pair',
          "The pair is in the project already, from row 2 of first.csv; the score was added to it as other's rating.",
        ],
        [
          4,
          'duplicate-pair',
          'The pair is in the project already, from row 2 of first.csv; the row brings no score and was not taken.',
        ],
      ],
    ],
    contents: [
      pair('A', 'B', [
        ['gold', 1],
        ['other', 0.5],
      ]),
      pair('C', 'D', [['gold', 0.5]]),
      pair('E', 'F', [['other', 0.2]]),
    ],
  })
})

test('a file with a row per rater is ordinary; only an id with other texts and a second answer are reported', async () => {
  const content = [
    'id,premise,hypothesis,score,rater',
    '1,A,B,5,Ada',
    '1,A,B,0,Bo',
    '2,C,D,1,Ada',
    '1,A,B,2.5,',
    '1,A,B,3,ada',
    '2,X,Y,3,Bo',
    '3,C,D,3,Bo',
  ]
  const { counts, report } = await run(write('long.csv', content.join('\n')), {
    columns: {
      premise: 'premise',
      hypothesis: 'hypothesis',
      id: 'id',
      score: 'score',
      rater: 'rater',
      metadata: [],
    },
  })
  expect({ counts, report, contents: contents() }).toEqual({
    counts: { rows: 7, pairs: 2, ratings: 5, duplicates: 2, rejected: 1 },
    report: [
      [
        6,
        'duplicate-pair',
        'The pair is in the project already, from row 2 of this file, and ada has answered it already; the score was not taken.',
      ],
      [
        7,
        'duplicate-id',
        'The id "2" belongs to other texts, from row 4 of this file; the row was not taken.',
      ],
      [
        8,
        'duplicate-pair',
        "The pair is in the project already, from row 4 of this file; the score was added to it as Bo's rating.",
      ],
    ],
    contents: [
      pair(
        'A',
        'B',
        [
          ['Ada', 1],
          ['Bo', 0],
          ['gold', 0.5],
        ],
        { id: '1' },
      ),
      pair(
        'C',
        'D',
        [
          ['Ada', 0.2],
          ['Bo', 0.6],
        ],
        { id: '2' },
      ),
    ],
  })
})

const many = `premise,hypothesis,score,rater\n${Array.from({ length: 6_000 }, (_, row) => `Text ${row},Other ${row},${row % 6},rater ${row % 7}`).join('\n')}\n`
const manyColumns = {
  premise: 'premise',
  hypothesis: 'hypothesis',
  score: 'score',
  rater: 'rater',
  metadata: [],
}

test('cancelled in the middle, an import leaves the project as it was', async () => {
  await run(write('before.csv', 'premise,hypothesis,score,rater\nText 3,Other 3,1,old\nKept,Pair,2,old\n'), {
    columns: manyColumns,
  })
  const before = dump(backend.store)
  const jobId = await start(write('many.csv', many), { columns: manyColumns })
  while (Number(backend.store.database.prepare('SELECT COUNT(*) FROM pair').pluck().get()) < 2_000)
    await new Promise(setImmediate)
  const visible = contents().length
  backend.context.jobs.cancel(jobId)
  const job = await backend.context.jobs.ended(jobId)
  expect({ outcome: job.outcome, visible, same: dump(backend.store) === before }).toEqual({
    outcome: { status: 'cancelled' },
    visible: 2,
    same: true,
  })
})

test('stopped by a bad row, an import names it and leaves the project as it was', async () => {
  const before = dump(backend.store)
  const path = write('stop.csv', `${many}Bad,Row,9,nobody\nAnother,One,x,nobody\n`)
  const job = await backend.context.jobs.ended(await start(path, { columns: manyColumns, onBadRow: 'stop' }))
  expect({ outcome: job.outcome, same: dump(backend.store) === before }).toEqual({
    outcome: {
      status: 'failed',
      error: {
        code: 'bad-file',
        message: 'Row 6002: The field "score" is 9, outside 0 to 5. Nothing was imported.',
        details: { rowNumber: 6002, reason: 'score-out-of-range' },
      },
    },
    same: true,
  })
})

test('what a killed process leaves is taken back when the project is opened next', () => {
  const path = join(folders.projects, 'killed.gradus')
  const first = openProjectStore(path, { create: true })
  first.project.create('Killed', defaultProjectSettings)
  first.guidelines.write('')
  const before = dump(first)
  const importing = first.imports.begin({
    id: newId(),
    fileName: 'x.csv',
    options,
    startedAt: new Date().toISOString(),
  })
  const rows = Array.from({ length: 2_500 }, (_, row) => ({
    rowNumber: row + 2,
    externalId: null,
    premise: `Premise ${row}`,
    hypothesis: 'Hypothesis',
    score: 0.5,
    rater: `rater ${row % 3}`,
    declaredSplit: null,
    metadata: {},
    superseded: false,
  }))
  importing.stage(rows, () => [{ rowNumber: 9_999, reason: 'empty-text', message: 'Empty.', text: '' }])
  const during = [dump(first) === before, first.raters.list().length, first.imports.list().length]
  first.close()
  const second = openProjectStore(path, { create: false })
  expect([during, dump(second) === before]).toEqual([[false, 0, 0], true])
  second.close()
})

test('what a rater answers while an import runs stands against the imported score', () => {
  const { store } = backend
  const row = {
    externalId: null,
    score: 0.25,
    rater: 'Ada',
    declaredSplit: null,
    metadata: {},
    superseded: false,
  }
  const begin = (): ReturnType<ProjectStore['imports']['begin']> =>
    store.imports.begin({ id: newId(), fileName: 'x.csv', options, startedAt: new Date().toISOString() })
  const none: ImportCounts = { rows: 0, pairs: 0, ratings: 0, duplicates: 0, rejected: 0 }
  const first = begin()
  first.stage([{ ...row, rowNumber: 1, premise: 'A', hypothesis: 'B', score: null }], () => [])
  first.finish(none, new Date().toISOString())
  const ada = store.raters.create('Ada')

  const second = begin()
  second.stage([{ ...row, rowNumber: 1, premise: 'A', hypothesis: 'B' }], () => [])
  const pairId = String(store.database.prepare('SELECT id FROM pair').pluck().get())
  store.ratings.insert({
    pairId,
    raterId: ada.id,
    answer: { kind: 'score', value: 0.75, rawPosition: 0.75 },
    note: null,
    scaleKind: 'linear',
    timing: null,
    orderShown: null,
    shownBecause: null,
    suggestionId: null,
    guidelineVersion: 1,
    passNumber: 1,
    source: 'annotate',
    supersedes: null,
  })
  expect([second.finish({ ...none, ratings: 1 }, new Date().toISOString()), contents()]).toEqual([
    1,
    [pair('A', 'B', [['Ada', 0.75]])],
  ])
})

test('rejected rows are saved as CSV, into a folder or as a download', async () => {
  const { job } = await run(write('some data.csv', 'premise,hypothesis,score\n"=A,x",,1\n\nB,C,9\n'))
  if (job.detail.kind !== 'import') throw new Error('not an import')
  const { importId } = job.detail
  const folder = join(folders.projects, 'out')
  mkdirSync(folder)
  const saved = await handlers['imports.saveRejected'](
    { importId, folderToken: backend.context.files.allow(folder) },
    call,
  )
  const offered: string[] = []
  const web = createImportHandlers({
    ...backend.context,
    files: createFileTokens((path) => `/download/${offered.push(path)}`),
  })
  const download = await web['imports.saveRejected']({ importId, folderToken: null }, call)
  const expected =
    'row,reason,message,text\n2,empty-text,"The field ""hypothesis"" is empty.","""=A,x"",,1"\n' +
    '4,score-out-of-range,"The field ""score"" is 9, outside 0 to 5.","B,C,9"\n'
  expect({
    saved,
    download,
    contents: [join(folder, saved.fileName), ...offered].map((path) => readFileSync(path, 'utf8')),
  }).toEqual({
    saved: { fileName: 'some data-rejected.csv', download: null },
    download: { fileName: 'some data-rejected.csv', download: '/download/1' },
    contents: [expected, expected],
  })
  await expect(handlers['imports.saveRejected']({ importId, folderToken: null }, call)).rejects.toMatchObject(
    { code: 'bad-request' },
  )
})

test('refused before anything is read: unknown columns, the same column twice, a second import', async () => {
  const path = write('columns.csv', 'premise,hypothesis,score\nA,B,1\n')
  const refusal = (change: Partial<ImportOptions>): Promise<unknown> =>
    start(path, change).catch((thrown: unknown) => thrown)
  expect([
    await refusal({ columns: { premise: 'text', hypothesis: 'hypothesis', metadata: [] } }),
    await refusal({ columns: { premise: 'premise', hypothesis: 'premise', metadata: [] } }),
    await refusal({
      columns: { premise: 'premise', hypothesis: 'hypothesis', score: 'points', metadata: [] },
    }),
    await refusal({
      layout: { ...csv, header: false },
      columns: { premise: '1', hypothesis: '4', metadata: [] },
    }),
  ]).toMatchObject([
    { code: 'bad-options', message: 'The file has no column "text". It has: premise, hypothesis, score.' },
    { code: 'bad-options', message: 'Premise and hypothesis have the same column: choose two columns.' },
    { code: 'bad-options', message: 'The file has no column "points". It has: premise, hypothesis, score.' },
    { code: 'bad-options', message: 'The file has no column "4". It has: 1, 2, 3.' },
  ])
  const running = await start(write('many.csv', many), { columns: manyColumns })
  expect(await refusal({})).toMatchObject({ code: 'job-running' })
  backend.context.jobs.cancel(running)
})

test('a header alone is no import', async () => {
  const before = dump(backend.store)
  const { job } = await run(write('only.csv', 'premise,hypothesis,score\n'))
  expect([job.outcome, dump(backend.store) === before]).toEqual([
    { status: 'failed', error: { code: 'bad-file', message: 'only.csv holds no rows to import.' } },
    true,
  ])
})

test.skipIf(!existsSync(stsb))(
  `STS-B train comes in whole, its repeated pairs reported (needs ${stsb})`,
  async () => {
    const { counts, report } = await run(stsb, {
      layout: { ...csv, separator: '\t', quoting: 'none', header: false },
      columns: { premise: '6', hypothesis: '7', score: '5', metadata: [] },
      split: 'train',
    })
    const reasons = new Set(report.map(([, reason]) => reason))
    expect({ file: basename(stsb), counts, reasons: [...reasons], reported: report.length }).toEqual({
      file: 'sts-train.tsv',
      counts: { rows: 5749, pairs: 5706, ratings: 5706, duplicates: 43, rejected: 0 },
      reasons: ['duplicate-pair'],
      reported: 43,
    })
  },
)
