import type { AgreementReport, RaterFigures } from '#shared/contract/agreement.ts'
import type { AgreementFigure } from '#shared/domain/agreement.ts'
import { exampleId } from './examples.ts'

/** A figure with ends `apart` from it. */
export function exampleFigure(value: number, apart: number | null = 0.03): AgreementFigure {
  const ends = apart === null ? { low: null, high: null } : { low: value - apart, high: value + apart }
  return { value, ...ends, reason: null }
}

/** A figure that is not defined. */
export function missingFigure(reason: string): AgreementFigure {
  return { value: null, low: null, high: null, reason }
}

export function exampleRater(number: number, changes: Partial<RaterFigures> = {}): RaterFigures {
  return {
    raterId: exampleId(number),
    name: `Rater ${number}`,
    setAside: null,
    ratings: 100,
    cannotJudge: 2,
    cannotJudgeShare: exampleFigure(2 / 102, null),
    bias: exampleFigure(0.04),
    scale: exampleFigure(0.92),
    noise: exampleFigure(0.12),
    pearson: exampleFigure(0.74),
    mae: exampleFigure(0.11),
    retest: missingFigure('No pair was rated twice blind.'),
    retests: 0,
    gold: missingFigure('No gold pair was rated.'),
    golds: 0,
    pace: exampleFigure(6.2, null),
    ...changes,
  }
}

export function exampleAgreement(changes: Partial<AgreementReport> = {}): AgreementReport {
  return {
    ratings: 360,
    pairs: 60,
    raters: 3,
    setAside: 0,
    overlapping: 60,
    ratersPerPair: 3,
    alpha: exampleFigure(0.71),
    iccSingle: exampleFigure(0.7),
    iccMean: exampleFigure(0.88),
    k: 3,
    table: [
      exampleRater(1),
      exampleRater(2, { ratings: 60, bias: exampleFigure(-0.11), pearson: exampleFigure(0.6) }),
      exampleRater(3, { ratings: 1, pearson: missingFigure('Needs three shared pairs.') }),
    ],
    together: { firstId: exampleId(1), secondId: exampleId(2) },
    deviations: { bins: [10, 30, 20], end: 0.75, mean: 0.13, reason: null },
    projection: {
      curve: [
        { raters: 1, reliability: 0.7 },
        { raters: 2, reliability: 0.82 },
        { raters: 3, reliability: 0.88 },
        { raters: 4, reliability: 0.91 },
      ],
      measured: [{ raters: 2, reliability: exampleFigure(0.81) }],
      reason: null,
    },
    differences: [
      { rule: 'mean', meanDifference: 0, moved: 0, reason: null },
      { rule: 'median', meanDifference: 0.014, moved: 1, reason: null },
      { rule: 'rater-model', meanDifference: 0.042, moved: 9, reason: null },
    ],
    withIntervals: true,
    seconds: 0.2,
    ...changes,
  }
}
