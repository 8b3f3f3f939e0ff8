import type { Job, JobDetail, JobOutcome } from '#shared/contract/jobs.ts'
import type { ProjectOverview } from '#shared/contract/project.ts'
import { defaultProjectSettings } from '#shared/domain/project.ts'
import type { AbstentionFigures, ReliabilityCurve, RiskCoverageCurve } from '#shared/domain/judging.ts'
import type { EpochRecord, Evaluation, Interval, Judgement, Run, RunReport } from '#shared/domain/run.ts'
import { trainingConfiguration } from '#shared/domain/run.ts'

/** A valid ULID that ends in `number`. */
export function exampleId(number: number): string {
  return `01K${String(number).padStart(23, '0')}`
}

/** An interval of ±`half` around `value`. */
function around(value: number, half = 0.03): Interval {
  return { value, low: Number((value - half).toFixed(4)), high: Number((value + half).toFixed(4)) }
}

/** A judgement with this Pearson and ordinary other figures. */
export function judged(pearson: number | null, n = 310): Judgement {
  return {
    n,
    pearson: pearson === null ? null : around(pearson),
    spearman: pearson === null ? null : around(pearson - 0.01),
    rmse: around(0.158, 0.01),
    mae: around(0.121, 0.01),
    mse: around(0.025, 0.003),
  }
}

/** Epochs that get better ever more slowly; without a correlation for heads that give no score. */
export function exampleEpochs(count: number, highestPearson: number | null): EpochRecord[] {
  return Array.from({ length: count }, (_, index) => ({
    epoch: index + 1,
    trainingLoss: 0.09 * Math.exp(-index / 4) + 0.012,
    validationLoss: 0.07 * Math.exp(-index / 3) + 0.024,
    validationPearson: highestPearson === null ? null : highestPearson - 0.5 * Math.exp(-index / 2.5),
  }))
}

/** Ten bins whose targets lie off the diagonal by up to `bend`. */
function exampleReliability(bend: number): ReliabilityCurve {
  const bins = Array.from({ length: 10 }, (_, bin) => {
    const predicted = 0.05 + bin / 10
    const observed = predicted + bend * Math.sin(2 * Math.PI * predicted)
    return { n: 31, predicted, observed: around(Number(observed.toFixed(4)), 0.05) }
  })
  return { n: 310, bins, calibrationError: 0.64 * bend }
}

/** A curve that rises to a base risk of .29, lower in the middle the better the signal. */
function exampleRiskCoverage(aurc: number): RiskCoverageCurve {
  const power = 0.29 / aurc - 1
  return {
    n: 310,
    points: Array.from({ length: 100 }, (_, index) => {
      const coverage = (index + 1) / 100
      return { coverage, risk: 0.29 * coverage ** power }
    }),
    aurc: around(aurc, 0.02),
    excessAurc: aurc - 0.05,
    riskAt80: 0.29 * 0.8 ** power,
  }
}

function exampleFigures(coverage: number, acceptedError: number): AbstentionFigures {
  return {
    n: 310,
    threshold: 0.42,
    counts: { truePositive: 64, falsePositive: 91, trueNegative: 134, falseNegative: 21 },
    accuracy: around(0.64),
    precision: around(0.41),
    recall: around(0.75),
    f1: around(0.53),
    coverage: around(coverage),
    acceptedError: around(acceptedError),
    baseError: around(0.27),
  }
}

/** The holdout of a run whose blend is in use, with every figure there is. */
export function exampleEvaluation(changes: Partial<Evaluation> = {}): Evaluation {
  return {
    used: judged(0.81),
    models: {
      blend: judged(0.81),
      interaction: judged(0.79),
      regression: judged(0.76),
      ridge: judged(0.78),
    },
    baselines: {
      mean: judged(null),
      cosine: judged(0.71),
      'hypothesis-only': judged(0.47),
      ridge: judged(0.78),
    },
    classification: {
      threshold: 0.5,
      n: 310,
      counts: { truePositive: 128, falsePositive: 22, trueNegative: 141, falseNegative: 19 },
      accuracy: around(0.87),
      precision: around(0.85),
      recall: around(0.87),
      f1: around(0.86),
    },
    reliability: { score: exampleReliability(0.06), calibrated: exampleReliability(0.02) },
    conformal: {
      fit: { level: 0.9, n: 160, quantile: 1.9, reason: null },
      n: 310,
      coverage: around(0.91, 0.02),
      meanWidth: around(0.42, 0.02),
    },
    abstention: {
      tolerance: 0.12,
      signal: 'abstention',
      curves: {
        abstention: exampleRiskCoverage(0.14),
        variance: exampleRiskCoverage(0.17),
        spread: exampleRiskCoverage(0.19),
        threshold: exampleRiskCoverage(0.22),
      },
      figures: exampleFigures(0.6, 0.168),
      half: exampleFigures(0.5, 0.138),
    },
    ...changes,
  }
}

export function exampleReport(changes: Partial<RunReport> = {}): RunReport {
  const curves = (epochs: EpochRecord[]): Omit<RunReport['curves'][number], 'head'> => ({
    epochs,
    bestEpoch: Math.max(1, epochs.length - 5),
    stoppingReason: 'early-stopping',
    maximumEpochs: 50,
  })
  return {
    used: 'blend',
    blend: { ridge: 0.66, cosine: 0, regression: 0, interaction: 0.34 },
    outOfFoldPearson: { blend: 0.802, ridge: 0.771, regression: 0.744, interaction: 0.779 },
    validationPearson: { blend: 0.81, ridge: 0.775, regression: 0.75, interaction: 0.782 },
    ridgeLambda: 30,
    rows: { train: 930, validation: 160, holdout: 310, leftOutForHoldout: 12, leftOutForValidation: 0 },
    curves: [
      { head: 'regression', ...curves(exampleEpochs(14, 0.76)) },
      {
        ...curves(exampleEpochs(6, 0.8)),
        head: 'interaction',
        bestEpoch: 6,
        stoppingReason: 'maximum-epochs',
        maximumEpochs: 6,
      },
      { head: 'spread', ...curves(exampleEpochs(9, null)) },
      { head: 'abstention', ...curves(exampleEpochs(11, null)) },
    ],
    signal: {
      used: 'abstention',
      tolerance: 0.12,
      aurc: { abstention: 0.15, variance: 0.18, spread: 0.2, threshold: 0.23 },
    },
    conformal: { level: 0.9, n: 160, quantile: 1.9, reason: null },
    classes: null,
    remarks: [],
    holdout: exampleEvaluation(),
    ceiling: { pairs: 120, pearson: 0.86, mae: 0.09 },
    consensus: 'mean',
    backend: { name: 'ONNX Runtime cpu', threads: 2 },
    seconds: { encode: 9.2, fit: 27.4, judge: 1.4 },
    ...changes,
  }
}

/** A finished run, in use, unless `changes` say otherwise. */
export function exampleRun(number: number, changes: Partial<Run> = {}): Run {
  return {
    id: exampleId(number),
    number,
    name: null,
    pinned: false,
    binnedAt: null,
    inUse: (changes.status ?? 'finished') === 'finished',
    resumable: false,
    status: 'finished',
    configuration: trainingConfiguration.parse({}),
    encoderDigest: 'digest',
    snapshotDigest: 'snapshot',
    labelledPairs: 1240,
    libraries: { gradus: '0.1.0', node: '24.21.0', 'onnxruntime-node': '1.30.0' },
    createdAt: '2026-11-23T10:00:00.000Z',
    finishedAt: '2026-11-23T10:00:38.000Z',
    failure: null,
    report: exampleReport(),
    ...changes,
  }
}

export function exampleOverview(changes: Partial<ProjectOverview> = {}): ProjectOverview {
  return {
    id: exampleId(900),
    title: 'Clinic notes',
    fileName: 'clinic-notes.gradus',
    fileKey: 'clinic-notes',
    settings: defaultProjectSettings,
    guideline: { version: 1, text: 'Score how strongly the hypothesis follows.', examples: [] },
    isWorkFile: false,
    raters: [
      {
        id: exampleId(901),
        name: 'Rater A',
        createdAt: '2026-11-01T08:00:00.000Z',
        ratings: 128,
        cannotJudge: 2,
        planned: null,
      },
    ],
    counts: { pairs: 2400, labelledPairs: 1240, ratings: 1902, disputes: 3, suggestions: 41 },
    model: {
      runId: exampleId(7),
      runNumber: 7,
      pearson: 0.81,
      newRatings: 32,
      retrainOffered: true,
      change: null,
    },
    ...changes,
  }
}

export function exampleJob(
  number: number,
  detail: JobDetail,
  outcome: JobOutcome = { status: 'running' },
): Job {
  return {
    id: exampleId(number),
    phase: 'working',
    share: 0.4,
    secondsLeft: 12,
    startedAt: '2026-11-23T10:00:00.000Z',
    outcome,
    detail,
  }
}
