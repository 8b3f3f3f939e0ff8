import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { humanCeiling } from '../src-main/agreement/humanCeiling.ts'
import { krippendorffAlpha } from '../src-main/agreement/krippendorff.ts'
import { fitRaterModel, raterIntervals, type FittedRaters } from '../src-main/agreement/raterModel.ts'
import { sumPairs, type RatingTable } from '../src-main/agreement/ratingTable.ts'
import { simulateRaters } from '../src-main/agreement/testTables.ts'
import { pearson } from '../src-main/learning/metrics/correlation.ts'
import { itemDeviations } from '../src-main/learning/metrics/itemDeviation.ts'
import { createRandom, type Random } from '../src-main/learning/random.ts'
import { createAgreementHandlers } from '../src-main/services/agreement/agreement.ts'
import { openFolders } from '../src-main/services/projects/folders.ts'
import { openEmptyProject } from '../src-main/services/testing/emptyTestProject.ts'
import { newId } from '../src-main/store/newId.ts'
import type { ProjectStore } from '../src-main/store/projectStore.ts'
import { addTestPairs } from '../src-main/store/testStore.ts'
import { addModelled, beginModelled, medianOf, modelledScore } from '../src-shared/domain/consensus.ts'
import { readScores, readSliders, scoresOf } from './agreement/ratings.ts'
import { printTable } from './support/tables.ts'
import { skipped, target } from './support/targets.ts'

// npm run bench -- agreement

const draws = 20
const folds = 10

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function deviationOf(values: readonly number[]): number {
  const mean = meanOf(values)
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1))
}

/** The mean over draws of a figure of each. */
function overDraws(count: number, figureOf: (random: Random) => number): number {
  return meanOf(Array.from({ length: count }, (_, draw) => figureOf(createRandom(0, 'agreement', draw))))
}

function shuffled<Value>(values: readonly Value[], random: Random): Value[] {
  const order = random.shuffle(Int32Array.from(values.keys()))
  return [...order].flatMap((index) => values[index] ?? [])
}

function correlate(left: readonly number[], right: readonly number[]): number {
  return pearson(left, right) ?? NaN
}

/** Prints a target as two bounds. */
function near(name: string, value: number, wanted: number, tolerance: number, digits = 4): void {
  target(`${name}-low`, value, '>=', round(wanted - tolerance), digits)
  target(`${name}-high`, value, '<=', round(wanted + tolerance), digits)
}

function round(value: number): number {
  return Math.round(value * 1e6) / 1e6
}

async function sliders(): Promise<void> {
  const data = readSliders()
  if (data === null) {
    skipped('pavlick', 'the slider file is not in ../shared/data')
    return
  }
  const alpha = krippendorffAlpha(sumPairs(data.every)) ?? NaN
  const lists = scoresOf(data.first)
  const rowsOf = rowsByPair(data.first)
  // Raters as they are on other pairs: each fold's pairs are judged by raters fitted on the rest.
  const fits = Array.from({ length: folds }, (_, fold) => fitRaterModel(without(data.first, fold)))
  const drawn = (k: number, say: (rows: readonly number[], pair: number) => number | null): number =>
    overDraws(draws, (random) => {
      const pairs = rowsOf.map((rows, pair) => {
        const order = shuffled(rows, random)
        const rest = order.slice(k).map((row) => data.first.score[row] ?? 0)
        return { said: say(order.slice(0, k), pair) ?? NaN, rest: meanOf(rest) }
      })
      return correlate(
        pairs.map(({ said }) => said),
        pairs.map(({ rest }) => rest),
      )
    })
  const scores = (rows: readonly number[]): number[] => rows.map((row) => data.first.score[row] ?? 0)
  const modelled = (rows: readonly number[], pair: number): number =>
    byModel(fits[pair % folds] ?? null, data.first, rows)
  // One draw of one rater is off by .02, so that the mean of the data folder's 20 is by .005: 500 are drawn here.
  const singles = await Promise.all([0, 1, 2, 3, 4].map((seed) => humanCeiling(lists, seed)))
  const single = meanOf(singles.map((ceiling) => ceiling?.pearson ?? NaN))
  const fewDraws = drawn(1, (rows) => meanOf(scores(rows)))
  const mean = drawn(5, (rows) => meanOf(scores(rows)))
  const median = drawn(5, (rows) => medianOf(scores(rows)))
  const model = drawn(5, modelled)
  const spread = deviations(lists, 3)
  printTable('Pavlick sliders', [
    ['figure', 'value'],
    ['α, all ratings', alpha.toFixed(4)],
    ['one rater against the rest, r', single.toFixed(4)],
    ['the same, 20 draws', fewDraws.toFixed(4)],
    ['mean of five against the rest, r', mean.toFixed(4)],
    ['median of five, r', median.toFixed(4)],
    ['rater model of five, r', model.toFixed(4)],
    ['SD of three against SD of the rest, r', spread.raw.toFixed(4)],
    ['the same shrunk, r', spread.shrunk.toFixed(4)],
    ['error of the SD of three (RMSE)', spread.rawError.toFixed(4)],
    ['error of the shrunk one', spread.shrunkError.toFixed(4)],
  ])
  near('pavlick-alpha', alpha, 0.51, 0.01)
  near('pavlick-one-rater', single, 0.69, 0.01)
  near('pavlick-mean-of-five', mean, 0.904, 0.005)
  near('pavlick-median-of-five', median, 0.89, 0.005)
  target('pavlick-rater-model', model, '>=', 0.925, 4)
  near('pavlick-sd-of-three', spread.raw, 0.35, 0.03)
  target('pavlick-shrunk-sd-of-three', spread.shrunk, '>=', round(spread.raw), 4)
  target('pavlick-shrunk-sd-error', spread.shrunkError, '<=', round(spread.rawError), 4)
}

/** SD of k raters, raw and shrunk, against the SD of the pair's other raters. */
function deviations(
  lists: readonly (readonly number[])[],
  k: number,
): Record<'raw' | 'shrunk' | 'rawError' | 'shrunkError', number> {
  const errorOf = (values: readonly number[], right: readonly number[]): number =>
    Math.sqrt(meanOf(values.map((value, index) => (value - (right[index] ?? 0)) ** 2)))
  const each = Array.from({ length: draws }, (_, draw) => {
    const random = createRandom(0, 'deviations', draw)
    const orders = lists.map((list) => shuffled(list, random))
    const raw = orders.map((order) => deviationOf(order.slice(0, k)))
    const rest = orders.map((order) => deviationOf(order.slice(k)))
    const mean = orders.map((order) => meanOf(order.slice(0, k)))
    const shrunk = [...(itemDeviations({ mean, deviation: raw, ratings: raw.map(() => k) }).deviation ?? [])]
    return {
      raw: correlate(raw, rest),
      shrunk: correlate(shrunk, rest),
      rawError: errorOf(raw, rest),
      shrunkError: errorOf(shrunk, rest),
    }
  })
  const over = (name: 'raw' | 'shrunk' | 'rawError' | 'shrunkError'): number =>
    meanOf(each.map((figures) => figures[name]))
  return {
    raw: over('raw'),
    shrunk: over('shrunk'),
    rawError: over('rawError'),
    shrunkError: over('shrunkError'),
  }
}

function rowsByPair({ pairs, pair }: RatingTable): number[][] {
  const rows = Array.from({ length: pairs }, (): number[] => [])
  for (const [row, own] of pair.entries()) rows[own]?.push(row)
  return rows
}

function without(table: RatingTable, fold: number): RatingTable {
  const rows = Int32Array.from(table.pair.keys()).filter((row) => (table.pair[row] ?? 0) % folds !== fold)
  return {
    ...table,
    pair: rows.map((row) => table.pair[row] ?? 0),
    rater: rows.map((row) => table.rater[row] ?? 0),
    score: Float64Array.from(rows, (row) => table.score[row] ?? 0),
  }
}

/** The consensus of some rows of a pair under a model, as the program computes it. */
function byModel(
  fitted: FittedRaters | null,
  { rater, score }: RatingTable,
  rows: readonly number[],
): number {
  if (fitted === null) return NaN
  const raters = Object.fromEntries(
    rows.map((row) => {
      const by = rater[row] ?? 0
      const { bias, scale, deviation } = fitted
      return [String(by), { bias: bias[by] ?? 0, scale: scale[by] ?? 1, deviation: deviation[by] ?? 1 }]
    }),
  )
  const model = { ...fitted, raters }
  const sum = beginModelled(model)
  for (const row of rows) addModelled(sum, model, String(rater[row]), score[row] ?? 0)
  return modelledScore(sum)
}

/** The figures of the data folder's README for a set of pairs with some scores each. */
async function ceilings(
  name: string,
  lists: readonly (readonly number[])[],
  wanted: { deviation: number; pearson: number; mae: number; halves: number },
): Promise<void> {
  const ceiling = await humanCeiling(lists, 0)
  const deviation = meanOf(lists.filter((list) => list.length > 1).map(deviationOf))
  const halves = overDraws(draws, (random) => {
    const split = lists
      .filter((list) => list.length > 1)
      .map((list) => {
        const order = shuffled(list, random)
        const half = Math.floor(order.length / 2)
        return [meanOf(order.slice(0, half)), meanOf(order.slice(half))] as const
      })
    return correlate(
      split.map(([first]) => first),
      split.map(([, second]) => second),
    )
  })
  const found = { deviation, pearson: ceiling?.pearson ?? NaN, mae: ceiling?.mae ?? NaN, halves }
  printTable(name, [
    ['', 'mean SD', 'ceiling r', 'ceiling MAE', 'split-half r'],
    ['here', ...Object.values(found).map((value) => value.toFixed(4))],
    ['data folder', ...Object.values(wanted).map(String)],
  ])
  for (const key of ['deviation', 'pearson', 'mae', 'halves'] as const)
    near(`${name}-${key}`, found[key], wanted[key], 0.01)
}

/** How often the intervals of the rater model hold what scores were drawn from. */
async function simulations(count: number): Promise<void> {
  const held = { bias: 0, scale: 0, deviation: 0 }
  let all = 0
  for (let seed = 0; seed < count; seed++) {
    const { table, truth } = simulateRaters({ raters: 20, pairs: 150, ratersPerPair: 4, seed })
    const fitted = fitRaterModel(table)
    if (fitted === null) continue
    const found = await raterIntervals(table, fitted, seed, () => undefined)
    all += table.raters
    for (const name of ['bias', 'scale', 'deviation'] as const)
      for (let by = 0; by < table.raters; by++) {
        const value = truth[name][by] ?? NaN
        if (value >= (found[name][0][by] ?? NaN) && value <= (found[name][1][by] ?? NaN)) held[name] += 1
      }
  }
  printTable(`Rater model: ${count} simulations of 20 raters, 150 pairs, four raters a pair`, [
    ['95% intervals that hold', 'share'],
    ...Object.entries(held).map(([name, hits]) => [name, (hits / all).toFixed(4)]),
  ])
  for (const [name, hits] of Object.entries(held)) target(`simulated-${name}`, hits / all, '>=', 0.93, 4)
}

/** Seconds until Agreement has its figures, and its intervals, of a project on disk: reading and both processes included. */
async function timings(): Promise<void> {
  const rows: string[][] = [['raters × ratings', 'figures', 'with intervals', 'longest pause']]
  const measure = async (raters: number, pairs: number): Promise<{ figures: number; complete: number }> => {
    const home = mkdtempSync(join(tmpdir(), 'gradus-bench-agreement-'))
    const project = openEmptyProject(openFolders(home))
    try {
      const { table } = simulateRaters({ raters, pairs, ratersPerPair: 50, seed: 1 })
      fillProject(project.store, table)
      const handlers = createAgreementHandlers(project.context)
      const pauses = watchPauses()
      const started = performance.now()
      const seconds = (): number => (performance.now() - started) / 1000
      const call = { signal: new AbortController().signal }
      await handlers['agreement.report']({}, call)
      const figures = seconds()
      const { jobId } = await handlers['agreement.intervals']({}, call)
      await project.context.jobs.ended(jobId)
      const complete = seconds()
      rows.push([
        `${raters} × ${table.score.length}`,
        `${figures.toFixed(2)} s`,
        `${complete.toFixed(2)} s`,
        `${pauses.end().toFixed(0)} ms`,
      ])
      return { figures, complete }
    } finally {
      await project.close()
      rmSync(home, { recursive: true, force: true })
    }
  }
  const usual = await measure(500, 500)
  const large = await measure(2000, 20_000)
  printTable('Time until Agreement is complete', rows)
  target('seconds-25000-figures', usual.figures, '<=', 2, 2)
  target('seconds-1000000-complete', large.complete, '<=', 20, 2)
}

/** The longest time that nothing else got its turn, in milliseconds. */
function watchPauses(): { end: () => number } {
  let [longest, last] = [0, performance.now()]
  const timer = setInterval(() => {
    const now = performance.now()
    longest = Math.max(longest, now - last - 5)
    last = now
  }, 5)
  return {
    end() {
      clearInterval(timer)
      return longest
    },
  }
}

/** Writes the scores of a table as ratings given by hand. */
function fillProject(store: ProjectStore, { raters, pairs, pair, rater, score }: RatingTable): void {
  const raterIds = Array.from({ length: raters }, (_, index) => store.raters.create(`Rater ${index}`).id)
  const pairIds = addTestPairs(store, pairs)
  const insert = store.database.prepare<[string, string, string, number, string]>(`
    INSERT INTO rating (id, pair_id, rater_id, kind, score, scale_kind, time_to_commit, guideline_version, pass_number,
      source, created_at)
    VALUES (?, ?, ?, 'score', ?, 'linear', 9000, 1, 1, 'annotate', ?)
  `)
  const at = new Date().toISOString()
  store.database.transaction(() => {
    for (const [row, value] of score.entries())
      insert.run(
        newId(),
        pairIds[pair[row] ?? 0] ?? '',
        raterIds[rater[row] ?? 0] ?? '',
        Math.min(1, Math.max(0, value)),
        at,
      )
  })()
  store.tally.recount()
}

/** Everything agreement must reach. */
export async function run(): Promise<void> {
  await sliders()
  const sets = [
    [
      'sts2015',
      'sts2015-raters/pairs-5-scores.jsonl',
      { deviation: 0.13, pearson: 0.857, mae: 0.123, halves: 0.898 },
    ],
    ['biosses', 'biosses/biosses.jsonl', { deviation: 0.086, pearson: 0.917, mae: 0.082, halves: 0.942 }],
  ] as const
  for (const [name, path, wanted] of sets) {
    const lists = readScores(path)
    if (lists === null) skipped(name, `${path} is not in ../shared/data`)
    else await ceilings(name, lists, wanted)
  }
  await simulations(200)
  await timings()
}

if (import.meta.main) await run()
