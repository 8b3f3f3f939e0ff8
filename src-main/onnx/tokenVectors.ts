import { z } from 'zod'

// `z.instanceof` would refuse, by type alone, views on memory that might be shared.
const int32 = z.custom<Int32Array>((value) => value instanceof Int32Array, 'Not an Int32Array')
const uint16 = z.custom<Uint16Array>((value) => value instanceof Uint16Array, 'Not a Uint16Array')

const fields = z.object({
  dimension: z.number().int().positive(),
  /** Tokens per text, at least 1; [texts]. */
  lengths: int32,
  /** binary16 bits, row-major [sum of lengths × dimension], the texts one after another. */
  values: uint16,
})

/** The encoder's last hidden states of texts on their own: one vector for every token, [CLS] and [SEP] too, no padding. */
export type TokenVectors = z.infer<typeof fields>

/** Tokens of all texts together. */
export function countTokens(lengths: Int32Array): number {
  return lengths.reduce((sum, length) => sum + length, 0)
}

/** True where every text has a token and the values are as many as lengths and dimension say. */
export function areWhole({ dimension, lengths, values }: TokenVectors): boolean {
  return lengths.every((length) => length > 0) && countTokens(lengths) * dimension === values.length
}

export const tokenVectors = fields.refine(areWhole, 'The values do not fill the lengths')
