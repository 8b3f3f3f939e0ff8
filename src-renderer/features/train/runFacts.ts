import type { TrainingOutlook } from '#shared/contract/train.ts'
import type { Run, RunReport } from '#shared/domain/run.ts'
import { count, counted } from '../../format/numbers.ts'
import { ago, duration } from '../../format/time.ts'

const ruleWords = { mean: 'mean', median: 'median', 'rater-model': 'rater model' } as const

/** What else there is to know of a finished run, in short pieces for one quiet line. */
export function runFacts(run: Run & { report: RunReport }, now: Date): string[] {
  const { report } = run
  const { encode, fit, judge } = report.seconds
  const { leftOutForHoldout, leftOutForValidation } = report.rows
  return [
    `Run ${run.number}, ${ago(run.finishedAt ?? run.createdAt, now)}`,
    counted(run.labelledPairs, 'labelled pair'),
    ...(report.consensus === 'mean' ? [] : [`targets by the ${ruleWords[report.consensus]}`]),
    `${duration(encode + fit + judge)} on ${report.backend.name}, ${counted(report.backend.threads, 'thread')}`,
    ...(leftOutForHoldout + leftOutForValidation === 0
      ? []
      : [`${counted(leftOutForHoldout + leftOutForValidation, 'pair')} left out: their premise is held out`]),
  ]
}

/** What the next training has to work with, as named counts. */
export function outlookFacts(outlook: TrainingOutlook): { label: string; value: string; hint: string }[] {
  return [
    { label: 'labelled', value: count(outlook.labelledPairs), hint: 'Pairs with at least one score' },
    { label: 'train', value: count(outlook.train), hint: 'Labelled pairs the heads learn from' },
    {
      label: 'validation',
      value: count(outlook.validation),
      hint: 'Labelled pairs that decide when to stop',
    },
    {
      label: 'held out',
      value: count(outlook.holdout),
      hint: 'Labelled pairs that judge the result, never trained on',
    },
    { label: 'pool', value: count(outlook.pool), hint: 'Pairs without a score, to be predicted' },
  ]
}
