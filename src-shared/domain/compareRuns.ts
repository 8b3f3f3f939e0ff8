import type { Run } from './run.ts'

/** Something on which runs differ. */
export interface RunDifference {
  /** Its place: "dropout", or "loss.kind" where it lies deeper. */
  readonly key: string
  /** In the order of the runs; null where a run has no such thing. */
  readonly values: readonly (string | null)[]
}

/** The leaves of a value with their places, as text. A list counts as one leaf. */
function leavesOf(value: unknown, place = ''): [string, string][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return [[place, typeof value === 'string' ? value : JSON.stringify(value)]]
  return Object.entries(value).flatMap(([key, inner]) =>
    leavesOf(inner, place === '' ? key : `${place}.${key}`),
  )
}

/** What differs between objects, in the order in which places first occur. */
function differencesOf(objects: readonly object[]): RunDifference[] {
  const leaves = objects.map((object) => new Map(leavesOf(object)))
  const keys = new Set(leaves.flatMap((known) => [...known.keys()]))
  return [...keys]
    .map((key) => ({ key, values: leaves.map((known) => known.get(key) ?? null) }))
    .filter(({ values }) => new Set(values).size > 1)
}

/** Fields of the configuration on which runs differ. */
export function differingConfiguration(runs: readonly Run[]): RunDifference[] {
  return differencesOf(runs.map((run) => run.configuration))
}

/** Libraries whose versions differ between runs. */
export function differingLibraries(runs: readonly Run[]): RunDifference[] {
  return differencesOf(runs.map((run) => run.libraries))
}

/**
 * Which runs were trained on the same data: the same pairs, splits, scores and class labels, and the same classes.
 * @returns for each run the number of the first one here with the same snapshot: its own number where it is that one.
 */
export function sameDataAs(runs: readonly Run[]): number[] {
  return runs.map(
    (run) => runs.find(({ snapshotDigest }) => snapshotDigest === run.snapshotDigest)?.number ?? run.number,
  )
}
