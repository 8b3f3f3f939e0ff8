import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, expect, test } from 'vitest'
import type { TokenVectors } from '../onnx/tokenVectors.ts'
import { openEmbeddingCache, type EmbeddingCache } from './embeddingCache.ts'

const root = mkdtempSync(join(tmpdir(), 'gradus-cache-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

let made = 0
const newPath = (): string => join(root, String(made++), 'embeddings.db')
const open = (path: string, digest = 'one'): EmbeddingCache => openEmbeddingCache(path, digest, 2)

/** Token vectors of two numbers each, given by their binary16 bits. */
const tokensOf = (lengths: number[], values: number[]): TokenVectors => ({
  dimension: 2,
  lengths: Int32Array.from(lengths),
  values: Uint16Array.from(values),
})

test('vectors come back in the order asked for, repeated where texts are', async () => {
  const cache = open(newPath())
  cache.put(['a', 'b'], Float32Array.of(1, 2, 0.25, -4))
  expect(await cache.get(['b', 'a', 'b'])).toEqual(Float32Array.of(0.25, -4, 1, 2, 0.25, -4))
  expect(await cache.get([])).toEqual(new Float32Array(0))
  cache.close()
})

test('token vectors come back in the order asked for, repeated where texts are', async () => {
  const cache = open(newPath())
  cache.put(
    ['long', 'short'],
    Float32Array.of(1, 2, 3, 4),
    tokensOf([3, 1], [0x3c00, 0x4000, 1, 0x8000, 0x7bff, 6, 7, 0xfbff]),
  )
  expect(await cache.getTokens(['short', 'long', 'short'])).toEqual(
    tokensOf([1, 3, 1], [7, 0xfbff, 0x3c00, 0x4000, 1, 0x8000, 0x7bff, 6, 7, 0xfbff]),
  )
  expect(await cache.get(['short'])).toEqual(Float32Array.of(3, 4))
  expect(await cache.getTokens([])).toEqual(tokensOf([], []))
  cache.close()
})

test('texts with a vector alone lack token vectors, which come beside it', async () => {
  const cache = open(newPath())
  cache.put(['a'], Float32Array.of(1, 2))
  cache.put(['b'], Float32Array.of(3, 4), tokensOf([1], [5, 6]))
  expect(await cache.missing(['c', 'a', 'b'])).toEqual(['c'])
  expect(await cache.missingTokens(['c', 'a', 'b', 'a'])).toEqual(['c', 'a'])
  await expect(cache.getTokens(['b', 'a'])).rejects.toMatchObject({ code: 'not-found', details: { row: 1 } })

  cache.put(['a', 'b'], Float32Array.of(9, 9, 9, 9), tokensOf([2, 1], [1, 2, 3, 4, 9, 9]))
  expect(await cache.missingTokens(['a', 'b'])).toEqual([])
  expect(await cache.get(['a', 'b'])).toEqual(Float32Array.of(1, 2, 3, 4))
  expect(await cache.getTokens(['a', 'b'])).toEqual(tokensOf([2, 1], [1, 2, 3, 4, 5, 6]))
  cache.close()
})

test('a repeated text is stored once', () => {
  const path = newPath()
  const cache = open(path)
  cache.put(['a', 'a'], Float32Array.of(1, 2, 1, 2), tokensOf([1, 1], [5, 6, 5, 6]))
  cache.put(['a'], Float32Array.of(1, 2), tokensOf([1], [5, 6]))
  cache.close()
  const raw = new Database(path, { readonly: true })
  const counts = ['vector', 'token_vector'].map((table) =>
    raw.prepare<[], number>(`SELECT count(*) FROM ${table}`).pluck().get(),
  )
  raw.close()
  expect(counts).toEqual([1, 1])
})

test('vectors and token vectors are stored together or not at all', async () => {
  const path = newPath()
  const cache = open(path)
  cache.put(['a'], Float32Array.of(1, 2), tokensOf([1], [5, 6]))
  const raw = new Database(path)
  raw.exec(`
    CREATE TRIGGER full BEFORE INSERT ON token_vector WHEN length(NEW.value) > 4
    BEGIN SELECT RAISE(ABORT, 'no room'); END;
  `)
  raw.close()
  expect(() =>
    cache.put(['b', 'c'], Float32Array.of(1, 2, 3, 4), tokensOf([1, 2], [5, 6, 7, 8, 9, 10])),
  ).toThrow('no room')
  expect(await cache.missing(['a', 'b', 'c'])).toEqual(['b', 'c'])
  expect(await cache.missingTokens(['a', 'b', 'c'])).toEqual(['b', 'c'])
  cache.close()
})

test('a cache made before there were token vectors keeps its vectors and takes them in', async () => {
  const path = newPath()
  const old = open(path)
  old.put(['a'], Float32Array.of(1, 2))
  old.close()
  const raw = new Database(path)
  raw.exec('DROP TABLE token_vector')
  expect(raw.pragma('user_version', { simple: true })).toBe(1)
  raw.close()

  const cache = open(path)
  expect(await cache.get(['a'])).toEqual(Float32Array.of(1, 2))
  expect(await cache.missingTokens(['a'])).toEqual(['a'])
  cache.put(['a'], Float32Array.of(1, 2), tokensOf([1], [5, 6]))
  expect(await cache.getTokens(['a'])).toEqual(tokensOf([1], [5, 6]))
  cache.close()
  expect(readdirSync(join(path, '..')).filter((name) => name.includes('.damaged-'))).toEqual([])
})

test('token vectors that are not whole are absent', async () => {
  const path = newPath()
  const cache = open(path)
  cache.put(['a', 'b'], Float32Array.of(1, 2, 3, 4), tokensOf([2, 2], [1, 2, 3, 4, 5, 6, 7, 8]))
  const raw = new Database(path)
  raw.exec(`UPDATE token_vector SET value = substr(value, 1, 6) WHERE rowid = 2`)
  raw.close()
  await expect(cache.getTokens(['a', 'b'])).rejects.toMatchObject({ code: 'not-found', details: { row: 1 } })
  cache.close()
})

test('a vector that is cut short or not finite is of no use', async () => {
  const path = newPath()
  const cache = open(path)
  cache.put(['a', 'b', 'c'], Float32Array.of(1, 2, 3, 4, 5, 6))
  const raw = new Database(path)
  raw.exec(`UPDATE vector SET value = substr(value, 1, 6) WHERE rowid = 2`)
  raw.prepare('UPDATE vector SET value = ? WHERE rowid = 3').run(Buffer.from(Float32Array.of(5, NaN).buffer))
  raw.close()
  expect(await cache.usable(['c', 'a', 'absent', 'b', 'a'])).toEqual(new Set(['a']))
  cache.close()
})

test('missing texts are named once, in order', async () => {
  const cache = open(newPath())
  cache.put(['b'], Float32Array.of(1, 2))
  expect(await cache.missing(['c', 'b', 'a', 'c', 'B'])).toEqual(['c', 'a', 'B'])
  expect([cache.has('b'), cache.has('c')]).toEqual([true, false])
  await expect(cache.get(['b', 'c'])).rejects.toMatchObject({ code: 'not-found', details: { row: 1 } })
  cache.close()
})

test('two connections see what the other writes, and a vector stays as it was first written', async () => {
  const path = newPath()
  const [writer, reader] = [open(path), open(path)]
  writer.put(['a'], Float32Array.of(1, 2))
  expect(await reader.get(['a'])).toEqual(Float32Array.of(1, 2))
  reader.put(['a', 'b'], Float32Array.of(8, 8, 3, 4))
  expect(await writer.get(['a', 'b'])).toEqual(Float32Array.of(1, 2, 3, 4))
  writer.close()
  reader.close()
})

test('each encoder has its own vectors', async () => {
  const path = newPath()
  const [one, two] = [open(path, 'one'), open(path, 'two')]
  one.put(['a'], Float32Array.of(1, 2))
  two.put(['a'], Float32Array.of(3, 4))
  expect([await one.get(['a']), await two.get(['a'])]).toEqual([Float32Array.of(1, 2), Float32Array.of(3, 4)])
  one.close()
  two.close()
})

test('a part of a larger array is stored, not the whole', async () => {
  const cache = open(newPath())
  cache.put(['a'], Float32Array.of(9, 9, 1, 2, 9).subarray(2, 4))
  expect(await cache.get(['a'])).toEqual(Float32Array.of(1, 2))
  cache.close()
})

test('wrong lengths and numbers that are not finite never get in', () => {
  const cache = open(newPath())
  const bad = [
    Float32Array.of(1),
    Float32Array.of(1, 2, 3, 4, 5, 6),
    Float32Array.of(1, 2, NaN, 4),
    Float32Array.of(1, 2, 3, -Infinity),
  ]
  for (const vectors of bad) expect(() => cache.put(['a', 'b'], vectors)).toThrow(RangeError)
  const badTokens = [
    tokensOf([1], [1, 2]),
    tokensOf([1, 2], [1, 2, 3, 4]),
    tokensOf([2, 0], [1, 2, 3, 4]),
    { ...tokensOf([1, 1], [1, 2, 3, 4, 5, 6]), dimension: 3 },
    tokensOf([1, 1], [1, 2, 0x7c00, 4]),
    tokensOf([1, 1], [1, 2, 3, 0xfe00]),
  ]
  for (const tokens of badTokens)
    expect(() => cache.put(['a', 'b'], Float32Array.of(1, 2, 3, 4), tokens)).toThrow(RangeError)
  expect([cache.has('a'), cache.has('b')]).toEqual([false, false])
  cache.close()
})

test('a file that is no cache, or one of another version, is set aside and a new one begun', () => {
  const noDatabase = newPath()
  open(noDatabase).close()
  writeFileSync(noDatabase, 'not a database '.repeat(1000))
  const newer = newPath()
  open(newer).close()
  const raw = new Database(newer)
  raw.pragma('user_version = 99')
  raw.close()

  for (const path of [noDatabase, newer]) {
    const cache = open(path)
    cache.put(['a'], Float32Array.of(1, 2))
    expect(cache.has('a')).toBe(true)
    cache.close()
    expect(readdirSync(join(path, '..')).filter((name) => name.includes('.damaged-'))).toHaveLength(1)
  }
})

test('damage that shows itself later is told once, and the next opening starts anew', async () => {
  const path = newPath()
  const texts = Array.from({ length: 2000 }, (_, index) => `text ${index}`)
  const harm = (): void => {
    const before = open(path)
    const lengths = texts.map(() => 3)
    before.put(
      texts,
      new Float32Array(texts.length * 2),
      tokensOf(lengths, Array<number>(texts.length * 6).fill(0)),
    )
    before.close()
    // The schema and the list of encoders lie in the first pages of 8 KB, the vectors behind them.
    writeFileSync(path, readFileSync(path).fill(0xa5, 8 * 8_192))
  }
  const reads: ((cache: EmbeddingCache) => Promise<unknown>)[] = [
    (cache) => cache.get(texts),
    (cache) => cache.getTokens(texts),
    (cache) => cache.missingTokens(texts),
  ]
  for (const read of reads) {
    harm()
    await expect(read(open(path))).rejects.toMatchObject({
      code: 'file-unreadable',
      details: { path, aside: expect.stringContaining('.damaged-') as string },
    })
    const after = open(path)
    expect(await after.missing(texts)).toEqual(texts)
    expect(await after.missingTokens(texts)).toEqual(texts)
    after.close()
  }
})

test('a folder that cannot be written is named', () => {
  const file = join(root, 'file')
  writeFileSync(file, '')
  expect(() => open(join(file, 'embeddings.db'))).toThrow(
    expect.objectContaining({ code: 'file-unwritable' }) as Error,
  )
})
