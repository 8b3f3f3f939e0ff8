import type { Interval } from '../../src-shared/domain/interval.ts'

/** A figure with its 95% interval. */
export function figure(interval: Interval | null, digits = 4): string {
  if (interval === null) return 'not defined'
  const [value, low, high] = [interval.value, interval.low, interval.high].map((own) => own.toFixed(digits))
  return `${value} (${low} to ${high})`
}

/** The rows of a table as lines: the first column to the left, the others to the right, as wide as they must be. */
export function tableLines(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = []
  for (const row of rows)
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length)
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0
        return column === 0 ? cell.padEnd(width) : cell.padStart(width)
      })
      .join('  ')
      .trimEnd(),
  )
}

/** Prints a table under a line that says what it is of. */
export function printTable(title: string, rows: readonly (readonly string[])[]): void {
  console.log(`\n${title}`)
  for (const line of tableLines(rows)) console.log(line)
}
