import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { GradusError } from '#shared/contract/errors.ts'
import type { FileLayout } from '#shared/contract/imports.ts'
import { defaultClassScores } from '#shared/domain/classes.ts'
import { countLabels } from './countLabels.ts'
import { guessScoreRange } from './guessColumns.ts'
import { previewFile, type FilePreview, type Given } from './preview.ts'

const data = '../shared/data'
const noData = existsSync(data) ? false : 'the shared data folder is not here'
let folder = ''
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'gradus-preview-'))))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function preview(name: string, content: string | Buffer, given: Given = {}): Promise<FilePreview> {
  const path = join(folder, name)
  writeFileSync(path, content)
  return previewFile(path, name, given)
}

/** What was guessed, in one comparable object. */
function guessed({ layout, columns, scoreRange, columnNames }: FilePreview): unknown {
  return { layout, columns, scoreRange: [scoreRange.low, scoreRange.high], columnNames }
}

const delimited = {
  format: 'delimited',
  encoding: 'utf-8',
  separator: ',',
  quoting: 'double',
  header: true,
} as const

const guesses: readonly { name: string; file: string; content: string | Buffer; expected: unknown }[] = [
  {
    name: 'CSV with header and quotes',
    file: 'a.csv',
    content: 'id,premise,hypothesis,score\n1,"One, two","He said ""no""",0.5\n2,Three four,Five six,1\n',
    expected: {
      layout: delimited,
      columns: { premise: 'premise', hypothesis: 'hypothesis', id: 'id', score: 'score', metadata: [] },
      scoreRange: [0, 1],
      columnNames: ['id', 'premise', 'hypothesis', 'score'],
    },
  },
  {
    name: 'semicolons with decimal commas, as spreadsheets write them',
    file: 'b.csv',
    content:
      'Satz;Text_A;Text_B;Rating;Annotator\n1;Der Hund, er bellt;Ein Tier ist laut;3,5;Ada\n2;Es regnet heute;Es ist nass;1,0;Bo\n',
    expected: {
      layout: { ...delimited, separator: ';' },
      columns: { premise: 'Text_A', hypothesis: 'Text_B', score: 'Rating', rater: 'Annotator', metadata: [] },
      scoreRange: [1, 5],
      columnNames: ['Satz', 'Text_A', 'Text_B', 'Rating', 'Annotator'],
    },
  },
  {
    name: 'TSV without header whose quotes are text',
    file: 'c.tsv',
    content:
      'news\t2014\t0007\t4.200\t"Stop," he said\tHe said "stop" twice\n' +
      'news\t2014\t0008\t0.500\tA dog runs\tThe "dog" sleeps here\n' +
      'web\t2013\t0009\t2.000\t"Go" is short\tGo on then\tsource\tmore\n',
    expected: {
      layout: { ...delimited, separator: '\t', quoting: 'none', header: false },
      columns: { premise: '5', hypothesis: '6', score: '4', metadata: [] },
      scoreRange: [0, 5],
      columnNames: ['1', '2', '3', '4', '5', '6', '7', '8'],
    },
  },
  {
    name: 'TSV whose quotes enclose',
    file: 'd.tsv',
    content: 'sentence1\tsentence2\tsplit\n"A ""b"" c"\t"tab\there"\tdev\n"plain"\t"more ""x"""\ttrain\n',
    expected: {
      layout: { ...delimited, separator: '\t' },
      columns: { premise: 'sentence1', hypothesis: 'sentence2', split: 'split', metadata: [] },
      scoreRange: [0, 1],
      columnNames: ['sentence1', 'sentence2', 'split'],
    },
  },
  {
    name: 'pipes without header',
    file: 'e.txt',
    content: 'the cat sat|a cat is sitting|80\nthe sun rose|night fell, dark|5\n',
    expected: {
      layout: { ...delimited, separator: '|', header: false },
      columns: { premise: '1', hypothesis: '2', score: '3', metadata: [] },
      scoreRange: [0, 100],
      columnNames: ['1', '2', '3'],
    },
  },
  {
    name: 'UTF-16 with byte order mark',
    file: 'f.csv',
    content: Buffer.from('\ufeffquestion,answer\r\nWho is “it”?,It is me\r\n', 'utf16le'),
    expected: {
      layout: { ...delimited, encoding: 'utf-16le' },
      columns: { premise: 'question', hypothesis: 'answer', metadata: [] },
      scoreRange: [0, 1],
      columnNames: ['question', 'answer'],
    },
  },
  {
    name: 'JSON Lines with nested fields and keys that only some objects have',
    file: 'g.jsonl',
    content:
      '{"uid":"x1","example":{"premise":"A b","hypothesis":"C d"},"label":-0.5}\n{"uid":"x2","example":{"premise":"E f","hypothesis":"G h"},"label":1,"extra":[1]}\n',
    expected: {
      layout: { format: 'jsonl', encoding: 'utf-8' },
      columns: {
        premise: 'example.premise',
        hypothesis: 'example.hypothesis',
        id: 'uid',
        score: 'label',
        metadata: [],
      },
      scoreRange: [-1, 1],
      columnNames: ['uid', 'example.premise', 'example.hypothesis', 'label', 'extra'],
    },
  },
  {
    name: 'header with unknown names: texts by shape, class labels are no score',
    file: 'h.csv',
    content:
      'alpha,beta,label,when\nOne two three,Four five six,neutral,Mon 10:20:30\nSeven eight nine,Ten and more,entailment,Tue 11:20:30\n',
    expected: {
      layout: delimited,
      columns: { premise: 'alpha', hypothesis: 'beta', label: 'label', metadata: [] },
      scoreRange: [0, 1],
      columnNames: ['alpha', 'beta', 'label', 'when'],
    },
  },
  {
    name: 'two columns of texts alone',
    file: 'i.csv',
    content: 'A man plays a flute.,Somebody makes music.\nIt rained all day.,"Dry, sunny weather."\n',
    expected: {
      layout: { ...delimited, header: false },
      columns: { premise: '1', hypothesis: '2', metadata: [] },
      scoreRange: [0, 1],
      columnNames: ['1', '2'],
    },
  },
]

for (const { name, file, content, expected } of guesses)
  test(`guesses: ${name}`, async () => {
    expect(guessed(await preview(file, content))).toEqual(expected)
  })

const refused: readonly { name: string; file: string; content: string | Buffer; message: RegExp }[] = [
  { name: 'an empty file', file: 'empty.csv', content: '', message: /^empty\.csv is empty\.$/ },
  {
    name: 'a workbook',
    file: 'book.xlsx',
    content: Buffer.from('PK\u0003\u0004rest'),
    message: /Office document.*save the sheet as CSV/,
  },
  {
    name: 'a JSON list',
    file: 'list.json',
    content: '[\n  {"premise": "a"}\n]\n',
    message: /one JSON list of objects\. Gradus reads JSON Lines/,
  },
  {
    name: 'JSON over several lines',
    file: 'one.json',
    content: '{\n  "premise": "a"\n}\n',
    message: /JSON spread over several lines/,
  },
  {
    name: 'binary',
    file: 'noise.bin',
    content: Buffer.from(Array.from({ length: 500 }, (_, index) => (index * 7) % 32)),
    message: /is not a text file/,
  },
  { name: 'NULs only', file: 'zero.csv', content: Buffer.alloc(100), message: /is not a text file/ },
  { name: 'XML', file: 'page.xml', content: '<View><Text/></View>', message: /XML or HTML/ },
  {
    name: 'a broken header',
    file: 'header.csv',
    content: '"premise,hypothesis\na,b\n',
    message: /header of header\.csv, row 1, cannot be read/,
  },
]

for (const { name, file, content, message } of refused)
  test(`refuses with one sentence: ${name}`, async () => {
    const given: Given = name.includes('header') ? { layout: delimited } : {}
    const thrown: unknown = await preview(file, content, given).catch((reason: unknown) => reason)
    expect(thrown).toBeInstanceOf(GradusError)
    expect(thrown).toMatchObject({ code: 'bad-file', message: expect.stringMatching(message) as unknown })
  })

test('a file that is not there, or a folder, is unreadable', async () => {
  const codes = await Promise.all(
    [join(folder, 'nowhere.csv'), folder].map((path) =>
      previewFile(path, 'x', {}).catch((thrown: unknown) => (thrown as GradusError).code),
    ),
  )
  expect(codes).toEqual(['file-unreadable', 'file-unreadable'])
})

test('what is given is kept, and each row shows what is wrong with it', async () => {
  const content = 'a|b|7\n|b|3\nc|d|11\ne|f|x\ng|h|0\n'
  const layout = { ...delimited, separator: '|', header: false } as const
  const columns = { premise: '2', hypothesis: '1', score: '3', metadata: [] }
  const found = await preview('given.txt', content, { layout, columns, scoreRange: { low: 0, high: 10 } })
  expect({ ...found, rows: found.rows.map(({ rowNumber, problem }) => [rowNumber, problem]) }).toEqual({
    fileName: 'given.txt',
    bytes: content.length,
    columnNames: ['1', '2', '3'],
    layout,
    columns,
    scoreRange: { low: 0, high: 10 },
    rows: [
      [1, null],
      [2, 'The field 1 (hypothesis) is empty.'],
      [3, 'The field 3 (score) is 11, outside 0 to 10.'],
      [4, 'The field 3 (score) is not a number: "x".'],
      [5, null],
    ],
  })
})

test('a column of class labels is found by what it says; each row shows a label that is no class', async () => {
  const content =
    'gold_label,sentence1,sentence2,votes\nneutral,A dog runs,An animal moves,5\n-,It rains now,It is wet,3\nMaybe,A b c,D e f,1\n Entailment ,G h,I j,4\nE,K l,M n,4\n'
  const found = await preview('nli.csv', content)
  expect([found.columns, found.rows.map(({ problem }) => problem)]).toEqual([
    { premise: 'sentence1', hypothesis: 'sentence2', label: 'gold_label', metadata: [] },
    [
      null,
      null,
      'The field "gold_label" (label) is "Maybe", which is none of the classes: entailment, neutral, contradiction.',
      null,
      null,
    ],
  ])
  const told = await preview('nli.csv', content, {
    classes: [...defaultClassScores, { name: 'unsure', score: 0.4 }],
    labelMeanings: [{ label: 'maybe', className: 'unsure' }],
  })
  expect(told.rows.map(({ problem }) => problem)).toEqual([null, null, null, null, null])
  // Genres are no labels, nor are class numbers.
  const others = await preview('other.csv', 'class,premise,hypothesis,label\nnews,A b,C d,0\nweb,E f,G h,2\n')
  expect(others.columns.label).toBeUndefined()
})

test('labels are counted over the whole file, in every form', async () => {
  const rows = Array.from(
    { length: 3_000 },
    (_, row) => [row % 3 === 0 ? ' neutral' : 'Entailment', row] as const,
  )
  const csv = [
    'label,premise,hypothesis',
    ...rows.map(([label, row]) => `${label},P ${row},H`),
    'Maybe,P,H',
    ',Q,H',
  ]
  const jsonl = [
    ...rows.map(([label, row]) => JSON.stringify({ label, premise: `P ${row}`, hypothesis: 'H' })),
    '{"label":"Maybe"}',
    'no object',
  ]
  const count = async (name: string, lines: readonly string[], layout: FileLayout, column: string) => {
    const path = join(folder, name)
    writeFileSync(path, `${lines.join('\n')}\n`)
    return countLabels(path, name, layout, column)
  }
  const expected = {
    found: [
      { label: 'Entailment', rows: 2_000 },
      { label: 'neutral', rows: 1_000 },
      { label: 'Maybe', rows: 1 },
    ],
    further: 0,
    rows: 3_002,
    whole: true,
  }
  expect(await count('labels.csv', csv, delimited, 'label')).toEqual(expected)
  expect(await count('numbers.csv', csv.slice(1), { ...delimited, header: false }, '1')).toEqual(expected)
  expect(await count('labels.jsonl', jsonl, { format: 'jsonl', encoding: 'utf-8' }, 'label')).toEqual(
    expected,
  )
  const texts = Array.from({ length: 150 }, (_, row) => `${row},x`)
  expect(await count('texts.csv', texts, { ...delimited, header: false }, '1')).toMatchObject({
    further: 50,
    rows: 150,
  })
})

test('columns that are given decide whether the first row is a header', async () => {
  const content = 'left text,right text\nsome words here,other words there\n'
  const named = await preview('n.csv', content, {
    columns: { premise: 'left text', hypothesis: 'right text', metadata: [] },
  })
  const numbered = await preview('n.csv', content, {
    columns: { premise: '1', hypothesis: '2', metadata: [] },
  })
  expect([named.layout, numbered.layout]).toEqual([delimited, { ...delimited, header: false }])
})

test('at most 50 rows are shown, long cells cut', async () => {
  const found = await preview('long.csv', `premise,hypothesis\n${`${'x'.repeat(5_000)} y,b c\n`.repeat(60)}`)
  expect([found.rows.length, found.rows[0]?.cells[0]?.length]).toEqual([50, 1_001])
})

test('score ranges', () => {
  const range = (...cells: string[]): unknown => {
    const { low, high } = guessScoreRange(undefined, cells)
    return [low, high]
  }
  expect({
    none: range(),
    unit: range('0', '0.25', '1'),
    signed: range('-0.5', '1'),
    likert: range('1', '5', '3'),
    fromZero: range('0', '4.8'),
    seven: range('1', '6'),
    ten: range('0', '9'),
    hundred: range('12', '99.5'),
    odd: range('150', '320.5'),
    constant: range('700', '700'),
    told: [guessScoreRange('score_0_5', ['2', '1'])].map(({ low, high }) => [low, high]),
    toldWrong: [guessScoreRange('score_0_5', ['80'])].map(({ low, high }) => [low, high]),
  }).toEqual({
    none: [0, 1],
    unit: [0, 1],
    signed: [-1, 1],
    likert: [1, 5],
    fromZero: [0, 5],
    seven: [1, 7],
    ten: [0, 10],
    hundred: [0, 100],
    odd: [150, 321],
    constant: [700, 701],
    told: [[0, 5]],
    toldWrong: [[0, 100]],
  })
})

test.skipIf(noData)('STS-B is guessed right', async () => {
  for (const name of ['sts-train.tsv', 'sts-dev.tsv', 'sts-test.tsv']) {
    const found = await previewFile(join(data, 'stsb', name), name, {})
    expect({
      ...found,
      columnNames: null,
      bytes: 0,
      rows: found.rows.filter(({ problem }) => problem !== null),
    }).toEqual({
      fileName: name,
      bytes: 0,
      columnNames: null,
      layout: { ...delimited, separator: '\t', quoting: 'none', header: false },
      columns: { premise: '6', hypothesis: '7', score: '5', metadata: [] },
      scoreRange: { low: 0, high: 5 },
      rows: [],
    })
  }
})

test.skipIf(noData)('files of other tools are read, or refused with one sentence', async () => {
  for (const tool of readdirSync(join(data, 'tool-exports')))
    for (const name of readdirSync(join(data, 'tool-exports', tool))) {
      const found: unknown = await previewFile(join(data, 'tool-exports', tool, name), name, {}).catch(
        (thrown: unknown) => thrown,
      )
      if (found instanceof Error)
        expect(found).toMatchObject({ code: 'bad-file', message: expect.stringContaining(name) as unknown })
      else expect((found as FilePreview).rows.length).toBeGreaterThan(0)
    }
  const batch: unknown = await previewFile(
    join(data, 'tool-exports/mturk/slider-pairs-batch.csv'),
    'slider-pairs-batch.csv',
    {},
  ).catch((thrown: unknown) => thrown)
  expect(batch).toMatchObject({
    code: 'bad-file',
    message: expect.stringContaining('several pairs in each row') as unknown,
  })
})
