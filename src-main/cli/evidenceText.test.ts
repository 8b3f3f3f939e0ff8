import { expect, test } from 'vitest'
import type { EvidenceReport } from '#shared/domain/evidence.ts'
import { formatEvidence } from './evidenceText.ts'

const pace = { raters: [], pairsPerMinute: null, minutesForNext: null, reason: 'Nobody has rated here.' }
const around = (value: number) => ({ value, low: value - 0.05, high: value + 0.05 })
const report: EvidenceReport = {
  figures: {
    labels: { given: 60, used: 60, random: 40, chosen: 20, other: 0, base: 30 },
    holdout: { pairs: 50, premises: 45, used: 50 },
    curve: { points: [{ labels: 60, pearson: around(0.7) }], reason: null },
    comparison: {
      points: [{ added: 10, chosen: 0.7, random: 0.69, difference: around(0.01) }],
      draws: 8,
      verdict: 'no-evidence',
      sentence: 'No evidence of a difference yet.',
    },
    saving: { saved: null, points: [], verdict: 'no-evidence', sentence: 'No evidence of saving yet.' },
    projection: { points: [], fit: null, gain: null, reason: 'Too few points.' },
    remarks: [],
    seconds: 1,
  },
  runs: [{ number: 2, labels: 55, pearson: around(0.72) }],
  present: around(0.72),
  ceiling: { pairs: 20, pearson: 0.8, mae: 0.1 },
  stop: { advice: 'unknown', sentence: 'Cannot be told.' },
  createdAt: '2026-11-23T10:00:00.000Z',
}

test('the text has every figure with its interval, the sentences, and why there is no projection', () => {
  const lines = formatEvidence(report, pace).split('\n')
  expect(lines[0]).toBe(
    '60 labels outside the holdout (40 random, 20 chosen, 0 other), 50 held-out pairs of 45 premises.',
  )
  for (const line of [
    'Cannot be told.',
    'No evidence of saving yet.',
    'Too few points.',
    '60      0.700 [0.650, 0.750]',
    'One rater against the others: r 0.800 on 20 pairs.',
    'Nobody has rated here.',
  ])
    expect(lines).toContain(line)
})

test('where nothing can be told the reason stands once', () => {
  const reason = 'The holdout is too small.'
  const { labels, holdout, saving } = report.figures
  const figures: EvidenceReport['figures'] = {
    labels,
    holdout,
    curve: { points: [], reason },
    comparison: { points: [], draws: 0, verdict: null, sentence: reason },
    saving: { ...saving, sentence: reason },
    projection: { points: [], fit: null, gain: null, reason },
    remarks: [],
    seconds: 0,
  }
  const text = formatEvidence(
    { ...report, figures, runs: [], stop: { advice: 'unknown', sentence: reason } },
    pace,
  )
  expect(text.split(reason)).toHaveLength(2)
})
