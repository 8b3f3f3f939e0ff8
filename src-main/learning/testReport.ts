/** Where a value, however deep, holds a number that is not finite; for tests. */
export function findNotFinite(value: unknown, path = ''): string[] {
  if (typeof value === 'number') return Number.isFinite(value) ? [] : [`${path}: ${value}`]
  if (typeof value !== 'object' || value === null) return []
  const entries: Iterable<[string | number, unknown]> =
    value instanceof Map
      ? (value as Map<string, unknown>).entries()
      : ArrayBuffer.isView(value)
        ? (value as Float32Array).entries()
        : Object.entries(value)
  return [...entries].flatMap(([key, own]) => findNotFinite(own, `${path}.${key}`))
}
