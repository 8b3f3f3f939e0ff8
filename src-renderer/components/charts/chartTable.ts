/** The numbers of a chart, as its table shows them: all cells as text, the first column names the row. */
export interface ChartTable {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
}
