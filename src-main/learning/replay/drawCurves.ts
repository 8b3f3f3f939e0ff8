import type { ReplayReference, ReplaySummary } from '#shared/domain/replay.ts'
import { reachedShare } from '#shared/domain/replay.ts'

/** Pixels. */
const size = { width: 860, height: 520 }
const margin = { left: 64, right: 196, top: 48, bottom: 56 }
/** Told apart by people who confuse red and green, too (Okabe & Ito 2008). */
const colours = [
  '#0072b2',
  '#000000',
  '#d55e00',
  '#009e73',
  '#cc79a7',
  '#e69f00',
  '#56b4e9',
  '#8c6d00',
] as const

/**
 * Learning curves as an SVG document: r on the holdout over labels, each with its 95% interval as a band, beside the r of
 * the full data and the share of it that strategies are timed to. Where r is not defined a curve has a gap.
 */
export function drawCurves(
  title: string,
  summaries: readonly ReplaySummary[],
  reference: Pick<ReplayReference, 'pearson'>,
): string {
  const points = summaries.flatMap(({ curve }) => curve)
  const figures = points.flatMap(({ pearson }) => (pearson === null ? [] : [pearson.low, pearson.high]))
  const lines =
    reference.pearson === null
      ? []
      : [
          { value: reference.pearson, name: 'all labels' },
          { value: reachedShare * reference.pearson, name: `${reachedShare * 100}% of that` },
        ]
  const values = [...figures, ...lines.map(({ value }) => value)]
  const vertical = ticks(Math.min(...values, 1), Math.max(...values, -1))
  const horizontal = ticks(0, Math.max(1, ...points.map(({ labels }) => labels)))
  const plot = {
    right: size.width - margin.right,
    bottom: size.height - margin.bottom,
  }
  const x = (labels: number): number => place(labels, horizontal, margin.left, plot.right)
  const y = (r: number): number => place(r, vertical, plot.bottom, margin.top)

  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${size.height}" font-family="system-ui, sans-serif" font-size="13">`,
    `<title>${escape(title)}</title>`,
    `<rect width="${size.width}" height="${size.height}" fill="#ffffff"/>`,
    text(margin.left, 26, title, 'start', 'font-size="15" font-weight="600"'),
    ...horizontal.flatMap((tick) => [
      `<line x1="${x(tick).toFixed(1)}" x2="${x(tick).toFixed(1)}" y1="${margin.top}" y2="${plot.bottom}" stroke="#e6e6e6"/>`,
      text(x(tick), plot.bottom + 20, String(tick), 'middle'),
    ]),
    ...vertical.flatMap((tick) => [
      `<line x1="${margin.left}" x2="${plot.right}" y1="${y(tick).toFixed(1)}" y2="${y(tick).toFixed(1)}" stroke="#e6e6e6"/>`,
      text(margin.left - 8, y(tick) + 4, tick.toFixed(2), 'end'),
    ]),
    text((margin.left + plot.right) / 2, size.height - 14, 'labels', 'middle'),
    text(
      18,
      (margin.top + plot.bottom) / 2,
      'r on the holdout',
      'middle',
      rotated((margin.top + plot.bottom) / 2),
    ),
    ...lines.flatMap(({ value, name }) => [
      `<line x1="${margin.left}" x2="${plot.right}" y1="${y(value).toFixed(1)}" y2="${y(value).toFixed(1)}" stroke="#666666" stroke-dasharray="5 4"/>`,
      text(plot.right + 6, y(value) + 4, name, 'start', 'fill="#666666"'),
    ]),
    ...summaries.flatMap((summary, index) =>
      drawCurve(summary, colours[index % colours.length] ?? '#000000', x, y),
    ),
    ...summaries.flatMap(({ strategy }, index) => {
      const top = plot.bottom - 20 * (summaries.length - index)
      return [
        `<line x1="${plot.right + 14}" x2="${plot.right + 38}" y1="${top}" y2="${top}" stroke="${colours[index % colours.length] ?? '#000000'}" stroke-width="2.5"/>`,
        text(plot.right + 46, top + 4, strategy, 'start'),
      ]
    }),
    '</svg>',
  ]
  return `${parts.join('\n')}\n`
}

function rotated(at: number): string {
  return `transform="rotate(-90 18 ${at.toFixed(1)})"`
}

/** A band and a line for each stretch in which r is defined. */
function drawCurve(
  { curve }: ReplaySummary,
  colour: string,
  x: (labels: number) => number,
  y: (r: number) => number,
): string[] {
  const stretches: { labels: number; value: number; low: number; high: number }[][] = [[]]
  for (const { labels, pearson } of curve)
    if (pearson === null) stretches.push([])
    else stretches.at(-1)?.push({ labels, ...pearson })
  return stretches
    .filter((stretch) => stretch.length > 0)
    .flatMap((stretch) => {
      const at = (labels: number, r: number): string => `${x(labels).toFixed(1)},${y(r).toFixed(1)}`
      const band = [
        ...stretch.map(({ labels, high }) => at(labels, high)),
        ...stretch.toReversed().map(({ labels, low }) => at(labels, low)),
      ]
      return [
        `<polygon points="${band.join(' ')}" fill="${colour}" opacity="0.12"/>`,
        `<polyline points="${stretch.map(({ labels, value }) => at(labels, value)).join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>`,
      ]
    })
}

/** Where a value lies between two pixels, if the ticks span them. */
function place(value: number, spanned: readonly number[], from: number, to: number): number {
  const [low, high] = [spanned[0] ?? 0, spanned.at(-1) ?? 1]
  return from + ((value - low) / (high - low || 1)) * (to - from)
}

/** Round numbers around a range, about six of them. */
function ticks(low: number, high: number): number[] {
  const raw = Math.max(high - low, 1e-6) / 6
  const power = 10 ** Math.floor(Math.log10(raw))
  const step = power * ([1, 2, 5].find((factor) => factor * power >= raw) ?? 10)
  const first = Math.floor(low / step)
  const last = Math.max(first + 1, Math.ceil(high / step))
  // Multiples of a step that is no binary fraction carry rounding: seven digits are more than is shown.
  return Array.from({ length: last - first + 1 }, (_, index) =>
    Number(((first + index) * step).toPrecision(7)),
  )
}

function text(x: number, y: number, content: string, anchor: string, more = ''): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}" ${more}>${escape(content)}</text>`
}

function escape(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
