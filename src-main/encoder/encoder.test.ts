import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { createForkWorker } from '../jobs/forkWorker.ts'
import type { StartWorker, Worker } from '../jobs/worker.ts'
import { encoder, encoderDigest } from './catalogue.ts'
import { openEmbeddingCache } from './embeddingCache.ts'
import { encodeTexts, type EncodeTextsOptions } from './encoder.ts'

const root = mkdtempSync(join(tmpdir(), 'gradus-encode-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const startWorker = createForkWorker(pathToFileURL(`${root}/`))
const never: StartWorker = () => {
  throw new Error('No process was needed')
}
let made = 0
const newOptions = (texts: readonly string[]): EncodeTextsOptions => ({
  texts,
  cachePath: join(root, `${made++}.db`),
  modelFolder: join(root, 'model'),
  startWorker,
  threads: 2,
  signal: new AbortController().signal,
})
const many = Array.from(
  { length: 3000 },
  (_, index) => `Sentence number ${index} of a rather long list of them.`,
)

async function countCached({ cachePath }: EncodeTextsOptions, texts: readonly string[]): Promise<number> {
  const cache = openEmbeddingCache(cachePath, encoderDigest)
  const missing = await cache.missing(texts)
  cache.close()
  return texts.length - missing.length
}

test('texts are encoded once each by a process of its own, which a second time is not started', async () => {
  const progress: number[] = []
  const options = newOptions(['A cat sits.', 'Stocks fell.', 'A cat sits.', 'A cat is sitting.'])
  const first = await encodeTexts({
    ...options,
    onProgress({ done, total }) {
      expect(total).toBe(4)
      progress.push(done)
    },
  })
  const second = await encodeTexts({ ...options, startWorker: never })
  expect([first.encoded, second.encoded]).toEqual([3, 0])
  expect(progress).toEqual(progress.toSorted((left, right) => left - right))
  expect(progress.at(-1)).toBe(4)

  const cache = openEmbeddingCache(options.cachePath, encoderDigest)
  const vectors = await cache.get(options.texts)
  cache.close()
  const cosine = (left: number, right: number): number => {
    const row = (index: number): Float32Array =>
      vectors.subarray(index * encoder.dimension, (index + 1) * encoder.dimension)
    return row(left).reduce((sum, value, index) => sum + value * row(right)[index]!, 0)
  }
  expect(cosine(0, 2)).toBeCloseTo(1, 5)
  expect(cosine(0, 3)).toBeGreaterThan(0.8)
  expect(cosine(0, 1)).toBeLessThan(0.3)
})

test('no texts need no process', async () => {
  expect((await encodeTexts({ ...newOptions([]), startWorker: never })).encoded).toBe(0)
})

test('a cancel ends the process and keeps what is done', async () => {
  const controller = new AbortController()
  const started: Worker[] = []
  const options: EncodeTextsOptions = {
    ...newOptions(many),
    signal: controller.signal,
    startWorker(name) {
      const worker = startWorker(name)
      started.push(worker)
      return worker
    },
    onProgress({ done }) {
      if (done > 0) controller.abort()
    },
  }
  await expect(encodeTexts(options)).rejects.toMatchObject({ code: 'cancelled' })
  await Promise.all(started.map((worker) => worker.exited))
  const cached = await countCached(options, many)
  expect({ started: started.length, some: cached > 0, all: cached === many.length }).toEqual({
    started: 1,
    some: true,
    all: false,
  })
})

test('a killed process is told as such, and the next run does only the rest', async () => {
  const texts = many.slice(0, 300)
  let kill = (): void => undefined
  const options: EncodeTextsOptions = {
    ...newOptions(texts),
    startWorker(name) {
      const worker = startWorker(name)
      kill = () => worker.kill()
      return worker
    },
    onProgress({ done }) {
      if (done > 0) kill()
    },
  }
  await expect(encodeTexts(options)).rejects.toMatchObject({ code: 'worker-died' })
  const cached = await countCached(options, texts)
  expect(cached).toBeGreaterThan(0)
  expect((await encodeTexts({ ...options, onProgress: () => undefined, startWorker })).encoded).toBe(
    texts.length - cached,
  )
})

test('what goes wrong in the process arrives with its code', async () => {
  const options = newOptions(['a'])
  await expect(
    encodeTexts({ ...options, modelFolder: join(options.cachePath, 'model') }),
  ).rejects.toMatchObject({
    code: 'file-unwritable',
  })
})
