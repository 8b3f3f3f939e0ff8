import type { Interval } from '#shared/domain/interval.ts'
import { createRandom } from '../random.ts'
import { numberGroups, type RowGroups } from './groups.ts'

const resamples = 1000

/** Sums over the rows of each group: what figures are computed from that are functions of sums. */
export interface GroupSums {
  readonly width: number
  /** [groups, width] */
  readonly groups: Float64Array
  /** Over all rows [width]. */
  readonly total: Float64Array
}

/** The groups that a bootstrap draws: those of `group` [rows], or single rows where there is only one group. */
export function drawableGroups(group: ArrayLike<number>): RowGroups {
  const numbered = numberGroups(group)
  if (numbered.count > 1) return numbered
  // Where all rows share a premise, drawing it whole would feign certainty.
  return { of: Uint32Array.from({ length: group.length }, (_, row) => row), count: group.length }
}

/** Adds up what `entriesOf` gives for each row, always `width` numbers, by the group of the row. */
export function sumByGroup(
  group: ArrayLike<number>,
  width: number,
  entriesOf: (row: number) => readonly number[],
): GroupSums {
  const { of, count } = drawableGroups(group)
  const groups = new Float64Array(count * width)
  const total = new Float64Array(width)
  for (let row = 0; row < group.length; row++) {
    const start = (of[row] ?? 0) * width
    for (const [index, entry] of entriesOf(row).entries()) {
      groups[start + index] = (groups[start + index] ?? 0) + entry
      total[index] = (total[index] ?? 0) + entry
    }
  }
  return { width, groups, total }
}

/**
 * 1000 resamples of `count` groups with replacement; the same seed draws the same ones.
 * @param figuresOf told the numbers of the drawn groups [count], in an array that is used again; null where a figure is
 *   not defined in the resample.
 * @returns the figure of each resample, NaN where it is not defined.
 */
export function resampleGroups<Name extends string>(
  count: number,
  figuresOf: (drawn: Uint32Array) => Readonly<Record<Name, number | null>>,
  seed: number,
): Record<Name, Float64Array> {
  const random = createRandom(seed, 'bootstrap of groups')
  const drawn = new Uint32Array(count)
  const found = new Map<string, Float64Array>()
  for (let resample = 0; resample < resamples; resample++) {
    for (let draw = 0; draw < count; draw++) drawn[draw] = Math.floor(random.uniform() * count)
    for (const [name, figure] of Object.entries<number | null>(figuresOf(drawn))) {
      const figures = found.get(name) ?? new Float64Array(resamples)
      figures[resample] = figure ?? NaN
      found.set(name, figures)
    }
  }
  return Object.fromEntries(found) as Record<Name, Float64Array>
}

/** As `resampleGroups`, of figures that are functions of the sums over the drawn groups [width]. */
export function resampleSums<Name extends string>(
  { width, groups }: GroupSums,
  figuresOf: (sums: Float64Array) => Readonly<Record<Name, number | null>>,
  seed: number,
): Record<Name, Float64Array> {
  const sums = new Float64Array(width)
  const add = (drawn: Uint32Array): Float64Array => {
    sums.fill(0)
    for (const group of drawn) {
      const start = group * width
      for (let index = 0; index < width; index++)
        sums[index] = (sums[index] ?? 0) + (groups[start + index] ?? 0)
    }
    return sums
  }
  return resampleGroups(groups.length / width, (drawn) => figuresOf(add(drawn)), seed)
}

/**
 * Figures of sums with their 95% percentile intervals from 1000 resamples of groups (Efron & Tibshirani 1993; cluster
 * bootstrap); null where a figure is not defined over all rows.
 */
export function bootstrapSums<Name extends string>(
  sums: GroupSums,
  figuresOf: (sums: Float64Array) => Readonly<Record<Name, number | null>>,
  seed: number,
): Record<Name, Interval | null> {
  const drawn = resampleSums(sums, figuresOf, seed)
  const figures = Object.entries<number | null>(figuresOf(sums.total))
  return Object.fromEntries(
    figures.map(([name, value]) => [name, percentileInterval(value, drawn[name as Name])]),
  ) as Record<Name, Interval | null>
}

/** A figure with the 2.5th and 97.5th percentile of the resamples in which it is defined. */
export function percentileInterval(value: number | null, drawn: Float64Array): Interval | null {
  if (value === null) return null
  const defined = drawn.filter((figure) => !Number.isNaN(figure)).sort()
  if (defined.length === 0) return { value, low: value, high: value }
  return { value, low: percentile(defined, 0.025), high: percentile(defined, 0.975) }
}

/** Linear interpolation between the sorted values around the place (definition 7 of Hyndman & Fan 1996). */
function percentile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1)
  const low = sorted[Math.floor(place)] ?? NaN
  const high = sorted[Math.ceil(place)] ?? NaN
  return low + (high - low) * (place - Math.floor(place))
}

/** The ratio of two sums; null where there is nothing to divide by. */
export function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole
}
