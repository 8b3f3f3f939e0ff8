import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs'

/** The value below which `share` of the values lie; NaN of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
}

/** A table's row over milliseconds. */
export function timingRow(values: readonly number[]): Record<string, number> {
  return {
    n: values.length,
    'p50 ms': Number(quantile(values, 0.5).toFixed(2)),
    'p99 ms': Number(quantile(values, 0.99).toFixed(2)),
    'worst ms': Number(Math.max(...values).toFixed(2)),
  }
}

/** What the disk alone takes: milliseconds of appending a page to a file and having it on disk, `count` times. */
export function appendPages(path: string, count: number): number[] {
  const page = Buffer.alloc(4096, 1)
  const file = openSync(path, 'a')
  try {
    return Array.from({ length: count }, () => {
      const started = performance.now()
      writeSync(file, page)
      fsyncSync(file)
      return performance.now() - started
    })
  } finally {
    closeSync(file)
  }
}
