import { setImmediate as yieldToOthers } from 'node:timers/promises'
import { GradusError } from '#shared/contract/errors.ts'
import type { Handlers } from '#shared/rpc/contract.ts'
import type { Port } from '#shared/rpc/port.ts'
import { serve } from '#shared/rpc/server.ts'
import { processGate } from '../jobs/gate.ts'
import { encoderDigest } from './catalogue.ts'
import { openEmbeddingCache } from './embeddingCache.ts'
import { encodeContract } from './encodeContract.ts'
import { ensureModelFile } from './modelFile.ts'
import { startModelThreads, type ModelThreads } from './modelThreads.ts'
import { makeBatches, openTokenizer, padBatch, type TokenIds } from './tokenizer.ts'

const millisecondsBetweenProgress = 100
/** Texts turned into tokens before a cancel is looked for: some milliseconds. */
const textsPerTurn = 200

type Encode = Handlers<typeof encodeContract>['encode']
type Progress = (done: number, total: number) => void

function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw new GradusError('cancelled', 'Cancelled.')
}

/** Lets progress through at its start and end and at most ten times a second between. */
function throttled(emit: Progress): Progress {
  let last = -Infinity
  return (done, total) => {
    const now = performance.now()
    if (done < total && now - last < millisecondsBetweenProgress) return
    last = now
    emit(done, total)
  }
}

async function tokenise(
  texts: readonly string[],
  tokenizer: (text: string) => TokenIds,
  signal: AbortSignal,
): Promise<TokenIds[]> {
  const tokens: TokenIds[] = []
  for (const text of texts) {
    tokens.push(tokenizer(text))
    if (tokens.length % textsPerTurn === 0) {
      await yieldToOthers()
      await processGate.passed()
      throwIfAborted(signal)
    }
  }
  return tokens
}

/** Makes the `encode` handler; tokenizer and model are loaded at the first call and kept for the next ones. */
function createEncode(program: URL, emit: Progress): { encode: Encode; close: () => void } {
  let tokenizer: Promise<(text: string) => TokenIds> | undefined
  let model: { key: string; threads: ModelThreads } | undefined

  const threadsFor = async (modelFolder: string, threads: number): Promise<ModelThreads> => {
    const key = JSON.stringify([modelFolder, threads])
    if (model?.key === key) return model.threads
    const modelPath = await ensureModelFile(modelFolder)
    model?.threads.close()
    model = { key, threads: startModelThreads(program, modelPath, threads) }
    return model.threads
  }

  const encode: Encode = async (input, { signal }) => {
    const started = performance.now()
    const cache = openEmbeddingCache(input.cachePath, encoderDigest)
    try {
      const texts = await (input.tokens ? cache.missingTokens(input.texts) : cache.missing(input.texts))
      const progress = throttled(emit)
      progress(0, texts.length)
      const { lanes } = await threadsFor(input.modelFolder, input.threads)
      tokenizer ??= openTokenizer()
      const tokens = await tokenise(texts, await tokenizer, signal)

      const batches = makeBatches(tokens)
      let next = 0
      let encoded = 0
      let batchesDone = 0
      let failed = false
      const work = lanes.map(async (embed) => {
        for (;;) {
          await processGate.passed()
          if (failed || signal.aborted) return
          const batch = batches[next++]
          if (batch === undefined) return
          try {
            const vectors = await embed(batch.rows.length, padBatch(tokens, batch), input.tokens)
            const batchTexts = batch.rows.flatMap((row) => texts[row] ?? [])
            cache.put(batchTexts, vectors.pooled, vectors.tokens)
            encoded += batchTexts.length
            // Batches take equal times, texts do not: so a time left can be told from it.
            progress(Math.round((++batchesDone / batches.length) * texts.length), texts.length)
          } catch (thrown) {
            failed = true
            throw thrown
          }
        }
      })
      // The cache stays open until every lane has come to rest.
      const ends = await Promise.allSettled(work)
      for (const end of ends) if (end.status === 'rejected') throw end.reason
      throwIfAborted(signal)
      return { encoded, seconds: (performance.now() - started) / 1000 }
    } finally {
      cache.close()
    }
  }
  return { encode, close: () => model?.threads.close() }
}

const hold: Handlers<typeof encodeContract>['hold'] = ({ milliseconds }) => {
  processGate.hold(milliseconds)
  return {}
}

/**
 * Serves the encoder over `port` until that closes.
 * @param program what the encoder's threads run, see `startModelThreads`.
 */
export function serveEncoding(port: Port, program: URL): void {
  const { encode, close } = createEncode(program, (done, total) => served.emit('progress', { done, total }))
  const closing: Port = {
    ...port,
    onClose: (listener) =>
      port.onClose(() => {
        listener()
        close()
      }),
  }
  const served = serve(encodeContract, closing, { encode, hold }, (thrown) => console.error(thrown))
}
