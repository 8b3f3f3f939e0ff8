import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createForkWorker } from '../../src-main/jobs/forkWorker.ts'
import type { LabelledPairs } from '../../src-main/learning/trainContract.ts'
import { builtEntries } from '../../src-main/programRoot.ts'
import { embedPairs, encodePairs, openCache } from '../../src-main/services/model/encoderAccess.ts'
import { openFolders } from '../../src-main/services/projects/folders.ts'
import { groupsOf, type DataPair } from '../support/dataSets.ts'

/** Processors that encoding and training may use. */
export const threads = availableParallelism()

/**
 * The pairs as training takes them, with token vectors: one label a pair, all weighing the same. Vectors are kept in
 * the system's temporary folder, so that the next run does not encode again.
 */
export async function label(pairs: readonly DataPair[]): Promise<LabelledPairs> {
  const folders = openFolders(join(tmpdir(), 'gradus-bench-learning'))
  const context = { folders, startWorker: createForkWorker(builtEntries), threads }
  const { encoded, seconds } = await encodePairs(
    context,
    pairs,
    new AbortController().signal,
    () => undefined,
    { tokens: true },
  )
  if (encoded > 0) console.log(`${encoded} texts encoded in ${seconds.toFixed(0)} s`)
  const cache = openCache(context)
  try {
    return {
      ...(await embedPairs(cache, pairs, { tokens: true })),
      target: Float32Array.from(pairs, ({ target }) => target),
      weight: new Float32Array(pairs.length).fill(1),
      group: groupsOf(pairs),
      deviation: new Float32Array(pairs.length),
      ratings: new Int32Array(pairs.length).fill(1),
      classes: null,
    }
  } finally {
    cache.close()
  }
}
