import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, expect, test } from 'vitest'
import { openEmbeddingCache, type EmbeddingCache } from './embeddingCache.ts'

const root = mkdtempSync(join(tmpdir(), 'gradus-cache-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

let made = 0
const newPath = (): string => join(root, String(made++), 'embeddings.db')
const open = (path: string, digest = 'one'): EmbeddingCache => openEmbeddingCache(path, digest, 2)

test('vectors come back in the order asked for, repeated where texts are', async () => {
  const cache = open(newPath())
  cache.put(['a', 'b'], Float32Array.of(1, 2, 0.25, -4))
  expect(await cache.get(['b', 'a', 'b'])).toEqual(Float32Array.of(0.25, -4, 1, 2, 0.25, -4))
  expect(await cache.get([])).toEqual(new Float32Array(0))
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
  const before = open(path)
  before.put(texts, new Float32Array(texts.length * 2))
  before.close()
  // The schema and the list of encoders lie in the first pages of 8 KB, the vectors behind them.
  writeFileSync(path, readFileSync(path).fill(0xa5, 6 * 8_192))

  const damaged = open(path)
  await expect(damaged.get(texts)).rejects.toMatchObject({
    code: 'file-unreadable',
    details: { path, aside: expect.stringContaining('.damaged-') as string },
  })
  const after = open(path)
  expect(await after.missing(texts)).toEqual(texts)
  after.close()
})

test('a folder that cannot be written is named', () => {
  const file = join(root, 'file')
  writeFileSync(file, '')
  expect(() => open(join(file, 'embeddings.db'))).toThrow(
    expect.objectContaining({ code: 'file-unwritable' }) as Error,
  )
})
