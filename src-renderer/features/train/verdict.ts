import type { ProjectOverview } from '#shared/contract/project.ts'
import type { TrainingOutlook } from '#shared/contract/train.ts'
import type { Judgement, Run, RunReport } from '#shared/domain/run.ts'
import { coefficient, counted, intervalEnds } from '../../format/numbers.ts'

/** A piece of a sentence; the strong ones are set bold. */
export interface Piece {
  readonly text: string
  readonly strong: boolean
}

const plain = (text: string): Piece => ({ text, strong: false })
const strong = (text: string): Piece => ({ text, strong: true })

/** The sentence as one string, for titles, live regions and tests. */
export function spoken(pieces: readonly Piece[]): string {
  return pieces.map((piece) => piece.text).join('')
}

/** The run whose model is in use. */
export function runInUse(runs: readonly Run[]): (Run & { report: RunReport }) | null {
  const run = runs.find(({ inUse }) => inUse)
  return run?.report == null ? null : { ...run, report: run.report }
}

/** What the last training says, in one or two sentences; what is missing where there is none. */
export function verdict(runs: readonly Run[], outlook: TrainingOutlook | null): Piece[] {
  const run = runInUse(runs)
  if (run === null) return beforeTheFirstRun(outlook)
  const { report } = run
  return [...result(report), plain(' '), ...choice(report)]
}

function beforeTheFirstRun(outlook: TrainingOutlook | null): Piece[] {
  if (outlook === null) return []
  if (outlook.obstacle !== null) return [strong('Not trained yet. '), plain(outlook.obstacle)]
  return [
    strong('Not trained yet. '),
    plain(`${counted(outlook.labelledPairs, 'labelled pair')} can be used now; `),
    plain(
      outlook.holdout === 0
        ? 'none of them is held out, so nothing independent would judge the result.'
        : `${counted(outlook.holdout, 'held-out pair')} will judge the result.`,
    ),
  ]
}

/** Holdout figures where there are any, with baselines and people beside them. */
function result(report: RunReport): Piece[] {
  const { holdout } = report
  if (holdout === null || holdout.used.n === 0)
    return [
      strong(`Validation r ${coefficient(report.validationPearson[report.used])}`),
      plain(
        ', which also chose when to stop. No held-out pair is labelled, so nothing independent judges it.',
      ),
    ]
  const { used, baselines } = holdout
  if (used.pearson === null)
    return [
      strong(used.rmse === null ? 'No correlation' : `RMSE ${coefficient(used.rmse.value, 3)}`),
      plain(
        used.n < 3
          ? ` on ${counted(used.n, 'held-out pair')}: too few for a correlation.`
          : ` on ${counted(used.n, 'held-out pair')}: all have the same score, so there is no correlation.`,
      ),
    ]
  return [
    strong(`r ${coefficient(used.pearson.value)} ${intervalEnds(used.pearson)}`),
    plain(` on ${counted(used.n, 'held-out pair')}. `),
    ...rivals(report, holdout.ensemble, baselines.ridge, baselines.cosine),
  ]
}

function rivals(report: RunReport, ensemble: Judgement, ridge: Judgement, cosine: Judgement): Piece[] {
  const other =
    report.used === 'ridge'
      ? `The trained head reaches ${coefficient(ensemble.pearson?.value)}`
      : `Ridge reaches ${coefficient(ridge.pearson?.value)}`
  const rivalsText = `${other}, the cosine alone ${coefficient(cosine.pearson?.value)}`
  const people = report.ceiling?.pearson ?? null
  return people === null
    ? [plain(`${rivalsText}; what people reach is unknown, too few pairs have two raters.`)]
    : [plain(`${rivalsText}, people agree with each other at `), strong(coefficient(people)), plain('.')]
}

/** Which model the project uses and why: validation decides, and ridge gives way only to a lead beyond chance. */
function choice(report: RunReport): Piece[] {
  const { ensemble, ridge } = report.validationPearson
  const figures = `(${coefficient(ensemble)} against ${coefficient(ridge)})`
  if (ensemble === null || ridge === null)
    return [
      plain(
        `The project uses ${modelWords[report.used]}: validation has no correlation, so the smaller error decided.`,
      ),
    ]
  if (report.used === 'ensemble')
    return [plain(`The project uses the head ensemble, clearly ahead of ridge on validation ${figures}.`)]
  return ensemble > ridge
    ? [plain(`The head's lead over ridge on validation ${figures} may be chance, so the project uses ridge.`)]
    : [plain(`The head does not beat ridge on validation ${figures}, so the project uses ridge.`)]
}

const modelWords = { ensemble: 'the head ensemble', ridge: 'ridge' } as const

/** How old the model in use is and what came since: "32 new ratings since run 7". */
export function sinceRun(model: ProjectOverview['model']): string {
  if (model === null) return ''
  return model.newRatings === 0
    ? `no new ratings since run ${model.runNumber}`
    : `${counted(model.newRatings, 'new rating')} since run ${model.runNumber}`
}

/**
 * What became of the newest run where it did not finish, and what that means. `runs` come newest first.
 * @returns null where the newest run finished, still runs, or there is none.
 */
export function endedEarly(runs: readonly Run[]): { text: string; failed: boolean } | null {
  const newest = runs[0]
  if (newest === undefined || newest.status === 'running' || newest.status === 'finished') return null
  const inUse = runInUse(runs)
  const consequence =
    inUse === null ? 'The project has no model yet.' : `The project still uses run ${inUse.number}.`
  if (newest.status === 'cancelled')
    return { text: `Run ${newest.number} was cancelled. ${consequence}`, failed: false }
  const why = newest.failure === null ? '' : ` ${sentence(newest.failure)}`
  return { text: `Run ${newest.number} did not finish.${why} ${consequence}`, failed: true }
}

function sentence(text: string): string {
  const trimmed = text.trim()
  return /[.!?]$/.test(trimmed) ? trimmed : `${trimmed}.`
}
