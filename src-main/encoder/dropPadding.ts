import { toFloat16 } from '../onnx/float16.ts'
import { countTokens, type TokenVectors } from '../onnx/tokenVectors.ts'

/**
 * The hidden states of a padded batch without those of its padding, as binary16.
 * @param states row-major [rows × length × dimension]
 * @param mask row-major [rows × length]: 1 for a token, then 0 for the padding at the end of a row.
 */
export function dropPadding(states: Float32Array, rows: number, mask: BigInt64Array): TokenVectors {
  const length = mask.length / rows
  const dimension = states.length / mask.length
  const lengths = Int32Array.from({ length: rows }, (_, row) => {
    const padding = mask.subarray(row * length, (row + 1) * length).indexOf(0n)
    return padding === -1 ? length : padding
  })
  const values = new Uint16Array(countTokens(lengths) * dimension)
  let filled = 0
  lengths.forEach((tokens, row) => {
    const start = row * length * dimension
    values.set(toFloat16(states.subarray(start, start + tokens * dimension)), filled)
    filled += tokens * dimension
  })
  return { dimension, lengths, values }
}
