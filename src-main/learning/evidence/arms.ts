import type { LabelArm } from '#shared/domain/evidence.ts'

/** Arms by the numbers that stand for them in columns. */
export const armCodes: readonly LabelArm[] = ['random', 'random-suggestion', 'chosen', 'other']

/** Labels by arm. */
export interface Arms {
  /** Labels from before the first suggestion; all of them where there is none. */
  readonly base: number
  /** Numbers of all labels drawn at random, of those among them since the first suggestion, and of chosen ones. */
  readonly random: Uint32Array
  readonly randomSince: Uint32Array
  readonly chosen: Uint32Array
}

/** Tells labels apart by how they came to be given. @param arm in the order they came [labels]. */
export function splitArms(arm: Int32Array): Arms {
  const isIn = (label: number, ...wanted: LabelArm[]): boolean => {
    const own = armCodes[arm[label] ?? -1]
    return own !== undefined && wanted.includes(own)
  }
  const all = Uint32Array.from(arm.keys())
  const first = all.find((label) => isIn(label, 'random-suggestion', 'chosen'))
  const base = first ?? arm.length
  const random = all.filter((label) => isIn(label, 'random', 'random-suggestion'))
  return {
    base,
    random,
    randomSince: random.filter((label) => label >= base),
    chosen: all.filter((label) => isIn(label, 'chosen')),
  }
}
