import { createHash } from 'node:crypto'
import { groupingText } from '#shared/domain/pair.ts'

/** One above the greatest premise group: groups are 48-bit numbers. */
export const premiseGroups = 2 ** 48

/**
 * The group of a premise: the first 48 bits, big-endian, of sha256 over the UTF-8 of its grouping text.
 * @returns an integer in [0, 2^48), safe as a JavaScript number.
 */
export function premiseGroup(premise: string): number {
  return createHash('sha256').update(groupingText(premise), 'utf8').digest().readUIntBE(0, 6)
}

/**
 * What tells two pairs apart: the first 16 bytes of sha256 over `premise`, NUL, `hypothesis` as UTF-8, both trimmed and
 * otherwise exact.
 */
export function pairDigest(premise: string, hypothesis: string): Buffer {
  return createHash('sha256')
    .update(`${premise.trim()}\u0000${hypothesis.trim()}`, 'utf8')
    .digest()
    .subarray(0, 16)
}
