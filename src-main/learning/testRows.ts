import { fromFloat16, toFloat16 } from '../onnx/float16.ts'
import { createRandom, type Random } from './random.ts'
import type { LabelledPairs } from './trainContract.ts'

/** Pairs of random unit vectors of which the target is a noisy, rising function of the cosine; for tests. */
export function syntheticRows(rows: number, dimension: number, seed: number): LabelledPairs {
  const random = createRandom(seed, 'rows')
  const premise = new Float32Array(rows * dimension)
  const hypothesis = new Float32Array(rows * dimension)
  const target = new Float32Array(rows)
  for (let row = 0; row < rows; row++) {
    const share = random.uniform()
    const own = premise.subarray(row * dimension, (row + 1) * dimension)
    const other = hypothesis.subarray(row * dimension, (row + 1) * dimension)
    for (let index = 0; index < dimension; index++) {
      own[index] = random.uniform() - 0.5
      other[index] = share * (own[index] ?? 0) + (1 - share) * (random.uniform() - 0.5)
    }
    for (const vector of [own, other]) normalise(vector)
    target[row] = Math.min(1, Math.max(0, share + 0.1 * (random.uniform() - 0.5)))
  }
  return {
    dimension,
    premise,
    hypothesis,
    target,
    weight: new Float32Array(rows).fill(1),
    group: Int32Array.from({ length: rows }, (_, row) => Math.floor(row / 2)),
    tokens: null,
    deviation: new Float32Array(rows),
    ratings: new Int32Array(rows).fill(1),
    classes: null,
  }
}

/** Words that texts with token vectors are made of. */
const vocabulary = 24

/**
 * Pairs whose texts, of 2–7 tokens, have token vectors: the target is the share of the hypothesis's tokens that the
 * premise has, the embedding the mean of the token vectors. Two rows share a premise. A third of the rows has one
 * rater, the others two to five, who are further apart the nearer the target is to the middle; every fifth row has no
 * class label, the others one of three by target.
 */
export function syntheticTokenRows(rows: number, dimension: number, seed: number): LabelledPairs {
  // The same words whatever the seed.
  const words = createRandom(1, 'words', dimension)
  const vectors = Array.from({ length: vocabulary }, () =>
    fromFloat16(toFloat16(Float32Array.from({ length: dimension }, () => 2 * words.uniform() - 1))),
  )
  const random = createRandom(seed, 'token rows')
  const texts: number[][] = []
  const add = (text: number[]): number => texts.push(text) - 1
  const premise = new Int32Array(rows)
  const hypothesis = new Int32Array(rows)
  const target = new Float32Array(rows)
  for (let row = 0; row < rows; row++) {
    premise[row] = row % 2 === 0 ? add(drawText(random)) : (premise[row - 1] ?? 0)
    const from = texts[premise[row] ?? 0] ?? []
    const share = random.uniform()
    const text = drawText(random).map((word) =>
      random.uniform() < share ? (from[random.integer(from.length)] ?? 0) : word,
    )
    hypothesis[row] = add(text)
    target[row] = text.filter((word) => from.includes(word)).length / text.length
  }
  const mean = (text: readonly number[] = []): Float32Array => {
    const sum = new Float32Array(dimension)
    for (const word of text)
      vectors[word]?.forEach((value, index) => (sum[index] = (sum[index] ?? 0) + value))
    return normalise(sum)
  }
  const embeddings = (side: Int32Array): Float32Array => {
    const all = new Float32Array(rows * dimension)
    for (const [row, text] of side.entries()) all.set(mean(texts[text]), row * dimension)
    return all
  }
  const values = new Float32Array(texts.flat().length * dimension)
  for (const [place, word] of texts.flat().entries()) values.set(vectors[word] ?? [], place * dimension)
  const lengths = Int32Array.from(texts, (text) => text.length)
  let end = 0
  const starts = lengths.map((length) => (end += length) - length)
  const ratings = Int32Array.from(target, (_, row) => (row % 3 === 0 ? 1 : 2 + (row % 4)))
  return {
    dimension,
    premise: embeddings(premise),
    hypothesis: embeddings(hypothesis),
    tokens: { values: toFloat16(values), starts, lengths, premise, hypothesis },
    target,
    weight: Float32Array.from(target, () => 0.5 + random.uniform()),
    group: Int32Array.from(target, (_, row) => Math.floor(row / 2)),
    deviation: target.map((value, row) =>
      ratings[row] === 1 ? 0 : 0.05 + 0.8 * value * (1 - value) * (0.5 + random.uniform()),
    ),
    ratings,
    classes: Float32Array.from({ length: 3 * rows }, (_, place) => {
      const row = Math.floor(place / 3)
      const label = (target[row] ?? 0) > 0.66 ? 0 : (target[row] ?? 0) > 0.33 ? 1 : 2
      return row % 5 !== 4 && place % 3 === label ? 1 : 0
    }),
  }
}

/** The scores of the three classes of `syntheticTokenRows`. */
export const syntheticClasses = [
  { name: 'entailment', score: 1 },
  { name: 'neutral', score: 0.5 },
  { name: 'contradiction', score: 0 },
]

function drawText(random: Random): number[] {
  return Array.from({ length: 2 + random.integer(6) }, () => random.integer(vocabulary))
}

/** Brings a vector to unit length. */
function normalise(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector)
  vector.forEach((value, index) => (vector[index] = value / length))
  return vector
}
