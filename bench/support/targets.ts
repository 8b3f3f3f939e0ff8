/**
 * Prints one target as `target NAME VALUE wanted BOUND ok|short`; met where `value comparison bound` holds.
 * @param digits decimals of the printed value; the comparison is of the value as it is.
 */
export function target(
  name: string,
  value: number,
  comparison: '>=' | '<=',
  bound: number,
  digits: number,
): void {
  const isMet = comparison === '>=' ? value >= bound : value <= bound
  console.log(
    `target ${name} ${value.toFixed(digits)} wanted ${comparison}${bound} ${isMet ? 'ok' : 'short'}`,
  )
}

/** Prints that a target was not measured, and why. */
export function skipped(name: string, reason: string): void {
  console.log(`target ${name} skipped: ${reason}`)
}
