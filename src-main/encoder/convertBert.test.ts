import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node'
import { afterAll, describe, expect, test } from 'vitest'
import { floats, tensor, type Tensor } from '../onnx/model.ts'
import { writeModel } from '../onnx/writeModel.ts'
import { encoder } from './catalogue.ts'
import { convertBert } from './convertBert.ts'
import { openModel } from './encodeThread.ts'
import { ensureModelFile } from './modelFile.ts'
import { makeBatches, openTokenizer, padBatch } from './tokenizer.ts'

const folder = mkdtempSync(join(tmpdir(), 'gradus-encoder-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Unit vectors of `texts`, in their order. */
async function encode(texts: readonly string[], batchTokens?: number): Promise<Float32Array[]> {
  const [tokenizer, model] = await Promise.all([
    openTokenizer(),
    ensureModelFile(folder).then((path) => openModel(path, 2)),
  ])
  const tokens = texts.map(tokenizer)
  const vectors: Float32Array[] = []
  for (const batch of makeBatches(tokens, batchTokens)) {
    const { pooled } = await model(batch.rows.length, padBatch(tokens, batch), false)
    batch.rows.forEach((row, index) => {
      vectors[row] = pooled.subarray(index * encoder.dimension, (index + 1) * encoder.dimension)
    })
  }
  return vectors
}

const dot = (left: Float32Array, right: Float32Array): number =>
  left.reduce((sum, value, index) => sum + value * right[index]!, 0)

/** Ranks from 1, ties averaged. */
function ranks(values: readonly number[]): number[] {
  const order = values.map((_, index) => index).sort((left, right) => values[left]! - values[right]!)
  const result: number[] = []
  for (let start = 0; start < order.length;) {
    let end = start
    while (end < order.length && values[order[end]!] === values[order[start]!]) end++
    for (let place = start; place < end; place++) result[order[place]!] = (start + end + 1) / 2
    start = end
  }
  return result
}

function pearson(left: readonly number[], right: readonly number[]): number {
  const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length
  const [leftMean, rightMean] = [mean(left), mean(right)]
  let [both, ofLeft, ofRight] = [0, 0, 0]
  left.forEach((value, index) => {
    const [x, y] = [value - leftMean, right[index]! - rightMean]
    both += x * y
    ofLeft += x * x
    ofRight += y * y
  })
  return both / Math.sqrt(ofLeft * ofRight)
}

describe('the built-in encoder', () => {
  const stsb = '../shared/data/stsb/sts-test.tsv'
  const isThere = existsSync(stsb)
  if (!isThere) console.info(`Skipped: the published score on STS-B, because ${stsb} is not there.`)

  test.skipIf(!isThere)('reaches its published Spearman correlation on the STS-B test set', async () => {
    const rows = readFileSync(stsb, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split('\t'))
    const texts = [...new Set(rows.flatMap((row) => [row[5]!, row[6]!]))]
    const vectors = await encode(texts)
    const vectorOf = new Map(texts.map((text, index) => [text, vectors[index]!]))
    const cosines = rows.map((row) => dot(vectorOf.get(row[5]!)!, vectorOf.get(row[6]!)!))
    const spearman = pearson(ranks(cosines), ranks(rows.map((row) => Number(row[4]))))
    expect({ pairs: rows.length, spearman: spearman >= 0.82 ? 'at least .820' : spearman }).toEqual({
      pairs: 1379,
      spearman: 'at least .820',
    })
  })

  test('gives a text the same unit vector alone and beside longer ones', async () => {
    const texts = [
      'A cat.',
      'A much longer sentence about nothing in particular, with many words. '.repeat(3),
      '',
    ]
    const [alone, together] = [await encode(texts, 1), await encode(texts, 10_000)]
    const distances = alone.map((vector, index) =>
      Math.max(...vector.map((value, place) => Math.abs(value - together[index]![place]!))),
    )
    expect(Math.max(...distances)).toBeLessThan(1e-5)
    for (const vector of alone) expect(dot(vector, vector)).toBeCloseTo(1, 5)
  })
})

/** A BERT small enough to be computed by hand-written loops. */
const small = {
  model_type: 'bert',
  hidden_size: 6,
  num_hidden_layers: 2,
  num_attention_heads: 3,
  intermediate_size: 10,
  vocab_size: 11,
  max_position_embeddings: 8,
  type_vocab_size: 2,
  layer_norm_eps: 1e-12,
  hidden_act: 'gelu',
}

/** Weights that look random and are the same every time. */
function smallWeights(prefix = ''): Map<string, Tensor> {
  let state = 1
  const make = (...dimensions: number[]): Tensor => {
    const count = dimensions.reduce((a, b) => a * b, 1)
    const values = Array.from({ length: count }, () => {
      state = (state * 48271) % 2147483647
      return state / 2147483647 - 0.5
    })
    return floats(values, dimensions)
  }
  const [d, wide] = [small.hidden_size, small.intermediate_size]
  const weights = new Map<string, Tensor>()
  const add = (name: string, ...dimensions: number[]): void =>
    void weights.set(prefix + name, make(...dimensions))
  const layer = (name: string, output: number, input: number): void => {
    add(`${name}.weight`, output, input)
    add(`${name}.bias`, output)
  }
  const norm = (name: string): void => {
    add(`${name}.weight`, d)
    add(`${name}.bias`, d)
  }
  add('embeddings.word_embeddings.weight', small.vocab_size, d)
  add('embeddings.position_embeddings.weight', small.max_position_embeddings, d)
  add('embeddings.token_type_embeddings.weight', small.type_vocab_size, d)
  norm('embeddings.LayerNorm')
  for (let index = 0; index < small.num_hidden_layers; index++) {
    const name = `encoder.layer.${index}`
    for (const part of ['query', 'key', 'value']) layer(`${name}.attention.self.${part}`, d, d)
    layer(`${name}.attention.output.dense`, d, d)
    norm(`${name}.attention.output.LayerNorm`)
    layer(`${name}.intermediate.dense`, wide, d)
    layer(`${name}.output.dense`, d, wide)
    norm(`${name}.output.LayerNorm`)
  }
  return weights
}

/** The last hidden states of one unpadded text, straight from the definition (Devlin et al. 2019). */
function reference(weights: Map<string, Tensor>, ids: number[], segments: number[]): number[][] {
  const w = (name: string): Float32Array => {
    const { bytes } = weights.get(name)!
    return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4)
  }
  const d = small.hidden_size
  const linear = (x: number[], name: string): number[] => {
    const [weight, bias] = [w(`${name}.weight`), w(`${name}.bias`)]
    return Array.from(bias, (b, out) =>
      x.reduce((sum, value, i) => sum + value * weight[out * x.length + i]!, b),
    )
  }
  const norm = (x: number[], name: string): number[] => {
    const mean = x.reduce((a, b) => a + b, 0) / d
    const variance = x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / d
    const [scale, shift] = [w(`${name}.weight`), w(`${name}.bias`)]
    return x.map(
      (value, i) => ((value - mean) / Math.sqrt(variance + small.layer_norm_eps)) * scale[i]! + shift[i]!,
    )
  }
  const add = (x: number[], y: number[]): number[] => x.map((value, i) => value + y[i]!)
  // erf by its power series, which is exact enough for |x| < 3.
  const erf = (x: number): number => {
    let [sum, term] = [x, x]
    for (let n = 1; n < 60; n++) {
      term *= (-x * x) / n
      sum += term / (2 * n + 1)
    }
    return (2 / Math.sqrt(Math.PI)) * sum
  }
  const gelu = (x: number): number => 0.5 * x * (1 + erf(x / Math.SQRT2))
  const row = (name: string, index: number): number[] => [
    ...w(`embeddings.${name}.weight`).subarray(index * d, (index + 1) * d),
  ]
  let x = ids.map((id, position) =>
    norm(
      add(
        add(row('word_embeddings', id), row('token_type_embeddings', segments[position]!)),
        row('position_embeddings', position),
      ),
      'embeddings.LayerNorm',
    ),
  )
  const size = d / small.num_attention_heads
  for (let index = 0; index < small.num_hidden_layers; index++) {
    const name = `encoder.layer.${index}`
    const [q, k, v] = ['query', 'key', 'value'].map((part) =>
      x.map((t) => linear(t, `${name}.attention.self.${part}`)),
    )
    const context = x.map((_, token) =>
      Array.from({ length: small.num_attention_heads }, (__, head) => {
        const slice = (t: number[]): number[] => t.slice(head * size, (head + 1) * size)
        const scores = k!.map((key) =>
          Math.exp(
            slice(q![token]!).reduce((sum, value, i) => sum + value * slice(key)[i]!, 0) / Math.sqrt(size),
          ),
        )
        const total = scores.reduce((a, b) => a + b, 0)
        return Array.from({ length: size }, (___, i) =>
          scores.reduce((sum, score, other) => sum + (score / total) * slice(v![other]!)[i]!, 0),
        )
      }).flat(),
    )
    x = x.map((t, token) => {
      const attended = norm(
        add(linear(context[token]!, `${name}.attention.output.dense`), t),
        `${name}.attention.output.LayerNorm`,
      )
      const inner = linear(attended, `${name}.intermediate.dense`).map(gelu)
      return norm(add(linear(inner, `${name}.output.dense`), attended), `${name}.output.LayerNorm`)
    })
  }
  return x
}

async function run(
  model: Uint8Array,
  ids: number[][],
  mask: number[][],
  segments: number[][],
): Promise<Record<string, number[]>> {
  const session = await InferenceSession.create(model)
  const input = (rows: number[][]): OrtTensor =>
    new OrtTensor('int64', BigInt64Array.from(rows.flat(), BigInt), [rows.length, rows[0]!.length])
  const outputs = await session.run({
    input_ids: input(ids),
    attention_mask: input(mask),
    token_type_ids: input(segments),
  })
  return Object.fromEntries(
    Object.entries(outputs).map(([name, value]) => [name, [...(value.data as Float32Array)]]),
  )
}

describe('a converted model', () => {
  test.each(['', 'bert.'])('computes what the definition says (prefix "%s")', async (prefix) => {
    const model = writeModel(convertBert(smallWeights(prefix), small))
    const outputs = await run(
      model,
      [
        [2, 7, 1, 10, 3],
        [2, 5, 3, 0, 0],
      ],
      [
        [1, 1, 1, 1, 1],
        [1, 1, 1, 0, 0],
      ],
      [
        [0, 0, 0, 1, 1],
        [0, 0, 0, 0, 0],
      ],
    )
    const expected = [
      reference(smallWeights(), [2, 7, 1, 10, 3], [0, 0, 0, 1, 1]),
      reference(smallWeights(), [2, 5, 3], [0, 0, 0]),
    ]
    const d = small.hidden_size
    const seen = outputs['last_hidden_state']!
    const states = [seen.slice(0, 5 * d), seen.slice(5 * d, 8 * d)]
    states.forEach((values, text) =>
      expected[text]!.flat().forEach((value, index) => expect(values[index]).toBeCloseTo(value, 4)),
    )
    const pooled = expected.map((tokens) => {
      const sum = tokens[0]!.map((_, i) => tokens.reduce((total, token) => total + token[i]!, 0))
      return sum.map((value) => value / Math.hypot(...sum))
    })
    pooled
      .flat()
      .forEach((value, index) => expect(outputs['sentence_embedding']![index]).toBeCloseTo(value, 4))
  })

  test('keeps float16 weights as they are stored', () => {
    const half = new Map(
      [...smallWeights()].map(([name, { dimensions, bytes }]) => [
        name,
        tensor('float16', dimensions, new Uint8Array(bytes.byteLength / 2)),
      ]),
    )
    const types = [...convertBert(half, small).graph.initializers]
      .filter(([name]) => name.includes('weight') || name.includes('bias') || name.includes('embeddings'))
      .map(([, { type }]) => type)
    expect(new Set(types)).toEqual(new Set(['float16']))
  })

  test.each([
    ['another architecture', { model_type: 'gpt2' }, /field model_type of its config.json/],
    ['relative positions', { position_embedding_type: 'relative_key' }, /field position_embedding_type/],
    ['an unknown activation', { hidden_act: 'swish' }, /field hidden_act/],
    ['a decoder', { is_decoder: true }, /field is_decoder/],
    ['heads that do not divide', { num_attention_heads: 4 }, /not a multiple of its 4 attention heads/],
    ['more layers than weights', { num_hidden_layers: 3 }, /no tensor encoder\.layer\.2\./],
    ['a vocabulary of another size', { vocab_size: 12 }, /word_embeddings\.weight is \[11, 6\]/],
  ])('%s is refused with its reason', (_, change, reason) => {
    expect(() => convertBert(smallWeights(), { ...small, ...change })).toThrow(reason)
  })
})
