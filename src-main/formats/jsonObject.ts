/** The fields of one JSON object by name, as text; `lists` are the names of those that are lists (kept as JSON). */
export interface JsonFields {
  readonly values: ReadonlyMap<string, string>
  readonly lists: ReadonlySet<string>
}

const deepest = 4

/**
 * Parses one line as a JSON object. Objects inside it are opened: `{"example": {"premise": "…"}}` has the field
 * `example.premise`. Numbers and truth values become text, lists stay JSON, null counts as absent.
 * @returns null where the line is not a JSON object.
 */
export function parseJsonObject(line: string): JsonFields | null {
  let parsed: unknown
  try {
    parsed = JSON.parse(line)
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return null
    throw thrown
  }
  if (!isObject(parsed)) return null
  const values = new Map<string, string>()
  const lists = new Set<string>()
  open(parsed, '', 1, values, lists)
  return { values, lists }
}

function open(
  object: object,
  prefix: string,
  depth: number,
  values: Map<string, string>,
  lists: Set<string>,
): void {
  for (const [key, value] of Object.entries(object) as [string, unknown][]) {
    const name = prefix + key
    if (value === null) continue
    if (isObject(value) && depth < deepest) {
      open(value, `${name}.`, depth + 1, values, lists)
      continue
    }
    values.set(name, typeof value === 'string' ? value : JSON.stringify(value))
    if (typeof value === 'object') lists.add(name)
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
