import { join } from 'node:path'
import { encoder, encoderDigest } from '../../encoder/catalogue.ts'
import { openEmbeddingCache, type EmbeddingCache } from '../../encoder/embeddingCache.ts'
import { encodeTexts } from '../../encoder/encoder.ts'
import type { EmbeddedPairs, TokenPairs } from '../../learning/trainContract.ts'
import type { PairTexts } from '../../store/repositories/labels.ts'
import type { Folders, ServiceContext } from '../context.ts'

/** The file of the embedding cache; safe to delete. */
export function embeddingCachePath(folders: Pick<Folders, 'cache'>): string {
  return join(folders.cache, 'embeddings.sqlite')
}

/** Where the converted encoder lies. */
function encoderModelFolder(folders: Pick<Folders, 'data'>): string {
  return join(folders.data, 'encoder')
}

/** Opens the embedding cache of this installation; the caller closes it. */
export function openCache(context: Pick<ServiceContext, 'folders'>): EmbeddingCache {
  return openEmbeddingCache(embeddingCachePath(context.folders), encoderDigest, encoder.dimension)
}

/**
 * Sees to it that both texts of every pair have a vector in the cache.
 * @param onShare is told the share done, 0–1.
 * @param options.tokens whether they get token vectors, too: some 20 kB a pair, so not for a whole pool.
 * @returns how many texts were encoded and the seconds it took.
 */
export async function encodePairs(
  context: Pick<ServiceContext, 'folders' | 'pace' | 'startWorker' | 'threads'>,
  pairs: readonly PairTexts[],
  signal: AbortSignal,
  onShare: (share: number) => void,
  options: { readonly tokens?: boolean } = {},
): Promise<{ encoded: number; seconds: number }> {
  return encodeTexts({
    texts: [...new Set(pairs.flatMap(({ premise, hypothesis }) => [premise, hypothesis]))],
    cachePath: embeddingCachePath(context.folders),
    modelFolder: encoderModelFolder(context.folders),
    startWorker: context.startWorker,
    threads: context.threads,
    pace: context.pace,
    signal,
    tokens: options.tokens ?? false,
    onProgress: ({ done, total }) => onShare(total === 0 ? 1 : done / total),
  })
}

/**
 * The cached vectors of both sides, row-major [pairs × dimension], and where asked for the token vectors of their texts.
 * @throws GradusError `not-found` where one is absent.
 */
export async function embedPairs(
  cache: EmbeddingCache,
  pairs: readonly PairTexts[],
  options: { readonly tokens?: boolean } = {},
): Promise<EmbeddedPairs> {
  return {
    dimension: encoder.dimension,
    premise: await cache.get(pairs.map((pair) => pair.premise)),
    hypothesis: await cache.get(pairs.map((pair) => pair.hypothesis)),
    tokens: options.tokens === true ? await embedTokens(cache, pairs) : null,
  }
}

/** The token vectors of the texts of pairs, each text once. */
async function embedTokens(cache: EmbeddingCache, pairs: readonly PairTexts[]): Promise<TokenPairs> {
  const numbers = new Map<string, number>()
  const number = (text: string): number => {
    const known = numbers.get(text) ?? numbers.size
    numbers.set(text, known)
    return known
  }
  const premise = Int32Array.from(pairs, (pair) => number(pair.premise))
  const hypothesis = Int32Array.from(pairs, (pair) => number(pair.hypothesis))
  const { lengths, values } = await cache.getTokens([...numbers.keys()])
  const starts = new Int32Array(lengths.length)
  for (let text = 1; text < lengths.length; text++)
    starts[text] = (starts[text - 1] ?? 0) + (lengths[text - 1] ?? 0)
  return { values, starts, lengths, premise, hypothesis }
}
