import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeMessage, encodeMessage } from './codec.ts'

const arrays = {
  single: new Float32Array([0, -0, 1.5, Number.NaN, Number.POSITIVE_INFINITY]),
  double: new Float64Array([Math.PI, Number.MIN_VALUE]),
  integer: new Int32Array([-2_147_483_648, 0, 2_147_483_647]),
  half: new Uint16Array([0, 0x3c00, 65_535]),
  bytes: new Uint8Array([0, 255]),
}

describe('the codec', () => {
  it('gives typed arrays back as they were, wherever the bytes lie', () => {
    const message = { kind: 'result', id: 7, output: { text: 'x', ...arrays, list: [arrays.single] } }
    const bytes = encodeMessage(message)
    const shifted = Buffer.concat([Buffer.from([1, 2, 3]), bytes]).subarray(3)
    expect([decodeMessage(bytes), decodeMessage(shifted)]).toEqual([message, message])
  })

  it('encodes only the part of a buffer that a view covers', () => {
    const view = new Float32Array([1, 2, 3, 4]).subarray(1, 3)
    expect(decodeMessage(encodeMessage(view))).toEqual(new Float32Array([2, 3]))
  })

  it('leaves out keys without a value and keeps null', () => {
    expect(decodeMessage(encodeMessage({ a: undefined, b: null }))).toEqual({ b: null })
  })

  it('gives back whatever JSON can say', () => {
    fc.assert(
      fc.property(
        // Through JSON, which knows no −0 either.
        fc
          .json({ maxDepth: 5 })
          .filter((text) => !text.includes('__proto__'))
          .map((text): unknown => JSON.parse(text)),
        (value) => {
          expect(decodeMessage(encodeMessage(value))).toEqual(value)
        },
      ),
    )
  })

  it('refuses what it cannot carry', () => {
    const cut = encodeMessage(arrays).subarray(0, 10)
    const oddFloats = new Uint8Array([0xc7, 3, 1, 0, 0, 0])
    const oddHalves = new Uint8Array([0xc7, 3, 4, 0, 0, 0])
    const refused = [
      () => encodeMessage(1n),
      () => encodeMessage(() => 1),
      () => decodeMessage(cut),
      () => decodeMessage(oddFloats),
      () => decodeMessage(oddHalves),
      () => decodeMessage(new Uint8Array([0x81, 0xa9, ...Buffer.from('__proto__'), 0x01])),
    ]
    for (const attempt of refused) expect(attempt).toThrow()
  })
})
