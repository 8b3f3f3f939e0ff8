import type { CurveTone } from './curvesChart.ts'

/** The numbers of a chart, as its table shows them: all cells as text, the first column names the row. */
export interface ChartTable {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** What one mark of a chart stands for: its line or point as it is drawn, so that nothing hangs on colour alone. */
export interface LegendEntry {
  readonly label: string
  readonly tone: CurveTone | 'dotted' | 'mixed' | 'level' | 'dot' | 'ring'
}
