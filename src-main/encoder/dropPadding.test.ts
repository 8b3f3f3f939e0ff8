import { expect, test } from 'vitest'
import { dropPadding } from './dropPadding.ts'

test('the vectors of the tokens stay in order, those of the padding go', () => {
  const states = Float32Array.of(1, 2, 3, 4, 5, 6, /**/ -1, -2, 9, 9, 9, 9)
  const mask = BigInt64Array.of(1n, 1n, 1n, 1n, 0n, 0n)
  expect(dropPadding(states, 2, mask)).toEqual({
    dimension: 2,
    lengths: Int32Array.of(3, 1),
    // binary16 of 1 to 6, then of −1 and −2.
    values: Uint16Array.of(0x3c00, 0x4000, 0x4200, 0x4400, 0x4500, 0x4600, 0xbc00, 0xc000),
  })
})
