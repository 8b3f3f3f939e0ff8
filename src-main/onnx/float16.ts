/** The part of `Float16Array` that is used; runtimes before Node 24 have none, and TypeScript's ES2024 does not know it. */
type Float16ArrayConstructor = new (buffer: ArrayBuffer) => { set(values: Float32Array): void }
const { Float16Array: nativeArray } = globalThis as { Float16Array?: Float16ArrayConstructor }

/**
 * The binary16 bits (IEEE 754-2019, 3.4) of a number given by its binary32 bits, rounded to nearest, ties to even.
 * 65,520 and more become infinite, 2⁻²⁵ and less zero; every NaN becomes a quiet one.
 */
function halfBits(bits: number): number {
  const sign = (bits >>> 16) & 0x8000
  const magnitude = bits & 0x7fff_ffff
  if (magnitude > 0x7f80_0000) return sign | 0x7e00
  if (magnitude >= 0x477f_f000) return sign | 0x7c00
  // From 2⁻¹⁴ on: the exponent's bias falls from 127 to 15, and a carry out of the fraction is one to the exponent.
  if (magnitude >= 0x3880_0000)
    return sign | ((magnitude - 0x3800_0000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13)
  const exponent = magnitude >>> 23
  if (exponent < 102) return sign
  // Subnormal: the significand counted in steps of 2⁻²⁴.
  const shift = 126 - exponent
  const significand = (magnitude & 0x7f_ffff) | 0x80_0000
  return sign | ((significand + (1 << (shift - 1)) - 1 + ((significand >>> shift) & 1)) >>> shift)
}

/** `toFloat16` for runtimes without `Float16Array`; the same bits but for those of NaN. */
export function toFloat16Portably(values: Float32Array): Uint16Array<ArrayBuffer> {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length)
  const halves = new Uint16Array(values.length)
  for (let index = 0; index < halves.length; index++) halves[index] = halfBits(bits[index] ?? 0)
  return halves
}

/** The binary16 bits of numbers, rounded to nearest, ties to even; 65,520 and more become infinite. */
export const toFloat16: (values: Float32Array) => Uint16Array<ArrayBuffer> =
  nativeArray === undefined
    ? toFloat16Portably
    : (values) => {
        const halves = new Uint16Array(values.length)
        new nativeArray(halves.buffer).set(values)
        return halves
      }

/** False where the binary16 bits are those of an infinity or of no number. */
export function isFiniteFloat16(bits: number): boolean {
  return (bits & 0x7c00) !== 0x7c00
}

/** The number of each bit pattern, made at first use. */
let numbers: Float32Array | undefined

function numberOf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

/** The numbers of binary16 bits; each is a float32 number, too. */
export function fromFloat16(bits: Uint16Array): Float32Array<ArrayBuffer> {
  numbers ??= Float32Array.from({ length: 65536 }, (_, pattern) => numberOf(pattern))
  const table = numbers
  const values = new Float32Array(bits.length)
  for (let index = 0; index < bits.length; index++) values[index] = table[bits[index] ?? 0] ?? 0
  return values
}
