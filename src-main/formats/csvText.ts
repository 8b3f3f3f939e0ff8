import Papa from 'papaparse'

/** What a cell can be; null is an empty cell. */
export type Cell = string | number | boolean | null

/**
 * Rows as CSV text: comma, doubled quotation marks, line feeds, UTF-8 without byte order mark. Cells are written as they
 * are: a text that begins with `=`, `+`, `-` or `@` stays that text, since data tools load it raw and a mark before it
 * would change the data. (A spreadsheet should import such a file with all columns as text.)
 */
export function csvText(rows: readonly (readonly Cell[])[]): string {
  if (rows.length === 0) return ''
  return `${Papa.unparse(rows as Cell[][], { newline: '\n', header: false })}\n`
}
