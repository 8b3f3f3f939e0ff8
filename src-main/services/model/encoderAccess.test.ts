import { pathToFileURL } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { encoder } from '../../encoder/catalogue.ts'
import { createForkWorker } from '../../jobs/forkWorker.ts'
import { createTestFolders } from '../testing/trainingProject.ts'
import { embedPairs, embedTokens, encodePairs, openCache } from './encoderAccess.ts'

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
    await expect(embedTokens(cache, pairs)).rejects.toMatchObject({ code: 'not-found' })
    const pooled = await embedPairs(cache, pairs)

    const shares: number[] = []
    const { encoded } = await encodePairs(context, pairs, signal, (share) => shares.push(share), {
      tokens: true,
    })
    expect([encoded, shares.at(-1)]).toEqual([2, 1])
    const { premise, hypothesis } = await embedTokens(cache, pairs)
    // [CLS] rain . [SEP], and [CLS] it is raining . [SEP]
    expect([premise.lengths, hypothesis.lengths]).toEqual([Int32Array.of(4, 6), Int32Array.of(6, 4)])
    const split = 4 * encoder.dimension
    const turned = [...premise.values.subarray(split), ...premise.values.subarray(0, split)]
    expect([...hypothesis.values]).toEqual(turned)
    expect(await embedPairs(cache, pairs)).toEqual(pooled)
  } finally {
    cache.close()
  }
})
