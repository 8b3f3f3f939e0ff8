import { beforeAll, describe, expect, test } from 'vitest'
import { tensor, type Tensor } from '../onnx/model.ts'
import { readSafetensors, writeSafetensors } from '../onnx/safetensors.ts'
import { pooledWidth } from './features/pooled.ts'
import { ensembleMean } from './fit.ts'
import { heads } from './heads/registry.ts'
import { createRandom } from './random.ts'
import { createForward } from './runtime/onnxTrainer.ts'
import { evaluate } from './scoring/evaluate.ts'
import { createScorer } from './scoring/predict.ts'
import { syntheticRows } from './testRows.ts'
import { createListener, trainInput } from './testTrainInput.ts'
import { train } from './train.ts'
import { initialParameters } from './training/initial.ts'
import { readsTokens, readWeights, trainedHeads, writeWeights } from './weights.ts'

describe('weights of all heads', () => {
  let bytes: Uint8Array
  beforeAll(async () => {
    bytes = (await train(trainInput({ maximumEpochs: 2, interactionEpochs: 2 }), createListener())).weights
  })

  test('are read as they were written', () => {
    const read = readWeights(bytes)
    expect(trainedHeads(read)).toEqual(['regression', 'interaction', 'spread', 'abstention', 'nli'])
    expect(writeWeights(read)).toEqual(bytes)
    expect(readWeights(writeWeights(read))).toEqual(read)
    for (const name of trainedHeads(read)) {
      const { size, parameters } = read.heads[name]!
      const wanted = heads[name]
        .parameters(size)
        .map((own) => [own.name, own.shape.reduce((a, b) => a * b, 1)])
      expect([...parameters].map(([key, values]) => [key, values.length])).toEqual(wanted)
    }
    expect([
      read.heads.spread?.size.columns,
      read.heads.abstention?.size.columns,
      read.heads.nli?.size.columns,
    ]).toEqual([1, 2, 3])
    expect(read.classes.map(({ name }) => name)).toEqual(['entailment', 'neutral', 'contradiction'])
  })

  test('token vectors are read where the blend is used and interaction heads weigh in it', () => {
    const read = readWeights(bytes)
    const at = (used: 'blend' | 'ridge', interaction: number): boolean =>
      readsTokens({ ...read, used, blend: { ...read.blend, interaction } })
    expect([at('blend', 0.1), at('blend', 0), at('ridge', 0.1)]).toEqual([true, false, false])
  })

  test('of a program that knew no scores without token vectors are read', () => {
    const { metadata, tensors } = readSafetensors(bytes)
    const { pooled, ...older } = JSON.parse(metadata['description']!) as { pooled: unknown }
    const description = JSON.stringify(older)
    const read = readWeights(bytes)
    expect(pooled).toEqual(read.pooled)
    expect(readWeights(writeSafetensors(tensors, { ...metadata, description }))).toEqual({
      ...read,
      pooled: null,
    })
  })

  const changed = (
    change: (metadata: Record<string, string>, tensors: Map<string, Tensor>) => void,
  ): Uint8Array => {
    const { metadata, tensors } = readSafetensors(bytes)
    change(metadata, tensors)
    return writeSafetensors(tensors, metadata)
  }
  test.each([
    [
      'of a later version',
      'their version 3 is not known',
      () => changed((metadata) => (metadata['version'] = '3')),
    ],
    ['without a version', 'is not known', () => changed((metadata) => delete metadata['version'])],
    ['of another format', 'they do not say so', () => changed((metadata) => (metadata['format'] = 'other'))],
    [
      'with a description that is no JSON',
      'no JSON',
      () => changed((metadata) => (metadata['description'] = '{')),
    ],
    [
      'with a description that lacks something',
      'tolerance',
      () =>
        changed(
          (metadata) =>
            (metadata['description'] = metadata['description']!.replace('"tolerance"', '"other"')),
        ),
    ],
    [
      'without a tensor',
      'no usable tensor interaction.project.weight',
      () => changed((_, tensors) => tensors.delete('interaction.project.weight')),
    ],
    [
      'with a tensor of another shape',
      'no usable tensor ridge.weight',
      () =>
        changed((_, tensors) => tensors.set('ridge.weight', tensor('float32', [2], Float32Array.of(1, 2)))),
    ],
    ['that are no safetensors', 'safetensors', () => new Uint8Array(20)],
  ] as const)('%s are refused', (_, message, make) => {
    expect(() => readWeights(make())).toThrow(
      expect.objectContaining({
        code: 'bad-file',
        message: expect.stringContaining(message) as string,
      }) as Error,
    )
  })
})

const dimension = 4
const size = { members: 3, dimension, hiddenWidth: 5, columns: 1, frozenWidth: 0 }
const random = createRandom(2, 'first version')
const draw = (length: number): Float32Array => Float32Array.from({ length }, () => 2 * random.uniform() - 1)

/** Weights as the first version wrote them: regression heads and ridge. */
function firstVersion(used: 'ensemble' | 'ridge'): {
  bytes: Uint8Array
  parameters: Map<string, Float32Array>
  ridge: { weight: Float32Array; bias: number }
} {
  const width = pooledWidth(dimension)
  const vector = (values: ArrayLike<number>): Tensor =>
    tensor('float32', [values.length], Float32Array.from(values))
  const parameters = initialParameters(heads.regression, size, 5)
  const ridge = { weight: draw(width).map((value) => value / 5), bias: 0.5 }
  const tensors = new Map<string, Tensor>([
    ['features.mean', vector(draw(width))],
    ['features.scale', vector(draw(width).map(Math.abs))],
    ['ridge.weight', vector(ridge.weight)],
    ['ridge.bias', vector([ridge.bias])],
    ['baseline.hypothesis.weight', vector(draw(dimension))],
    ['baseline.hypothesis.bias', vector([0.25])],
    ['baseline.cosine.from', vector([-1, 0, 1])],
    ['baseline.cosine.to', vector([0, 0.25, 1])],
    ['baseline.mean', vector([0.375])],
    ['residual.variance', vector([0.0625])],
  ])
  const shapes = {
    'trunk.weight': [3, 17, 5],
    'trunk.bias': [3, 1, 5],
    'norm.gain': [3, 1, 5],
    'norm.bias': [3, 1, 5],
    'score.weight': [3, 5, 1],
    'score.bias': [3, 1, 1],
  }
  for (const [name, shape] of Object.entries(shapes))
    tensors.set(`regression.${name}`, tensor('float32', shape, parameters.get(name)!))
  const bytes = writeSafetensors(tensors, {
    format: 'gradus-heads',
    version: '1',
    head: 'regression',
    used,
    ridgeLambda: '3',
    dimension: '4',
    members: '3',
    hiddenWidth: '5',
  })
  return { bytes, parameters, ridge }
}

describe('weights of the first version', () => {
  const pairs = syntheticRows(40, dimension, 6)

  test('score as its ensemble did', async () => {
    const { bytes, parameters } = firstVersion('ensemble')
    const weights = readWeights(bytes)
    expect(weights).toMatchObject({
      used: 'blend',
      mean: 0.375,
      residualVariance: 0.0625,
      signal: null,
      ridgeLambda: 3,
    })
    const forward = await createForward(heads.regression, size, { provider: 'cpu', threads: 1 })
    const inputs = { pairs, standardisation: weights.standardisation, frozen: null }
    const predicted = await forward.run('predicted', inputs, parameters)
    await forward.close()
    const mean = ensembleMean(predicted, 3)
    const scorer = await createScorer(bytes, 1)
    const said = await scorer.predict(pairs)
    await scorer.close()
    for (const [row, score] of mean.entries()) {
      expect(said.score[row]).toBeCloseTo(score, 6)
      const members = [0, 1, 2].map((member) => predicted[member * 40 + row]!)
      const variance = members.reduce((sum, own) => sum + (own - score) ** 2, 0) / 2
      expect(said.variance[row]).toBeCloseTo(variance, 6)
      // Its intervals: ±1.96 standard deviations of members and residuals together.
      expect(said.low[row]).toBeCloseTo(Math.max(0, score - 1.96 * Math.sqrt(variance + 0.0625)), 5)
      expect(said.high[row]).toBeCloseTo(Math.min(1, score + 1.96 * Math.sqrt(variance + 0.0625)), 5)
      expect([said.memberLow[row], said.memberHigh[row]]).toEqual([
        expect.closeTo(Math.min(...members), 6),
        expect.closeTo(Math.max(...members), 6),
      ])
    }
    expect([said.spread, said.doubt]).toEqual([null, null])
  })

  test('score as its ridge did', async () => {
    const { bytes, ridge } = firstVersion('ridge')
    const scorer = await createScorer(bytes, 1)
    const said = await scorer.predict(pairs)
    await scorer.close()
    for (let row = 0; row < 40; row++) {
      const side = (values: Float32Array): number[] => [
        ...values.subarray(row * dimension, (row + 1) * dimension),
      ]
      const [u, v] = [side(pairs.premise), side(pairs.hypothesis)]
      const product = u.map((value, index) => value * v[index]!)
      const features = [
        ...u,
        ...v,
        ...u.map((value, index) => Math.abs(value - v[index]!)),
        ...product,
        product.reduce((sum, value) => sum + value, 0),
      ]
      const score = features.reduce((sum, value, index) => sum + value * ridge.weight[index]!, ridge.bias)
      expect(said.score[row]).toBeCloseTo(Math.min(1, Math.max(0, score)), 5)
    }
  })

  test('are judged and written again in the present version', async () => {
    const weights = readWeights(firstVersion('ensemble').bytes)
    expect(readWeights(writeWeights(weights))).toEqual(weights)
    const judged = await evaluate(weights, pairs, 1)
    expect(judged.models.blend).toEqual(judged.models.regression)
    expect([judged.abstention, judged.conformal?.coverage]).toEqual([null, null])
  })
})
