import type { ProjectOverview } from '#shared/contract/project.ts'
import type { TrainingOutlook } from '#shared/contract/train.ts'
import type { Evaluation, Interval, Run, RunReport } from '#shared/domain/run.ts'
import { coefficient, count, counted, intervalEnds } from '../../format/numbers.ts'
import { blendText } from './modelWords.ts'

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

/** What the last training says, in one sentence; what is missing where there is none. */
export function verdict(runs: readonly Run[], outlook: TrainingOutlook | null): Piece[] {
  const run = runInUse(runs)
  return run === null ? beforeTheFirstRun(outlook) : result(run.report)
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

/** Holdout figures where there are any, with ridge and people beside them, and what follows from them. */
function result(report: RunReport): Piece[] {
  const { holdout } = report
  if (holdout === null || holdout.used.n === 0)
    return [
      strong(`Validation r ${coefficient(validationPearson(report))}`),
      plain(
        ', which also chose when to stop: no held-out pair is labelled, so nothing independent judges this model.',
      ),
    ]
  const { used } = holdout
  const on = ` on ${counted(used.n, 'held-out pair')}`
  if (used.pearson === null)
    return [
      strong(used.rmse === null ? 'No correlation' : `RMSE ${coefficient(used.rmse.value, 3)}`),
      plain(
        used.n < 3
          ? `${on}: too few for a correlation.`
          : `${on}: all have the same score, so there is no correlation.`,
      ),
    ]
  const people = report.ceiling?.pearson ?? null
  return [
    strong(`r ${coefficient(used.pearson.value)} ${intervalEnds(used.pearson)}`),
    plain(`${on}; ${rival(report, holdout)}; `),
    ...(people === null
      ? [plain('what people reach is unknown: too few pairs have two raters.')]
      : [plain('people '), strong(coefficient(people)), plain(`: ${advice(report, used.pearson, people)}.`)]),
  ]
}

/** Of the model in use; a run of the first version has its regression heads for a blend. */
function validationPearson({ used, validationPearson: of }: RunReport): number | null {
  return (used === 'ridge' ? of.ridge : (of.blend ?? of.regression)) ?? null
}

function rival({ used }: RunReport, { models, baselines }: Evaluation): string {
  if (used === 'blend') return `ridge ${coefficient(baselines.ridge.pearson?.value)}`
  const [name, judgement] =
    models.blend === undefined
      ? (['the heads', models.regression] as const)
      : (['the blend', models.blend] as const)
  return `${name} ${coefficient(judgement?.pearson?.value)}`
}

/** Farther below people than this, an interval that still reaches them says little. */
const nearPeople = 0.1
/** With fewer labels than this, more of them are the first thing to try. */
const fewLabels = 1000

/** What would help, judged by where the interval of r lies to what people reach. */
function advice({ rows }: RunReport, pearson: Interval, people: number): string {
  if (pearson.high < people)
    return rows.train + rows.validation < fewLabels
      ? 'more labels should help'
      : `with ${count(rows.train + rows.validation)} labels, a stronger encoder might help more than further ones`
  return pearson.low < people - nearPeople
    ? 'too few held-out pairs to tell how far from people it is'
    : 'more labels will not help much, a stronger encoder might'
}

/** Which model the project uses and why: ridge gives way only to a lead beyond chance. */
export function choice(report: RunReport): string {
  const { outOfFoldPearson: apart, validationPearson: validation } = report
  const [heads, ridge, where] =
    apart.blend === undefined
      ? [validation.blend ?? validation.regression, validation.ridge, 'on validation']
      : [apart.blend, apart.ridge, 'on pairs they were not trained on']
  const figures =
    heads == null || ridge == null
      ? ''
      : ` (${coefficient(heads, 3)} against ${coefficient(ridge, 3)} ${where})`
  const undefinedCorrelation = heads == null || ridge == null
  if (report.used === 'blend') {
    const blend = blendText(report.blend)
    const what = blend.endsWith(' alone') ? `by ${blend}` : `by a blend of ${blend}`
    return undefinedCorrelation
      ? `Scores are given ${what}; no correlation could be had, so the smaller error decided.`
      : `Scores are given ${what}, clearly ahead of ridge${figures}.`
  }
  return undefinedCorrelation
    ? 'Scores are given by ridge; no correlation could be had, so the smaller error decided.'
    : `The heads do not clearly beat ridge${figures}, so ridge is used.`
}

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
