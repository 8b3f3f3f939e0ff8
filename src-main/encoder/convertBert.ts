import { z } from 'zod'
import { GradusError } from '#shared/contract/errors.ts'
import { createGraphBuilder, type GraphBuilder } from '../onnx/graphBuilder.ts'
import { integers, tensor, type Model, type Tensor } from '../onnx/model.ts'

/** Raised whenever the graph made from the same weights changes, so that models and embeddings made before are not reused. */
export const converterVersion = 1

const positive = z.number().int().positive()

/** The fields of config.json that decide what is computed (Devlin et al. 2019 and the `transformers` BertConfig). */
const bertConfig = z.object({
  model_type: z.literal('bert'),
  hidden_size: positive,
  num_hidden_layers: positive,
  num_attention_heads: positive,
  intermediate_size: positive,
  vocab_size: positive,
  max_position_embeddings: positive,
  type_vocab_size: positive,
  layer_norm_eps: z.number().positive(),
  hidden_act: z.enum(['gelu', 'gelu_new', 'gelu_pytorch_tanh', 'relu']),
  position_embedding_type: z.literal('absolute').default('absolute'),
  is_decoder: z.literal(false).default(false),
  add_cross_attention: z.literal(false).default(false),
})
type BertConfig = z.infer<typeof bertConfig>

const refuse = (reason: string): GradusError =>
  new GradusError('bad-file', `This encoder cannot be converted: ${reason}.`)

function parseConfig(value: unknown): BertConfig {
  const parsed = bertConfig.safeParse(value)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw refuse(
      `the field ${issue?.path.join('.') ?? ''} of its config.json is not one of a supported BERT model (${issue?.message ?? ''})`,
    )
  }
  const config = parsed.data
  if (config.hidden_size % config.num_attention_heads !== 0)
    throw refuse(
      `its hidden size ${config.hidden_size} is not a multiple of its ${config.num_attention_heads} attention heads`,
    )
  return config
}

/** Looks a weight up by its `transformers` name, with or without the `bert.` prefix, and checks type and shape. */
function weightReader(
  weights: ReadonlyMap<string, Tensor>,
): (name: string, dimensions: readonly number[]) => Tensor {
  const prefix = weights.has('bert.embeddings.word_embeddings.weight') ? 'bert.' : ''
  return (name, dimensions) => {
    const found = weights.get(prefix + name)
    if (found === undefined) throw refuse(`the weights have no tensor ${prefix}${name}`)
    if (found.dimensions.join() !== dimensions.join())
      throw refuse(
        `tensor ${prefix}${name} is [${found.dimensions.join(', ')}], its config.json asks for [${dimensions.join(', ')}]`,
      )
    if (found.type !== 'float16' && found.type !== 'float32')
      throw refuse(`tensor ${prefix}${name} is of type ${found.type}, not float16 or float32`)
    return found
  }
}

/** Joins tensors of one type along their first dimension. */
function stack(parts: readonly [Tensor, ...Tensor[]]): Tensor {
  const [first] = parts
  if (parts.some((part) => part.type !== first.type))
    throw refuse('its weights mix number types in one layer')
  const bytes = new Uint8Array(Buffer.concat(parts.map((part) => part.bytes)))
  const rows = parts.reduce((sum, part) => sum + (part.dimensions[0] ?? 0), 0)
  return tensor(first.type, [rows, ...first.dimensions.slice(1)], bytes)
}

interface Parts {
  readonly builder: GraphBuilder
  readonly config: BertConfig
  readonly weight: (name: string, dimensions: readonly number[]) => Tensor
  /** Stores a tensor as it is and returns it as float32, cast at load where it is stored as float16. */
  readonly constant: (value: Tensor, name: string) => string
}

/** x [tokens, in] → x·Wᵀ + b [tokens, out], for W as safetensors keeps it, [out, in]. */
function linear(parts: Parts, x: string, weight: Tensor, bias: Tensor, name: string): string {
  return parts.builder.node(
    'Gemm',
    [x, parts.constant(weight, `${name}.weight`), parts.constant(bias, `${name}.bias`)],
    { transB: 1 },
  )
}

function namedLinear(parts: Parts, x: string, name: string, input: number, output: number): string {
  return linear(
    parts,
    x,
    parts.weight(`${name}.weight`, [output, input]),
    parts.weight(`${name}.bias`, [output]),
    name,
  )
}

function layerNormalisation(parts: Parts, x: string, name: string): string {
  const { builder, config, weight, constant } = parts
  const scale = constant(weight(`${name}.weight`, [config.hidden_size]), `${name}.weight`)
  const shift = constant(weight(`${name}.bias`, [config.hidden_size]), `${name}.bias`)
  return builder.node('LayerNormalization', [x, scale, shift], {
    axis: -1,
    epsilon: { kind: 'float', value: config.layer_norm_eps },
  })
}

function activation({ builder, config }: Parts, x: string): string {
  if (config.hidden_act === 'relu') return builder.node('Relu', [x])
  return builder.node('Gelu', [x], { approximate: config.hidden_act === 'gelu' ? 'none' : 'tanh' })
}

interface Shapes {
  /** int64 vector [batch, length]. */
  readonly batchLength: string
  /** float32 [batch, 1, 1, length]: 0 for a token, a large negative number for padding. */
  readonly additiveMask: string
}

/** Multi-head self-attention over x [tokens, hidden], before its output projection (Vaswani et al. 2017). */
function attention(parts: Parts, x: string, { batchLength, additiveMask }: Shapes, layer: string): string {
  const { builder, config, weight } = parts
  const hidden = config.hidden_size
  const heads = config.num_attention_heads
  const size = hidden / heads
  const self = `${layer}.attention.self`
  // One wide product instead of three narrow ones.
  const joint = linear(
    parts,
    x,
    stack([
      weight(`${self}.query.weight`, [hidden, hidden]),
      weight(`${self}.key.weight`, [hidden, hidden]),
      weight(`${self}.value.weight`, [hidden, hidden]),
    ]),
    stack([
      weight(`${self}.query.bias`, [hidden]),
      weight(`${self}.key.bias`, [hidden]),
      weight(`${self}.value.bias`, [hidden]),
    ]),
    `${self}.joint`,
  )
  const parted = builder.node('Reshape', [
    joint,
    builder.node('Concat', [batchLength, builder.integers([3, heads, size])], { axis: 0 }),
  ])
  const arranged = builder.node('Transpose', [parted], { perm: [2, 0, 3, 1, 4] })
  const pick = (index: number): string =>
    builder.node('Gather', [arranged, builder.initializer(integers([index], []))], { axis: 0 })
  const scores = builder.node('MatMul', [
    pick(0),
    builder.node('Transpose', [pick(1)], { perm: [0, 1, 3, 2] }),
  ])
  const masked = builder.node('Add', [
    builder.node('Mul', [scores, builder.scalar(1 / Math.sqrt(size))]),
    additiveMask,
  ])
  const context = builder.node('MatMul', [builder.node('Softmax', [masked], { axis: -1 }), pick(2)])
  const merged = builder.node('Transpose', [context], { perm: [0, 2, 1, 3] })
  return builder.node('Reshape', [merged, builder.integers([-1, hidden])])
}

function encoderLayer(parts: Parts, x: string, shapes: Shapes, layer: string): string {
  const { builder, config } = parts
  const { hidden_size: hidden, intermediate_size: wide } = config
  const attended = namedLinear(
    parts,
    attention(parts, x, shapes, layer),
    `${layer}.attention.output.dense`,
    hidden,
    hidden,
  )
  const first = layerNormalisation(
    parts,
    builder.node('Add', [attended, x]),
    `${layer}.attention.output.LayerNorm`,
  )
  const inner = activation(parts, namedLinear(parts, first, `${layer}.intermediate.dense`, hidden, wide))
  const outer = namedLinear(parts, inner, `${layer}.output.dense`, wide, hidden)
  return layerNormalisation(parts, builder.node('Add', [outer, first]), `${layer}.output.LayerNorm`)
}

/** Sum of word, position and segment embeddings, normalised; [tokens, hidden]. */
function embeddings(parts: Parts, ids: string, segments: string, batchLength: string): string {
  const { builder, config, weight } = parts
  const hidden = config.hidden_size
  const rows = (table: string, count: number, indices: string): string => {
    const value = weight(`embeddings.${table}.weight`, [count, hidden])
    // Looked up before the cast: the big table then stays as it is stored.
    const found = builder.node('Gather', [builder.initializer(value, table), indices], { axis: 0 })
    return value.type === 'float16' ? builder.node('Cast', [found], { to: 1 }) : found
  }
  const length = builder.node('Gather', [batchLength, builder.initializer(integers([1], []))], { axis: 0 })
  const positions = builder.node('Range', [
    builder.initializer(integers([0], [])),
    length,
    builder.initializer(integers([1], [])),
  ])
  const sum = builder.node('Add', [
    builder.node('Add', [
      rows('word_embeddings', config.vocab_size, ids),
      rows('token_type_embeddings', config.type_vocab_size, segments),
    ]),
    rows('position_embeddings', config.max_position_embeddings, positions),
  ])
  const flat = builder.node('Reshape', [sum, builder.integers([-1, hidden])])
  return layerNormalisation(parts, flat, 'embeddings.LayerNorm')
}

/** Mean over the tokens that are not padding, then unit length (Reimers & Gurevych 2019); [batch, hidden]. */
function sentenceEmbedding(builder: GraphBuilder, states: string, mask: string): string {
  const row = builder.node('Unsqueeze', [mask, builder.integers([1])])
  const sum = builder.node('Squeeze', [builder.node('MatMul', [row, states]), builder.integers([1])])
  // The mean's divisor cancels in the normalisation to unit length.
  return builder.node('LpNormalization', [sum], { axis: -1, p: 2 }, 'sentence_embedding')
}

/**
 * Turns the weights of a BERT encoder into an ONNX model.
 * Inputs, int64 [batch, length]: `input_ids`, `attention_mask` (1 token, 0 padding), `token_type_ids`.
 * Outputs, float32: `last_hidden_state` [batch, length, hidden]; `sentence_embedding` [batch, hidden], mean-pooled, unit length.
 * @param weights by their `transformers` names, linear weights as [out, in]; float16 is kept and cast at load.
 * @param config the parsed config.json.
 * @throws GradusError `bad-file` where the architecture is not supported or a weight is missing.
 */
export function convertBert(weights: ReadonlyMap<string, Tensor>, config: unknown): Model {
  const parsed = parseConfig(config)
  const builder = createGraphBuilder('bert')
  const parts: Parts = {
    builder,
    config: parsed,
    weight: weightReader(weights),
    constant(value, name) {
      const stored = builder.initializer(value, name)
      return value.type === 'float16' ? builder.node('Cast', [stored], { to: 1 }) : stored
    },
  }
  const ids = builder.input('input_ids', 'int64', ['batch', 'length'])
  const attentionMask = builder.input('attention_mask', 'int64', ['batch', 'length'])
  const segments = builder.input('token_type_ids', 'int64', ['batch', 'length'])

  const batchLength = builder.node('Shape', [ids])
  const mask = builder.node('Cast', [attentionMask], { to: 1 })
  const padding = builder.node('Mul', [
    builder.node('Sub', [builder.scalar(1), mask]),
    builder.scalar(-10_000),
  ])
  const shapes: Shapes = {
    batchLength,
    additiveMask: builder.node('Unsqueeze', [padding, builder.integers([1, 2])]),
  }

  let x = embeddings(parts, ids, segments, batchLength)
  for (let layer = 0; layer < parsed.num_hidden_layers; layer++)
    x = encoderLayer(parts, x, shapes, `encoder.layer.${layer}`)

  const states = builder.node(
    'Reshape',
    [x, builder.node('Concat', [batchLength, builder.integers([parsed.hidden_size])], { axis: 0 })],
    {},
    'last_hidden_state',
  )
  builder.output(states, 'float32', ['batch', 'length', parsed.hidden_size])
  builder.output(sentenceEmbedding(builder, states, mask), 'float32', ['batch', parsed.hidden_size])
  return {
    graph: builder.build(),
    operatorSet: 20,
    producer: 'gradus',
    notes: { converter: String(converterVersion) },
  }
}
