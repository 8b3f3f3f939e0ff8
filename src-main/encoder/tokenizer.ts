import { Tokenizer } from '@huggingface/tokenizers'
import { z } from 'zod'
import { encoder, readEncoderFile, type EncoderEntry } from './catalogue.ts'

/** Token numbers of one text, [CLS] first and [SEP] last. */
export type TokenIds = readonly number[]

/** Texts of similar length to be encoded together. */
export interface Batch {
  /** Positions of the texts in what was given to `makeBatches`. */
  readonly rows: readonly number[]
  /** Tokens of the longest of them. */
  readonly length: number
}

/** Row-major [rows × length] inputs of the model; the third, `token_type_ids`, is all zero for single texts. */
export interface BatchInputs {
  readonly ids: BigInt64Array<ArrayBuffer>
  readonly mask: BigInt64Array<ArrayBuffer>
}

/** Characters beyond these are not looked at: 256 tokens end long before, whatever the text. */
const maximumCharacters = 65_536

const tokenizerJson = z.looseObject({})

/**
 * Reads the encoder's tokenizer.
 * @returns a function from a text to its tokens, at most `maximumTokens` of them, unpadded.
 * @throws GradusError `encoder-missing`, `encoder-damaged`
 */
export async function openTokenizer(entry: EncoderEntry = encoder): Promise<(text: string) => TokenIds> {
  const bytes = await readEncoderFile('tokenizer', await entry.locate(), entry)
  const json = tokenizerJson.parse(JSON.parse(new TextDecoder().decode(bytes)))
  // The file has a cut at 128 tokens and padding to 128 baked in.
  const tokenizer = new Tokenizer({ ...json, truncation: null, padding: null }, {})
  return (text) => {
    const { ids } = tokenizer.encode(text.slice(0, maximumCharacters))
    const last = ids.at(-1)
    if (ids.length <= entry.maximumTokens || last === undefined) return ids
    return [...ids.slice(0, entry.maximumTokens - 1), last]
  }
}

/** Padded tokens per batch: more do not fit the processor's caches, fewer leave it idle; chosen by bench/encoder.ts. */
const tokensPerBatch = 512

/**
 * Groups texts by falling length, so that little is padding and memory is most wanted at the start.
 * @param budget padded tokens per batch; a longer text is a batch of its own.
 */
export function makeBatches(texts: readonly TokenIds[], budget: number = tokensPerBatch): Batch[] {
  const lengthOf = (row: number): number => texts[row]?.length ?? 0
  const order = texts.map((_, row) => row).toSorted((left, right) => lengthOf(right) - lengthOf(left))
  const batches: Batch[] = []
  for (let start = 0; start < order.length;) {
    const length = lengthOf(order[start] ?? 0)
    const count = Math.max(1, Math.floor(budget / Math.max(1, length)))
    batches.push({ rows: order.slice(start, start + count), length })
    start += count
  }
  return batches
}

/** The inputs of a batch, padded at the end of each row with zeros, which the mask hides. */
export function padBatch(texts: readonly TokenIds[], { rows, length }: Batch): BatchInputs {
  const ids = new BigInt64Array(rows.length * length)
  const mask = new BigInt64Array(rows.length * length)
  rows.forEach((row, index) =>
    texts[row]?.forEach((id, position) => {
      ids[index * length + position] = BigInt(id)
      mask[index * length + position] = 1n
    }),
  )
  return { ids, mask }
}
