import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest'
import type { FileEncoding, ImportOptions } from '#shared/contract/imports.ts'
import { createFileTokens } from '../fileTokens.ts'
import {
  call,
  createImportTesting,
  csv,
  dump,
  many,
  manyColumns,
  pair,
  type ImportTesting,
} from './importTesting.ts'
import { createImportHandlers } from './imports.ts'
import { createTestFolders } from '../testing/trainingProject.ts'

const stsb = '../shared/data/stsb/sts-train.tsv'

const folders = createTestFolders()
afterAll(() => folders.remove())
let testing: ImportTesting
beforeEach(() => (testing = createImportTesting(folders)))
afterEach(() => testing.project.close())

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
  const { counts, report, job } = await testing.run(testing.write('nasty.csv', bytes), {
    columns: { premise: 'premise', hypothesis: 'hypothesis', score: 'score', split: 'part', metadata: [] },
  })
  expect({ counts, report, outcome: job.outcome, contents: testing.contents() }).toEqual({
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
  const { counts, report } = await testing.run(testing.write('nasty.jsonl', `${lines.join('\n')}\n`), {
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
  expect({ counts, report, contents: testing.contents() }).toEqual({
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
    const path = testing.write(`${encoding}.csv`, bytes)
    const { layout, columns } = await testing.handlers['imports.preview'](
      { fileToken: testing.project.context.files.allow(path) },
      call,
    )
    const { counts } = await testing.run(path, { layout, columns })
    expect({ layout, counts, contents: testing.contents() }).toEqual({
      layout: { ...csv, encoding },
      counts: { rows: 1, pairs: 1, ratings: 1, duplicates: 0, rejected: 0 },
      contents: [pair('naïve “é”', '– ß €', [['gold', 1]])],
    })
  })

test('rejected rows are saved as CSV, into a folder or as a download', async () => {
  const { job } = await testing.run(
    testing.write('some data.csv', 'premise,hypothesis,score\n"=A,x",,1\n\nB,C,9\n'),
  )
  if (job.detail.kind !== 'import') throw new Error('not an import')
  const { importId } = job.detail
  const folder = join(folders.projects, 'out')
  mkdirSync(folder)
  const saved = await testing.handlers['imports.saveRejected'](
    { importId, folderToken: testing.project.context.files.allow(folder) },
    call,
  )
  const offered: string[] = []
  const web = createImportHandlers({
    ...testing.project.context,
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
  await expect(
    testing.handlers['imports.saveRejected']({ importId, folderToken: null }, call),
  ).rejects.toMatchObject({ code: 'bad-request' })
})

test('refused before anything is read: unknown columns, the same column twice, a second import', async () => {
  const path = testing.write('columns.csv', 'premise,hypothesis,score\nA,B,1\n')
  const refusal = (change: Partial<ImportOptions>): Promise<unknown> =>
    testing.start(path, change).catch((thrown: unknown) => thrown)
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
  const running = await testing.start(testing.write('many.csv', many), { columns: manyColumns })
  expect(await refusal({})).toMatchObject({ code: 'job-running' })
  testing.project.context.jobs.cancel(running)
})

test('a header alone is no import', async () => {
  const before = dump(testing.project.store)
  const { job } = await testing.run(testing.write('only.csv', 'premise,hypothesis,score\n'))
  expect([job.outcome, dump(testing.project.store) === before]).toEqual([
    { status: 'failed', error: { code: 'bad-file', message: 'only.csv holds no rows to import.' } },
    true,
  ])
})

test.skipIf(!existsSync(stsb))(
  `STS-B train comes in whole, its repeated pairs reported (needs ${stsb})`,
  async () => {
    const { counts, report } = await testing.run(stsb, {
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
