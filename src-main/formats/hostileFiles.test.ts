import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { toErrorShape } from '#shared/contract/errors.ts'
import { headerNames } from './columns.ts'
import { parseJsonObject } from './jsonObject.ts'
import { limits } from './limits.ts'
import { parseScore } from './parseCells.ts'
import { previewFile } from './preview.ts'
import { createTableFiles } from './tableFiles.ts'

// Files made to cost more than they weigh. What is quadratic in them would take hours, and so never end here.

let folder = ''
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'gradus-hostile-'))))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const refusalOf = async (content: string): Promise<unknown> => {
  const path = join(folder, 'hostile.csv')
  writeFileSync(path, content)
  return previewFile(path, 'hostile.csv', {
    layout: { format: 'delimited', encoding: 'utf-8', separator: ',', quoting: 'double', header: true },
  }).catch(toErrorShape)
}

test('a long number that turns out to be none is read once', () => {
  expect(parseScore(`${'1'.repeat(limits.record)}x`)).toBeNull()
})

test('half a million columns get their names, and no header may have as many', async () => {
  const cells = Array.from({ length: 500_000 }, (_, index) => (index % 2 === 0 ? 'a' : ''))
  expect(headerNames(cells).slice(-3)).toEqual(['column 499998', 'a (250000)', 'column 500000'])
  expect(await refusalOf(`${cells.join(',')}\n`)).toEqual({
    code: 'bad-file',
    message:
      'The header of hostile.csv, row 1, names 500,000 columns; at most 1,000 are read. Is the separator right?',
  })
})

test('a column whose name would fill every message is refused', async () => {
  expect(await refusalOf(`premise,${'h'.repeat(201)}\na,b\n`)).toEqual({
    code: 'bad-file',
    message:
      'The header of hostile.csv, row 1, has a name of 201 characters in column 2; at most 200 are read. Is its first row a header?',
  })
})

test('JSON nested without end is no row', () => {
  expect(parseJsonObject(`{"a":${'['.repeat(300_000)}${']'.repeat(300_000)}}`)).toBeNull()
})

test('fields inside one with an endless name are left out', () => {
  const inner = Array.from({ length: 50_000 }, (_, index) => `"${index}":1`).join()
  expect(parseJsonObject(`{"premise":"a","${'k'.repeat(400_000)}":{${inner}}}`)?.values).toEqual(
    new Map([['premise', 'a']]),
  )
})

test('names that every object has of itself are names like others', async () => {
  const fields = parseJsonObject('{"__proto__":{"premise":"a"},"constructor":"b","premise":"c"}')
  expect(fields?.values).toEqual(
    new Map([
      ['__proto__.premise', 'a'],
      ['constructor', 'b'],
      ['premise', 'c'],
    ]),
  )
  const table = await createTableFiles<Record<string, string>>(folder, 'pairs', [], {
    prefix: 'metadata',
    names: ['__proto__', 'constructor'],
    values: (row) => row,
  })
  await table.write([{}, { constructor: 'b' }])
  await table.publish()
  expect(readFileSync(join(folder, 'pairs.csv'), 'utf8')).toBe(
    'metadata.__proto__,metadata.constructor\n,\n,b\n',
  )
})
