import { numberGroups } from '../metrics/groups.ts'
import { createRandom } from '../random.ts'

/** Labels that evidence is measured on at most: the work rises with their cube. */
const mostLabels = 2000
/** Held-out pairs at most: the work rises with their number times the labels. */
const mostHeldOut = 2000

/** Places of the labels to measure on: all, or where they are many some evenly, in their order. */
export function drawLabels(count: number): Uint32Array {
  const drawn = Math.min(count, mostLabels)
  return Uint32Array.from({ length: drawn }, (_, place) => Math.floor((place * count) / drawn))
}

/**
 * Places of the held-out pairs to measure on: all, or where they are many those of some premises drawn by the seed.
 * @param group premises [holdout].
 */
export function drawHoldout(group: ArrayLike<number>, seed: number): Uint32Array {
  const places = Uint32Array.from({ length: group.length }, (_, place) => place)
  if (group.length <= mostHeldOut) return places
  const { of, count } = numberGroups(group)
  const sizes = new Uint32Array(count)
  for (const premise of of) sizes[premise] = (sizes[premise] ?? 0) + 1
  const order = createRandom(seed, 'evidence', 'held-out premises').shuffle(
    Uint32Array.from({ length: count }, (_, premise) => premise),
  )
  let left = mostHeldOut
  const taken = new Set<number>()
  for (const premise of order) {
    const size = sizes[premise] ?? 0
    if (size > left) continue
    left -= size
    taken.add(premise)
  }
  return places.filter((place) => taken.has(of[place] ?? -1))
}
