import type { Job, JobDetail, JobOutcome } from '#shared/contract/jobs.ts'
import type { ProjectOverview } from '#shared/contract/project.ts'
import { defaultProjectSettings } from '#shared/domain/project.ts'
import type { Interval, Judgement, Run, RunReport } from '#shared/domain/run.ts'
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

export function exampleReport(changes: Partial<RunReport> = {}): RunReport {
  return {
    used: 'ensemble',
    validationPearson: { ensemble: 0.802, ridge: 0.771 },
    ridgeLambda: 30,
    rows: { train: 930, validation: 160, holdout: 310, leftOutForHoldout: 12, leftOutForValidation: 0 },
    epochs: Array.from({ length: 14 }, (_, index) => ({
      epoch: index + 1,
      trainingLoss: 0.09 * Math.exp(-index / 4) + 0.012,
      validationLoss: 0.07 * Math.exp(-index / 3) + 0.024,
      validationPearson: 0.81 - 0.5 * Math.exp(-index / 2.5),
    })),
    bestEpoch: 9,
    stoppingReason: 'early-stopping',
    holdout: {
      used: judged(0.81),
      ensemble: judged(0.81),
      baselines: {
        mean: judged(null),
        cosine: judged(0.71),
        'hypothesis-only': judged(0.47),
        ridge: judged(0.78),
      },
    },
    ceiling: { pairs: 120, pearson: 0.86, mae: 0.09 },
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
    settings: defaultProjectSettings,
    guideline: { version: 1, text: 'Score how strongly the hypothesis follows.' },
    raters: [
      {
        id: exampleId(901),
        name: 'Rater A',
        createdAt: '2026-11-01T08:00:00.000Z',
        ratings: 128,
        cannotJudge: 2,
      },
    ],
    counts: { pairs: 2400, labelledPairs: 1240, ratings: 1902, disputes: 3, suggestions: 41 },
    model: { runId: exampleId(7), runNumber: 7, pearson: 0.81, newRatings: 32, retrainOffered: true },
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
