import { setImmediate as yieldToOthers } from 'node:timers/promises'
import type { EmbeddingCache } from '../../encoder/embeddingCache.ts'
import { encoder } from '../../encoder/catalogue.ts'
import { dot } from '../../learning/strategies/distances.ts'
import { pairVectors } from '../../learning/strategies/pairVectors.ts'
import type { ProjectStore } from '../../store/projectStore.ts'
import { embedPairs, openCache } from '../model/encoderAccess.ts'
import type { ServiceContext } from '../context.ts'
import { requireStillOpen } from '../withProject.ts'

/** The most rated pairs that are compared with: 30 MB of vectors. */
export const mostVectors = 20_000
/** Pairs whose texts are looked up before other work gets its turn: some milliseconds. */
const pairsPerTurn = 100
/** Vectors compared likewise. */
const vectorsPerTurn = 4000

/** A pair near another one. */
export interface NearPair {
  readonly pairId: string
  /** Euclidean distance of the pairs' vectors. */
  readonly distance: number
}

/** The nearest rated pairs, nearest first, and how many were compared. */
export interface NearPairs {
  /** Null where the pair's own texts have no vectors yet. */
  readonly near: NearPair[] | null
  readonly compared: number
}

interface Kept {
  /** Row of the pair in `vectors`. */
  readonly rows: Map<string, number>
  /** [capacity × width], grown by doubling. */
  vectors: Float32Array
  /** Rows of pairs whose texts have changed. */
  readonly free: number[]
  /** Pairs whose texts had no vectors when `encodings` was this. */
  readonly missing: Set<string>
  encodings: string
  /** The last decision that changed a text. */
  fixed: string
}

const { dimension } = encoder

/** The vectors of those of the pairs whose texts are both in the cache, and who they are of. */
async function vectorsOf(
  store: ProjectStore,
  cache: EmbeddingCache,
  pairIds: readonly string[],
): Promise<{ ids: string[]; vectors: Float32Array }> {
  const texts = store.labels.texts(pairIds)
  const present = pairIds.flatMap((pairId, index) => {
    const text = texts[index]
    return text !== undefined && cache.has(text.premise) && cache.has(text.hypothesis)
      ? [{ pairId, text }]
      : []
  })
  const embedded = await embedPairs(
    cache,
    present.map(({ text }) => text),
  )
  return { ids: present.map(({ pairId }) => pairId), vectors: pairVectors(embedded) }
}

function put(kept: Kept, pairId: string, vector: Float32Array): void {
  const row = kept.free.pop() ?? kept.rows.size + kept.free.length
  if ((row + 1) * dimension > kept.vectors.length) {
    const larger = new Float32Array(Math.max(256 * dimension, 2 * kept.vectors.length))
    larger.set(kept.vectors)
    kept.vectors = larger
  }
  kept.vectors.set(vector, row * dimension)
  kept.rows.set(pairId, row)
}

/**
 * Keeps the vectors of rated pairs in memory, and finds the nearest of a pair among them. What is rated since is added, and
 * what got another text is looked up anew; in chunks, with other work in between.
 */
export function createRatedVectors(context: Pick<ServiceContext, 'folders'>): {
  /** @param rated ids of the pairs to compare with; of more than are compared the first ones count. */
  nearest(store: ProjectStore, pairId: string, rated: Iterable<string>, count: number): Promise<NearPairs>
} {
  const stores = new WeakMap<ProjectStore, Kept>()
  let queue: Promise<unknown> = Promise.resolve()

  function keptOf(store: ProjectStore): Kept {
    const known = stores.get(store)
    const { pairIds, last } = store.reviewLists.fixedTexts(known?.fixed ?? '')
    const encodings = store.reviewLists.encodingsStamp()
    if (known === undefined) {
      const kept: Kept = {
        rows: new Map(),
        vectors: new Float32Array(0),
        free: [],
        missing: new Set(),
        encodings,
        fixed: last,
      }
      stores.set(store, kept)
      return kept
    }
    for (const pairId of pairIds) {
      const row = known.rows.get(pairId)
      if (row !== undefined) known.free.push(row)
      known.rows.delete(pairId)
      known.missing.delete(pairId)
    }
    known.fixed = last
    // A training encodes what it reads: what had no vectors may have some now.
    if (known.encodings !== encodings) known.missing.clear()
    known.encodings = encodings
    return known
  }

  async function find(
    store: ProjectStore,
    pairId: string,
    rated: Iterable<string>,
    count: number,
  ): Promise<NearPairs> {
    requireStillOpen(store)
    const kept = keptOf(store)
    const wanted: string[] = []
    const unknown: string[] = []
    for (const id of rated) {
      if (wanted.length === mostVectors) break
      wanted.push(id)
      if (!kept.rows.has(id) && !kept.missing.has(id)) unknown.push(id)
    }
    const cache = openCache(context)
    try {
      const own = await vectorsOf(store, cache, [pairId])
      for (let start = 0; start < unknown.length; start += pairsPerTurn) {
        const asked = unknown.slice(start, start + pairsPerTurn)
        const { ids, vectors } = await vectorsOf(store, cache, asked)
        for (const [index, id] of ids.entries())
          put(kept, id, vectors.subarray(index * dimension, (index + 1) * dimension))
        for (const id of asked) if (!kept.rows.has(id)) kept.missing.add(id)
        await yieldToOthers()
        requireStillOpen(store)
      }
      return own.ids.length === 0
        ? { near: null, compared: 0 }
        : await compare(
            kept,
            own.vectors,
            wanted.filter((id) => id !== pairId && kept.rows.has(id)),
            count,
          )
    } finally {
      cache.close()
    }
  }

  return {
    nearest(store, pairId, rated, count) {
      const next = queue.then(() => find(store, pairId, rated, count))
      queue = next.catch(() => undefined)
      return next
    },
  }
}

async function compare(
  kept: Kept,
  own: Float32Array,
  ids: readonly string[],
  count: number,
): Promise<NearPairs> {
  let near: NearPair[] = []
  const length = dot(own, 0, own, 0, dimension)
  for (const [index, pairId] of ids.entries()) {
    const start = (kept.rows.get(pairId) ?? 0) * dimension
    const product = dot(own, 0, kept.vectors, start, dimension)
    const square = length + dot(kept.vectors, start, kept.vectors, start, dimension) - 2 * product
    const distance = Math.sqrt(Math.max(0, square))
    if (near.length < count || distance < (near.at(-1)?.distance ?? Infinity))
      near = [...near, { pairId, distance }]
        .sort((one, other) => one.distance - other.distance)
        .slice(0, count)
    if (index % vectorsPerTurn === vectorsPerTurn - 1) await yieldToOthers()
  }
  return { near, compared: ids.length }
}
