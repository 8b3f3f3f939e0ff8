import { limits } from './limits.ts'

/** The fields of one JSON object by name, as text; `lists` are the names of those that are lists (kept as JSON). */
export interface JsonFields {
  readonly values: ReadonlyMap<string, string>
  readonly lists: ReadonlySet<string>
}

const deepest = 4

/**
 * Parses one line as a JSON object. Objects inside it are opened: `{"example": {"premise": "…"}}` has the field
 * `example.premise`. Numbers and truth values become text, lists stay JSON, null counts as absent. Fields whose
 * name is longer than 200 characters are left out: thousands inside one of them would each repeat it.
 * @returns null where the line is not a JSON object, or is nested too deeply to be written as JSON again.
 */
export function parseJsonObject(line: string): JsonFields | null {
  const values = new Map<string, string>()
  const lists = new Set<string>()
  try {
    const parsed: unknown = JSON.parse(line)
    if (!isObject(parsed)) return null
    open(parsed, '', 1, values, lists)
  } catch (thrown) {
    // A RangeError says that the stack does not reach to the bottom of it.
    if (thrown instanceof SyntaxError || thrown instanceof RangeError) return null
    throw thrown
  }
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
    if (value === null || name.length > limits.columnName) continue
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
