import type { AgreementReport, RaterFigures } from '#shared/contract/agreement.ts'
import type { AgreementFigure } from '#shared/domain/agreement.ts'
import type { RaterModel } from '#shared/domain/consensus.ts'
import type { Client } from '#shared/rpc/client.ts'
import type { OutputOf } from '#shared/rpc/contract.ts'
import {
  agreementContract,
  type AgreementFigures,
  type AgreementIntervals,
} from '../../agreement/agreementContract.ts'
import { absent, meanFigure, medianFigure, needsOverlap, shareFigure } from '../../agreement/figure.ts'
import type { RatingTable } from '../../agreement/ratingTable.ts'
import { runInWorker } from '../../jobs/runInWorker.ts'
import type { ServiceContext } from '../context.ts'
import { compareRules } from './compareRules.ts'
import { countedScores, type GatheredRatings, type ScoreColumns } from './gatherRatings.ts'
import { mostTogether } from './raterPairs.ts'

type FittedModel = OutputOf<typeof agreementContract, 'fitRaterModel'>
type MeasuringContext = Pick<ServiceContext, 'startWorker'>

/** The report without intervals, and what those are computed of. */
export interface Measured {
  readonly report: AgreementReport
  readonly table: RatingTable
}

/** The same ratings always give the same intervals. */
const seed = 42

/** Starts the agreement process for `use` and ends it afterwards; failures as in `runInWorker`. */
function withAgreement<Result>(
  { startWorker }: MeasuringContext,
  signal: AbortSignal,
  use: (client: Client<typeof agreementContract>) => Promise<Result>,
): Promise<Result> {
  return runInWorker(
    { startWorker, name: 'agreement', title: 'agreement', contract: agreementContract, signal },
    use,
  )
}

function tableOf({ pairIds, raters }: GatheredRatings, counted: ScoreColumns): RatingTable {
  const { pair, rater, score } = counted
  return { pairs: pairIds.length, raters: raters.length, pair, rater, score }
}

/**
 * Measures everything that needs no resampling.
 * @param begun `performance.now()` when the work for this report began.
 */
export async function measureAgreement(
  context: MeasuringContext,
  gathered: GatheredRatings,
  begun: number,
  signal: AbortSignal,
): Promise<Measured> {
  const counted = countedScores(gathered)
  const table = tableOf(gathered, counted)
  const { figures, fitted } = await withAgreement(context, signal, async (client) => ({
    figures: await client.call('figures', { table }, { signal }),
    fitted: await client.call('fitRaterModel', { table }, { signal }),
  }))
  const model = toModel(gathered, fitted.model, table)
  const differences = await compareRules(counted, gathered.raters, model, fitted.reason)
  const together = await mostTogether(gathered)
  const idOf = (rater: number): string => gathered.raters[rater]?.id ?? ''
  const { alpha, iccSingle, iccMean, k, deviations, projection } = figures
  const report: AgreementReport = {
    ...countAll(gathered, counted),
    alpha,
    iccSingle,
    iccMean,
    k,
    table: describeRaters(gathered, figures),
    together: together === null ? null : { firstId: idOf(together[0]), secondId: idOf(together[1]) },
    deviations,
    projection: {
      ...projection,
      measured: projection.measured.map(({ raters, reliability }) => ({ raters, reliability })),
    },
    differences,
    withIntervals: false,
    seconds: 0,
  }
  return { report: { ...report, seconds: (performance.now() - begun) / 1000 }, table }
}

/**
 * Computes the intervals that need resampling and puts them into the report.
 * @param onProgress told the share done, 0–1.
 */
export async function measureIntervals(
  context: MeasuringContext,
  { raters }: GatheredRatings,
  { report, table }: Measured,
  signal: AbortSignal,
  onProgress: (share: number) => void,
): Promise<AgreementReport> {
  const found = await withAgreement(context, signal, (client) => {
    client.on('progress', ({ share }) => onProgress(share))
    return client.call('intervals', { table, seed }, { signal })
  })
  const modelled = new Map(raters.map(({ id }, number) => [id, found.raters[number]]))
  return {
    ...report,
    alpha: withEnds(report.alpha, found.alpha),
    iccSingle: withEnds(report.iccSingle, found.iccSingle),
    iccMean: withEnds(report.iccMean, found.iccMean),
    table: report.table.map((rater) => withRaterEnds(rater, modelled.get(rater.raterId))),
    withIntervals: true,
  }
}

/** Fits the rater model. `reason` says in a sentence why there is none. */
export async function fitRaterModel(
  context: MeasuringContext,
  gathered: GatheredRatings,
  signal: AbortSignal,
): Promise<{ readonly model: RaterModel | null; readonly reason: string | null }> {
  const table = tableOf(gathered, countedScores(gathered))
  const { model, reason } = await withAgreement(context, signal, (client) =>
    client.call('fitRaterModel', { table }, { signal }),
  )
  return { model: toModel(gathered, model, table), reason }
}

/** The fitted parameters by the raters' ids; raters without a score that counts are left to what is usual. */
function toModel(
  { raters }: GatheredRatings,
  fitted: FittedModel['model'],
  { rater }: RatingTable,
): RaterModel | null {
  if (fitted === null) return null
  const { mean, variance, usualDeviation, bias, scale, deviation } = fitted
  const known = [...new Set(rater)].toSorted((one, other) => one - other)
  return {
    mean,
    variance,
    usualDeviation,
    raters: Object.fromEntries(
      known.map((number) => [
        raters[number]?.id ?? '',
        {
          bias: bias[number] ?? 0,
          scale: scale[number] ?? 1,
          deviation: deviation[number] ?? usualDeviation,
        },
      ]),
    ),
  }
}

/** How many scores, pairs and raters there are. */
function countAll(
  { raters, pairIds }: GatheredRatings,
  { pair, rater }: ScoreColumns,
): Pick<AgreementReport, 'ratings' | 'pairs' | 'raters' | 'setAside' | 'overlapping' | 'ratersPerPair'> {
  const perPair = new Int32Array(pairIds.length)
  for (const number of pair) perPair[number] = (perPair[number] ?? 0) + 1
  const overlapping = perPair.filter((count) => count >= 2)
  return {
    ratings: pair.length,
    pairs: perPair.filter((count) => count > 0).length,
    raters: new Set(rater).size,
    setAside: raters.filter(({ setAside }) => setAside !== null).length,
    overlapping: overlapping.length,
    ratersPerPair:
      overlapping.length === 0
        ? null
        : overlapping.reduce((sum, count) => sum + count, 0) / overlapping.length,
  }
}

/** What a rater has of gold, repeats and time. */
interface OwnFacts {
  ratings: number
  readonly seconds: number[]
  readonly repeats: number[]
  golds: number
  within: number
}

/** The raters who have answered anything, in the order of their making. */
function describeRaters(gathered: GatheredRatings, figures: AgreementFigures): RaterFigures[] {
  const { raters, scores, repeats, gold } = gathered
  const facts = raters.map((): OwnFacts => ({ ratings: 0, seconds: [], repeats: [], golds: 0, within: 0 }))
  for (const [row, rater] of scores.rater.entries()) {
    const of = facts[rater]
    const seconds = scores.seconds[row] ?? Number.NaN
    if (of === undefined) continue
    of.ratings += 1
    if (Number.isFinite(seconds)) of.seconds.push(seconds)
  }
  for (const { rater, first, again } of repeats) facts[rater]?.repeats.push(Math.abs(again - first))
  for (const { rater, within } of gold) {
    const of = facts[rater]
    if (of === undefined) continue
    of.golds += 1
    of.within += within ? 1 : 0
  }
  return raters.flatMap(({ id, name, setAside, cannotJudge }, number): RaterFigures[] => {
    const of = facts[number]
    if (of === undefined || of.ratings + cannotJudge + of.repeats.length === 0) return []
    const beside = figures.raters[number]
    const none = absent(setAside === null ? needsOverlap : 'set aside: counts for nothing')
    const measured = setAside === null && beside !== undefined ? beside : noneOf(none)
    const { bias, scale, noise, pearson, mae } = measured
    return [
      {
        raterId: id,
        name,
        setAside,
        ratings: of.ratings,
        cannotJudge,
        cannotJudgeShare: shareFigure(cannotJudge, of.ratings + cannotJudge, 'no pair was answered'),
        bias,
        scale,
        noise,
        pearson,
        mae,
        retest: meanFigure(of.repeats, 'no pair was rated twice blind'),
        retests: of.repeats.length,
        gold: shareFigure(of.within, of.golds, 'no gold pair was rated'),
        golds: of.golds,
        pace: medianFigure(of.seconds, 'no time was measured'),
      },
    ]
  })
}

function noneOf(none: AgreementFigure): AgreementFigures['raters'][number] {
  return { bias: none, scale: none, noise: none, pearson: none, mae: none }
}

/** The value as it was, with the ends that were found for it. */
function withEnds(figure: AgreementFigure, found: AgreementFigure | undefined): AgreementFigure {
  return figure.value === null || found === undefined
    ? figure
    : { ...figure, low: found.low, high: found.high }
}

function withRaterEnds(
  rater: RaterFigures,
  found: AgreementIntervals['raters'][number] | undefined,
): RaterFigures {
  return {
    ...rater,
    bias: withEnds(rater.bias, found?.bias),
    scale: withEnds(rater.scale, found?.scale),
    noise: withEnds(rater.noise, found?.noise),
  }
}
