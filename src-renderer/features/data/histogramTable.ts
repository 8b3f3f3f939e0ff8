import type { ChartTable } from '../../components/charts/chartTable.ts'
import { binLabel } from '../../components/charts/histogramChart.ts'
import { count, noValue } from '../../format/numbers.ts'

/** The numbers behind the histogram: count and share of each bin. */
export function histogramTable(bins: readonly number[]): ChartTable {
  const total = bins.reduce((sum, bin) => sum + bin, 0)
  return {
    columns: ['score', 'scores', 'share'],
    rows: bins.map((bin, index) => [
      binLabel(index, bins.length),
      count(bin),
      total === 0 ? noValue : `${((bin / total) * 100).toFixed(1)}%`,
    ]),
  }
}
