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
import { openTokenizer } from './tokenizer.ts'

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

/** How many of the texts have what the options want; what is there is whole. */
async function countCached(
  { cachePath, tokens }: EncodeTextsOptions,
  texts: readonly string[],
): Promise<number> {
  const cache = openEmbeddingCache(cachePath, encoderDigest)
  const missing = await cache.missing(texts)
  if (tokens === true) {
    expect(await cache.missingTokens(texts)).toEqual(missing)
    const lacking = new Set(missing)
    await cache.getTokens(texts.filter((text) => !lacking.has(text)))
  }
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

/** The number that binary16 bits stand for; finite ones alone. */
function fromFloat16(bits: number): number {
  const [exponent, fraction] = [(bits >> 10) & 0x1f, bits & 0x3ff]
  const magnitude = exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25)
  return bits & 0x8000 ? -magnitude : magnitude
}

test('token vectors are those whose mean, at unit length, is the pooled vector', async () => {
  const texts = [
    'Two dogs run along the beach.',
    '',
    'Rain.',
    'naïve unaffable 🙂',
    `A very long text: ${'word '.repeat(400)}`,
  ]
  const options = newOptions(texts)
  // Some have a pooled vector already, and one is asked for twice.
  await encodeTexts({ ...options, texts: texts.slice(0, 2) })
  const { encoded } = await encodeTexts({ ...options, texts: [...texts, 'Rain.'], tokens: true })
  const again = await encodeTexts({ ...options, tokens: true, startWorker: never })
  expect([encoded, again.encoded]).toEqual([5, 0])

  const cache = openEmbeddingCache(options.cachePath, encoderDigest)
  const pooled = await cache.get(texts)
  const { dimension, lengths, values } = await cache.getTokens(texts)
  cache.close()
  const tokenizer = await openTokenizer()
  expect(dimension).toBe(encoder.dimension)
  expect([...lengths]).toEqual(texts.map((text) => tokenizer(text).length))

  let start = 0
  lengths.forEach((length, row) => {
    const sum = Float64Array.from({ length: dimension }, (_, column) =>
      Array.from({ length }, (_, token) => fromFloat16(values[(start + token) * dimension + column]!)).reduce(
        (total, value) => total + value,
        0,
      ),
    )
    const norm = Math.hypot(...sum)
    const differences = sum.map((value, column) => Math.abs(value / norm - pooled[row * dimension + column]!))
    expect(Math.max(...differences)).toBeLessThan(1e-4)
    start += length
  })
})

test('without being asked for, token vectors are not stored', async () => {
  const options = newOptions(['A cat sits.'])
  await encodeTexts(options)
  const cache = openEmbeddingCache(options.cachePath, encoderDigest)
  expect(await cache.missingTokens(options.texts)).toEqual(options.texts)
  cache.close()
})

test('no texts need no process', async () => {
  expect((await encodeTexts({ ...newOptions([]), startWorker: never })).encoded).toBe(0)
})

test.each([false, true])('a cancel ends the process and keeps what is done, tokens %s', async (tokens) => {
  const controller = new AbortController()
  const started: Worker[] = []
  const options: EncodeTextsOptions = {
    ...newOptions(many),
    tokens,
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

test.each([false, true])(
  'a killed process is told, and the next run does only the rest, tokens %s',
  async (tokens) => {
    const texts = many.slice(0, 300)
    let kill = (): void => undefined
    const options: EncodeTextsOptions = {
      ...newOptions(texts),
      tokens,
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
  },
)

test('what goes wrong in the process arrives with its code', async () => {
  const options = newOptions(['a'])
  await expect(
    encodeTexts({ ...options, modelFolder: join(options.cachePath, 'model') }),
  ).rejects.toMatchObject({
    code: 'file-unwritable',
  })
})
