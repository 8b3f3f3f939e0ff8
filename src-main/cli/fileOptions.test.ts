import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { afterAll, expect, test } from 'vitest'
import { previewFile } from '../formats/preview.ts'
import { addFileOptions, decideReading, parseRange, type FileOptions } from './fileOptions.ts'

const folder = mkdtempSync(join(tmpdir(), 'gradus-options-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function parse(...words: string[]): FileOptions {
  const command = addFileOptions(
    new Command('x').exitOverride().configureOutput({ writeErr: () => undefined }),
  )
  return command.parse(words, { from: 'user' }).opts<FileOptions>()
}

function decide(content: string, ...words: string[]): ReturnType<typeof decideReading> {
  const path = join(folder, 'pairs.txt')
  writeFileSync(path, content)
  return decideReading(parse(...words), (given) => previewFile(path, 'pairs.txt', given))
}

const numbered =
  'g\t4.5\tA man plays a guitar.\tA man is playing music.\ng\t0.5\tA dog runs in the snow.\tA cat sleeps all day.\n'
const named = 'text;other;strength\n"A man plays; loudly";A man is heard.;7\nA dog runs.;It is still.;1\n'

test('columns go by number where the file has no header', async () => {
  expect(await decide(numbered, '--columns', 'premise=3,hypothesis=4,score=2')).toEqual({
    layout: {
      format: 'delimited',
      encoding: 'utf-8',
      separator: '\t',
      quoting: expect.any(String) as string,
      header: false,
    },
    columns: { premise: '3', hypothesis: '4', score: '2', metadata: [] },
    scoreRange: { low: 0, high: 5 },
  })
})

test('columns go by name where it has one, and may be given in several pieces', async () => {
  expect(
    await decide(
      named,
      '--columns',
      'premise=text,hypothesis=other',
      '--columns',
      'score=strength,metadata=text',
      '--separator',
      'semicolon',
    ),
  ).toMatchObject({
    layout: { separator: ';', quoting: 'double', header: true },
    columns: { premise: 'text', hypothesis: 'other', score: 'strength', metadata: ['text'] },
  })
})

test('what the user says of the layout stands over the guess', async () => {
  expect(
    await decide(
      numbered,
      '--columns',
      'premise=3,hypothesis=4',
      '--quoting',
      'none',
      '--no-header',
      '--encoding',
      'windows-1252',
    ),
  ).toMatchObject({
    layout: {
      format: 'delimited',
      encoding: 'windows-1252',
      separator: '\t',
      quoting: 'none',
      header: false,
    },
    columns: { premise: '3', hypothesis: '4', metadata: [] },
  })
  expect((await decide('{"a":"x y","b":"z"}\n', '--columns', 'premise=a,hypothesis=b')).layout).toEqual({
    format: 'jsonl',
    encoding: 'utf-8',
  })
})

test.each([
  ['--columns', 'text=1'],
  ['--columns', 'premise'],
  ['--separator', 'x'],
  ['--format', 'xml'],
])('%s %s is refused', (...words) => {
  expect(() => parse(...words)).toThrow()
})

test('a range needs its lower end first', () => {
  expect([parseRange('0..5'), parseRange('-1..1'), parseRange('0.5..2')]).toEqual([
    { low: 0, high: 5 },
    { low: -1, high: 1 },
    { low: 0.5, high: 2 },
  ])
  for (const text of ['5..0', '0..', '..5', '0', '0..1..2', 'a..b']) expect(() => parseRange(text)).toThrow()
})
