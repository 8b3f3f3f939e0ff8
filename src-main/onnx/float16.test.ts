import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fromFloat16, isFiniteFloat16, toFloat16, toFloat16Portably } from './float16.ts'

const ways = [toFloat16, toFloat16Portably]

/** Numbers and their binary16 bits, from the format's definition. */
const known: [number, number][] = [
  [0, 0x0000],
  [-0, 0x8000],
  [1, 0x3c00],
  [-2, 0xc000],
  [1 / 3, 0x3555],
  // Halfway between neighbours: to the even one, on both sides.
  [1 + 2 ** -11, 0x3c00],
  [1 + 3 * 2 ** -11, 0x3c02],
  [1 + 2 ** -11 + 2 ** -23, 0x3c01],
  // A fraction that rounds up into the next power of two.
  [2 - 2 ** -12, 0x4000],
  // The largest number, what still rounds to it, and what no longer does.
  [65_504, 0x7bff],
  [65_519.996, 0x7bff],
  [65_520, 0x7c00],
  [-65_520, 0xfc00],
  [3e38, 0x7c00],
  [Infinity, 0x7c00],
  [-Infinity, 0xfc00],
  // The smallest normal number, the largest and the smallest subnormal one, and their midpoints.
  [2 ** -14, 0x0400],
  [2 ** -14 - 2 ** -25, 0x0400],
  [2 ** -14 - 2 ** -24, 0x03ff],
  [-(2 ** -24), 0x8001],
  [3 * 2 ** -25, 0x0002],
  [2 ** -25, 0x0000],
  [2 ** -25 + 2 ** -48, 0x0001],
  [2 ** -149, 0x0000],
]

test('numbers become the binary16 bits of the format, with either way', () => {
  const values = Float32Array.from(known, ([value]) => value)
  for (const way of ways) expect([...way(values)]).toEqual(known.map(([, bits]) => bits))
})

test('both ways agree on any bits, and beside every midpoint', () => {
  const agree = (bits: Uint32Array<ArrayBuffer>): void => {
    const values = new Float32Array(bits.buffer)
    const [native, portable] = ways.map((way) => way(values))
    // The sign and the payload of NaN are the runtime's own affair.
    const differing = [...bits.keys()].filter(
      (index) => !Number.isNaN(values[index]) && native![index] !== portable![index],
    )
    expect(differing).toEqual([])
  }
  // Around one bit and two beside each other in every place of the fraction, for every sign and exponent.
  const places = Array.from({ length: 23 }, (_, place) => 1 << place)
  const tails = places.flatMap((bit) => [bit - 1, bit, bit + 1, bit * 3].map((tail) => tail & 0x7f_ffff))
  for (let head = 0; head < 512; head++) agree(Uint32Array.from(tails, (tail) => ((head << 23) | tail) >>> 0))
  fc.assert(
    fc.property(fc.uint32Array({ maxLength: 100 }), (bits) => agree(Uint32Array.from(bits))),
    {
      numRuns: 1000,
    },
  )
})

test('what is no number stays none, and only that and infinities are not finite', () => {
  for (const way of ways) {
    const [nan, infinite, negative, largest, zero] = way(Float32Array.of(NaN, 1e9, -1e9, 65_504, 0))
    expect([nan! & 0x7c00, (nan! & 0x3ff) > 0]).toEqual([0x7c00, true])
    expect([nan, infinite, negative, largest, zero].map((bits) => isFiniteFloat16(bits!))).toEqual([
      false,
      false,
      false,
      true,
      true,
    ])
  }
})

test('a part of a larger array is converted, not the whole', () => {
  for (const way of ways)
    expect(way(Float32Array.of(9, 1, 2, 9).subarray(1, 3))).toEqual(Uint16Array.of(0x3c00, 0x4000))
})

test('bits become the numbers they stand for, and those the same bits', () => {
  const bits = Uint16Array.from({ length: 65536 }, (_, pattern) => pattern).filter(isFiniteFloat16)
  const numbers = fromFloat16(bits)
  expect([...toFloat16Portably(numbers)]).toEqual([...bits])
  expect([...fromFloat16(Uint16Array.of(0x7c00, 0xfc00, 0x7e00))]).toEqual([Infinity, -Infinity, NaN])
})
