import { decode, encode, ExtensionCodec } from '@msgpack/msgpack'

/** Typed arrays that cross a byte stream as they are, with their MessagePack extension types; Uint8Array is built in. */
const typedArrays = [
  { type: 1, make: Float32Array },
  { type: 2, make: Float64Array },
  { type: 3, make: Int32Array },
  { type: 4, make: Uint16Array },
] as const

const extensionCodec = new ExtensionCodec()
for (const { type, make } of typedArrays)
  extensionCodec.register({
    type,
    encode: (value) =>
      value instanceof make ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength) : null,
    decode(bytes) {
      if (bytes.byteLength % make.BYTES_PER_ELEMENT !== 0)
        throw new RangeError(`${bytes.byteLength} bytes are no whole ${make.name}`)
      // A copy, because the bytes may lie at any offset and a typed array must be aligned.
      return new make(bytes.slice().buffer)
    },
  })

/**
 * Turns a frame into bytes for a transport that carries nothing else. Float32Array, Float64Array, Int32Array,
 * Uint16Array and Uint8Array stay what they are; keys whose value is undefined are left out.
 * @throws Error for a bigint, a function or a symbol, and for nesting deeper than 100.
 */
export function encodeMessage(message: unknown): Uint8Array<ArrayBuffer> {
  return encode(message, { extensionCodec, ignoreUndefined: true })
}

/**
 * The inverse of encodeMessage.
 * @throws Error where the bytes are not one whole message.
 */
export function decodeMessage(bytes: Uint8Array | ArrayBuffer): unknown {
  // A view of the plain kind, so that binary fields do not come out as Node's Buffer.
  const plain =
    bytes instanceof ArrayBuffer ? bytes : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return decode(plain, { extensionCodec })
}
