import { GradusError } from '#shared/contract/errors.ts'
import { atPace, type Pace } from '../jobs/pace.ts'
import { runInWorker } from '../jobs/runInWorker.ts'
import type { StartWorker } from '../jobs/worker.ts'
import { encoderDigest } from './catalogue.ts'
import { openEmbeddingCache } from './embeddingCache.ts'
import { encodeContract } from './encodeContract.ts'

export interface EncodeTextsOptions {
  readonly texts: readonly string[]
  /** The embedding cache that is filled. */
  readonly cachePath: string
  /** Where the converted model lies, or is put at first use. */
  readonly modelFolder: string
  readonly startWorker: StartWorker
  /** Processors to use, at least 1. */
  readonly threads: number
  readonly signal: AbortSignal
  /** When the encoding process is to wait; without one it never does. */
  readonly pace?: Pace | undefined
  /** Whether token vectors are wanted, too; texts that have only a pooled vector are encoded again then. */
  readonly tokens?: boolean
  /** Called at most about ten times a second with how many of the given texts have what is wanted. */
  readonly onProgress?: (progress: { done: number; total: number }) => void
}

/** Texts looked up and sent at once: bounds memory, and is enough to group texts by length. */
const textsPerCall = 4096

/**
 * Sees to it that every text has what is wanted in the cache. The encoding process is started only where one is missing and
 * is ended before this returns; vectors made before a cancel or a crash are kept.
 * @returns how many texts were encoded, and the seconds from first lookup to last vector.
 * @throws GradusError `cancelled`, `worker-died`, `encoder-missing`, `encoder-damaged`, `disk-full`, `file-unwritable`,
 *   `file-unreadable`.
 */
export async function encodeTexts(
  options: EncodeTextsOptions,
): Promise<{ encoded: number; seconds: number }> {
  const { texts, cachePath, modelFolder, threads, signal, tokens = false, onProgress } = options
  const started = performance.now()
  const cache = openEmbeddingCache(cachePath, encoderDigest)
  const total = texts.length
  let encoded = 0

  /** The next chunk with texts that lack something. */
  const nextMissing = async (start: number): Promise<{ missing: string[]; start: number; end: number }> => {
    for (let from = start; ; from += textsPerCall) {
      if (signal.aborted) throw new GradusError('cancelled', 'Cancelled.')
      const end = Math.min(total, from + textsPerCall)
      const chunkTexts = texts.slice(from, end)
      const missing = await (tokens ? cache.missingTokens(chunkTexts) : cache.missing(chunkTexts))
      if (missing.length > 0 || end === total) return { missing, start: from, end }
      onProgress?.({ done: end, total })
    }
  }

  try {
    let chunk = await nextMissing(0)
    if (chunk.missing.length > 0)
      await runInWorker(
        {
          startWorker: options.startWorker,
          name: 'encode',
          title: 'encoding',
          contract: encodeContract,
          signal,
        },
        (client) =>
          atPace(
            options.pace,
            signal,
            (milliseconds) => client.call('hold', { milliseconds }),
            async () => {
              client.on('progress', ({ done, total: wanted }) => {
                const size = chunk.end - chunk.start
                const share = wanted === 0 ? 1 : done / wanted
                // Repeated texts and known ones count as they are passed.
                const known = size - chunk.missing.length
                onProgress?.({ done: chunk.start + known + Math.round(share * chunk.missing.length), total })
              })
              while (chunk.missing.length > 0) {
                const request = { texts: chunk.missing, cachePath, modelFolder, threads, tokens }
                encoded += (await client.call('encode', request, { signal })).encoded
                if (chunk.end === total) break
                chunk = await nextMissing(chunk.end)
              }
            },
          ),
      )
    onProgress?.({ done: total, total })
    return { encoded, seconds: (performance.now() - started) / 1000 }
  } finally {
    cache.close()
  }
}
