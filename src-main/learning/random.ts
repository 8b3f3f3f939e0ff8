import { uniformFloat32 } from 'pure-rand/distribution/uniformFloat32'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

/** A seeded source of random numbers; equal seeds and streams give equal numbers. */
export interface Random {
  /** 0 (included) to 1 (excluded), in steps of 2⁻²⁴. */
  uniform(): number
  /** 0 (included) to `end` (excluded), whole. */
  integer(end: number): number
  /** Exponential with mean 1. */
  exponential(): number
  /** Shuffles in place (Fisher–Yates) and returns its argument. */
  shuffle<A extends Int32Array | Uint32Array>(values: A): A
}

/** Final mix of MurmurHash3 (Appleby): near seeds become far ones. */
function mix(value: number): number {
  let hash = value | 0
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}

/** Opens the stream of `seed` named by `stream`; streams of one seed are independent. */
export function createRandom(seed: number, ...stream: (string | number)[]): Random {
  let hash = mix(seed ^ 0x9e3779b9)
  for (const character of stream.join('/'))
    hash = mix(Math.imul(hash, 31) + character.charCodeAt(0) + 0x7f4a7c15)
  const generator = xoroshiro128plus(hash)
  // The first outputs of this generator still resemble its seed.
  for (let index = 0; index < 16; index++) generator.next()

  const integer = (end: number): number => uniformInt(generator, 0, end - 1)
  return {
    uniform: () => uniformFloat32(generator),
    integer,
    exponential: () => -Math.log(1 - uniformFloat32(generator)),
    shuffle(values) {
      for (let last = values.length - 1; last > 0; last--) {
        const other = integer(last + 1)
        const kept = values[last] ?? 0
        values[last] = values[other] ?? 0
        values[other] = kept
      }
      return values
    },
  }
}
