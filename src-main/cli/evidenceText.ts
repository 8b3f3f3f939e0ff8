import type { EvidencePace, EvidenceReport } from '#shared/domain/evidence.ts'
import type { Interval } from '#shared/domain/interval.ts'
import { formatTable } from './terminal.ts'

function figure({ value, low, high }: Interval, decimals = 3): string {
  return `${value.toFixed(decimals)} [${low.toFixed(decimals)}, ${high.toFixed(decimals)}]`
}

/** The whole report as text, with intervals in brackets. */
export function formatEvidence(report: EvidenceReport, pace: EvidencePace): string {
  const { figures, runs, ceiling, stop } = report
  const { labels, holdout, curve, comparison, saving, projection, remarks } = figures
  const lines = [
    `${labels.given} labels outside the holdout (${labels.random} random, ${labels.chosen} chosen, ${labels.other} other), ${holdout.pairs} held-out pairs of ${holdout.premises} premises.`,
    ...remarks,
    '',
    stop.sentence,
  ]
  if (curve.reason === null)
    lines.push(
      comparison.sentence,
      saving.sentence,
      '',
      formatTable([
        ['labels', 'r on the holdout'],
        ...curve.points.map((point) => [String(point.labels), figure(point.pearson)]),
        ...projection.points.map((point) => [`${point.labels}, projected`, figure(point.pearson)]),
      ]),
    )
  if (curve.reason === null && projection.reason !== null) lines.push(projection.reason)
  if (comparison.points.length > 0)
    lines.push(
      '',
      formatTable([
        ['labels of each', 'chosen', 'random', 'difference'],
        ...comparison.points.map(({ added, chosen, random, difference }) => [
          String(added),
          chosen.toFixed(3),
          random.toFixed(3),
          figure(difference),
        ]),
      ]),
    )
  if (runs.length > 0)
    lines.push(
      '',
      formatTable([
        ['run', 'labels', 'r on the holdout'],
        ...runs.map((run) => [String(run.number), String(run.labels), figure(run.pearson)]),
      ]),
    )
  if (ceiling !== null && ceiling.pearson !== null)
    lines.push(`One rater against the others: r ${ceiling.pearson.toFixed(3)} on ${ceiling.pairs} pairs.`)
  lines.push('', formatPace(pace))
  return lines.join('\n')
}

function formatPace({ raters, pairsPerMinute, minutesForNext, reason }: EvidencePace): string {
  if (pairsPerMinute === null || minutesForNext === null) return reason ?? ''
  const own = raters.map((rater) => `${rater.name} ${rater.pairsPerMinute.toFixed(1)}`).join(', ')
  return `${pairsPerMinute.toFixed(1)} pairs a minute (${own}): the next 50 labels take one person about ${Math.max(1, Math.round(minutesForNext))} min.`
}
