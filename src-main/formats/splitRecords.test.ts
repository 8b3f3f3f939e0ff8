import fc from 'fast-check'
import Papa from 'papaparse'
import { expect, test } from 'vitest'
import type { FileLayout } from '#shared/contract/imports.ts'
import { csvText } from './csvText.ts'
import { limits } from './limits.ts'
import { createRecordSplitter } from './splitRecords.ts'

const csv: FileLayout = {
  format: 'delimited',
  encoding: 'utf-8',
  separator: ',',
  quoting: 'double',
  header: false,
}

/** Rows as `line: fields` or `line! reason`, read in pieces of the given size. */
function split(
  text: string,
  layout: FileLayout = csv,
  piece = text.length,
  lineEnd: '\n' | '\r' = '\n',
): unknown[] {
  const splitter = createRecordSplitter(layout, lineEnd)
  const records = []
  for (let start = 0; start < text.length; start += Math.max(1, piece))
    records.push(...splitter.push(text.slice(start, start + Math.max(1, piece))))
  records.push(...splitter.end())
  return records.map(({ line, fields, problem }) =>
    problem === null ? [line, ...fields] : [line, problem.reason],
  )
}

const cases: readonly { name: string; text: string; rows: unknown[]; lineEnd?: '\r' }[] = [
  { name: 'nothing', text: '', rows: [] },
  {
    name: 'no line end at the end',
    text: 'a,b\nc,d',
    rows: [
      [1, 'a', 'b'],
      [2, 'c', 'd'],
    ],
  },
  {
    name: 'CRLF',
    text: 'a,b\r\n"c","d"\r\n',
    rows: [
      [1, 'a', 'b'],
      [2, 'c', 'd'],
    ],
  },
  {
    name: 'CR alone',
    text: 'a,b\r"c\rx",d\re,f',
    rows: [
      [1, 'a', 'b'],
      [2, 'c\rx', 'd'],
      [4, 'e', 'f'],
    ],
    lineEnd: '\r',
  },
  {
    name: 'blank lines count',
    text: '\na,b\n\n \nc,d\n',
    rows: [
      [2, 'a', 'b'],
      [5, 'c', 'd'],
    ],
  },
  {
    name: 'rows of empty fields stay',
    text: ',\n"",\n',
    rows: [
      [1, '', ''],
      [2, '', ''],
    ],
  },
  {
    name: 'lines inside quotes count',
    text: '"a\nb\r\nc",d\ne,f\n',
    rows: [
      [1, 'a\nb\r\nc', 'd'],
      [4, 'e', 'f'],
    ],
  },
  { name: 'doubled quotes', text: '"say ""hi""",""""\n', rows: [[1, 'say "hi"', '"']] },
  { name: 'quotes inside an open field are text', text: 'a "b" c,5"\n', rows: [[1, 'a "b" c', '5"']] },
  {
    name: 'a field closed too early costs its line',
    text: 'a,b\n"c" x,d\ne,f\n',
    rows: [
      [1, 'a', 'b'],
      [2, 'broken-quote'],
      [3, 'e', 'f'],
    ],
  },
  {
    name: 'a field never closed costs its line, not the rest of the file',
    text: 'a,b\n"c,d\ne,f\ng,h\n',
    rows: [
      [1, 'a', 'b'],
      [2, 'broken-quote'],
      [3, 'e', 'f'],
      [4, 'g', 'h'],
    ],
  },
  {
    name: 'a field closed by the next line’s opening quote costs its own line',
    text: '"c,d\n"e",f\n',
    rows: [
      [1, 'broken-quote'],
      [2, 'e', 'f'],
    ],
  },
  {
    name: 'a quote at the very end',
    text: 'a,b\nc,"',
    rows: [
      [1, 'a', 'b'],
      [2, 'broken-quote'],
    ],
  },
  { name: 'a closed quote at the very end', text: 'a,"b"\r', rows: [[1, 'a', 'b']] },
]

for (const { name, text, rows, lineEnd } of cases)
  test(`splits: ${name}`, () => {
    for (const piece of [text.length, 1, 2, 3, 7])
      expect(split(text, csv, piece, lineEnd ?? '\n')).toEqual(rows)
  })

test('a quoted field over a thousand lines is broken, and reading goes on at the next line', () => {
  const text = `"open\n${'x,y\n'.repeat(limits.quotedLines + 5)}z",1\nlast,row\n`
  const rows = split(text)
  expect([rows.length, rows[0], rows[1], rows.at(-1)]).toEqual([
    limits.quotedLines + 8,
    [1, 'broken-quote'],
    [2, 'x', 'y'],
    [limits.quotedLines + 8, 'last', 'row'],
  ])
})

test('a line longer than a row may be is refused and skipped up to its end, whatever the pieces', () => {
  const text = `a,b\n${'x'.repeat(3 * limits.record)}\nc,d\n`
  for (const piece of [text.length, 100_000])
    expect(split(text, csv, piece)).toEqual([
      [1, 'a', 'b'],
      [2, 'text-too-long'],
      [3, 'c', 'd'],
    ])
})

test('a row that quotes hold together without end is refused, whatever the pieces', () => {
  const text = `"a\nb",${'x'.repeat(3 * limits.record)}\nc,d\n`
  const lines = limits.quotedLines + 2
  const held = `a\n${'a","b\n'.repeat(lines)}c,d\n`
  for (const piece of [text.length, 100_000]) {
    expect(split(text, csv, piece)).toEqual([
      [1, 'text-too-long'],
      [2, 'text-too-long'],
      [3, 'c', 'd'],
    ])
    expect(split(held, csv, piece)).toEqual([
      [1, 'a'],
      ...Array.from({ length: lines }, (_, index) => [index + 2, 'broken-quote']),
      [lines + 2, 'c', 'd'],
    ])
  }
})

test('without quoting, quotation marks are text', () => {
  const layout: FileLayout = { ...csv, separator: '\t', quoting: 'none' }
  expect(split('"a\tb"\n"c" d\te\n', layout)).toEqual([
    [1, '"a', 'b"'],
    [2, '"c" d', 'e'],
  ])
})

test('JSON Lines are physical lines', () => {
  expect(split('{"a":"x,\\"y"}\r\n\n[1]\n', { format: 'jsonl', encoding: 'utf-8' })).toEqual([
    [1, '{"a":"x,\\"y"}'],
    [3, '[1]'],
  ])
})

const field = fc.string({
  unit: fc.constantFrom('a', ' ', '"', ',', '\n', '\r\n', ';', '\t', 'é', '=', '😀'),
  maxLength: 8,
})
const table = fc
  .integer({ min: 2, max: 4 })
  .chain((width) =>
    fc.array(fc.array(field, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 12 }),
  )

test('what we write comes back the same, in any pieces, and papaparse reads it so, too', () => {
  fc.assert(
    fc.property(table, fc.integer({ min: 1, max: 50 }), (rows, piece) => {
      const text = csvText(rows)
      const read = split(text, csv, piece).map((row) => (row as unknown[]).slice(1))
      expect(read).toEqual(rows)
      expect(Papa.parse(text, { newline: '\n', delimiter: ',' }).data.slice(0, -1)).toEqual(rows)
    }),
    { numRuns: 300 },
  )
})

test('arbitrary bytes never stop the reading, and good rows after them are found', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', '\0'), maxLength: 60 }),
      fc.integer({ min: 1, max: 9 }),
      (noise, piece) => {
        // An open quotation mark in the noise may reach over one good row, not over two.
        const rows = split(`${noise}\nplain,row\nlast,row`, csv, piece)
        expect(rows.at(-1)).toEqual([expect.any(Number), 'last', 'row'])
        expect(rows).toEqual(split(`${noise}\nplain,row\nlast,row`))
      },
    ),
    { numRuns: 500 },
  )
})
