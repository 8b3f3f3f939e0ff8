import { pooledWidth } from '../features/pooled.ts'
import { createRandom } from '../random.ts'
import type { EmbeddedPairs } from '../trainContract.ts'

/** Fixed, so that distances in suggestions mean the same in every project. */
const seed = 1

/**
 * One vector a pair, of the embeddings' own width, in which distances and products are about those of the pooled features
 * `[u; v; |u−v|; u⊙v; cos]`: each feature is added, with a fixed random sign, to a fixed random place (the count sketch of
 * Charikar, Chen & Farach-Colton 2002; feature hashing, Weinberger et al. 2009), so products are right in the mean. A
 * quarter of the room and of the time; replayed on STS-B and Uncertain NLI, core-set chooses as well by it.
 * For a linear model on pooled features these are the gradients of its score, which LCMD asks for.
 * @returns [pairs × dimension].
 */
export function pairVectors({ dimension, premise, hypothesis }: EmbeddedPairs): Float32Array {
  const { place, sign } = sketch(dimension)
  const rows = premise.length / dimension
  const vectors = new Float32Array(rows * dimension)
  for (let row = 0; row < rows; row++) {
    const start = row * dimension
    const add = (feature: number, value: number): void => {
      const into = start + (place[feature] ?? 0)
      vectors[into] = (vectors[into] ?? 0) + (sign[feature] ?? 0) * value
    }
    let cosine = 0
    for (let index = 0; index < dimension; index++) {
      const u = premise[start + index] ?? 0
      const v = hypothesis[start + index] ?? 0
      add(index, u)
      add(dimension + index, v)
      add(2 * dimension + index, Math.abs(u - v))
      add(3 * dimension + index, u * v)
      cosine += u * v
    }
    add(4 * dimension, cosine)
  }
  return vectors
}

/** Where each pooled feature goes, and its sign; the features of one kind go to different places. */
function sketch(dimension: number): { place: Uint32Array; sign: Int8Array } {
  const random = createRandom(seed, 'pair vectors', dimension)
  const width = pooledWidth(dimension)
  const place = new Uint32Array(width)
  for (let start = 0; start < width; start += dimension) {
    const order = random.shuffle(Uint32Array.from({ length: dimension }, (_, index) => index))
    place.set(order.subarray(0, Math.min(dimension, width - start)), start)
  }
  return { place, sign: Int8Array.from({ length: width }, () => (random.integer(2) === 0 ? -1 : 1)) }
}
