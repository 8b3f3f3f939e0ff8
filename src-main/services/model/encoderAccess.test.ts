import { pathToFileURL } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { encoder } from '../../encoder/catalogue.ts'
import { createForkWorker } from '../../jobs/forkWorker.ts'
import { createTestFolders } from '../testing/trainingProject.ts'
import { embedPairs, encodePairs, openCache } from './encoderAccess.ts'

const folders = createTestFolders()
afterAll(() => folders.remove())

const context = { folders, startWorker: createForkWorker(pathToFileURL(`${folders.data}/`)), threads: 2 }
const { signal } = new AbortController()
const pairs = [
  { premise: 'Rain.', hypothesis: 'It is raining.' },
  { premise: 'It is raining.', hypothesis: 'Rain.' },
]

test('pairs get token vectors when they are asked for, each side in the order of the pairs', async () => {
  const ignore = (): void => undefined
  expect((await encodePairs(context, pairs, signal, ignore)).encoded).toBe(2)
  const cache = openCache(context)
  try {
    await expect(embedPairs(cache, pairs, { tokens: true })).rejects.toMatchObject({ code: 'not-found' })
    const pooled = await embedPairs(cache, pairs)

    const shares: number[] = []
    const { encoded } = await encodePairs(context, pairs, signal, (share) => shares.push(share), {
      tokens: true,
    })
    expect([encoded, shares.at(-1)]).toEqual([2, 1])
    const { tokens, ...vectors } = await embedPairs(cache, pairs, { tokens: true })
    // [CLS] rain . [SEP], and [CLS] it is raining . [SEP], each once.
    expect({ ...tokens, values: tokens?.values.length }).toEqual({
      values: 10 * encoder.dimension,
      starts: Int32Array.of(0, 4),
      lengths: Int32Array.of(4, 6),
      premise: Int32Array.of(0, 1),
      hypothesis: Int32Array.of(1, 0),
    })
    expect({ ...vectors, tokens: null }).toEqual(pooled)
    expect(await embedPairs(cache, pairs)).toEqual(pooled)
  } finally {
    cache.close()
  }
})
