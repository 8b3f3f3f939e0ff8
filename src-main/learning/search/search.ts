import { GradusError } from '#shared/contract/errors.ts'
import type { TrainingConfiguration } from '#shared/domain/run.ts'
import type { SearchedSettings, SearchReport, TriedConfiguration } from '#shared/domain/search.ts'
import type { OutputOf, ParsedInputOf } from '#shared/rpc/contract.ts'
import { checkLabelled, checkLearnable } from '../checkRows.ts'
import { createFeatureSums } from '../features/featureSums.ts'
import { inverseDensityWeights } from '../metrics/labelDensity.ts'
import type { LabelledPairs, trainContract } from '../trainContract.ts'
import { fewestForHeads } from '../training/chooseModel.ts'
import { drawSettings, searchedPart } from './configurations.ts'
import { compareTried, judgeTried, type TriedFigures } from './judgeTried.ts'
import { partition } from './partition.ts'
import { headsPerFold, trainStack, type StackResult } from './trainStack.ts'

export type SearchInput = ParsedInputOf<typeof trainContract, 'search'>
export type SearchOutput = OutputOf<typeof trainContract, 'search'>

/** Where a search tells how it goes. */
export interface SearchListener {
  readonly signal: AbortSignal
  /** @param share of the whole search, 0–1. */
  onProgress(share: number, phase: string): void
  onTried(tried: TriedConfiguration): void
}

/** Heads in one graph: beyond some twenty nothing is gained, and memory grows. */
const mostMembers = 20

/**
 * Tries settings of the regression heads by cross-validation over premise groups: each configuration trains two heads a
 * fold, whose mean is judged on that fold alone and chooses its epoch on other rows that they do not learn from
 * (`partition`).
 * Configurations of one width and loss are trained in one graph. All that is drawn by chance comes from the seed;
 * features are standardised over all rows, without their labels. A configuration that diverges is told of, and does not
 * end the search.
 * @throws GradusError `not-enough-labels`, `bad-request`, `cancelled`.
 */
export async function search(input: SearchInput, listener: SearchListener): Promise<SearchOutput> {
  const { configuration, count, method, threads, backend } = input
  const { seed } = configuration
  checkSearchable(input.rows)
  const started = performance.now()
  const rows = weighRows(input.rows, configuration)
  const parts = partition(rows.group, configuration.validationShare, seed)
  const remarks = parts.folds.byGroup
    ? []
    : [
        'There are fewer premises than folds, so pairs of one premise are on both sides of a fold: figures are better than on new premises.',
      ]
  listener.onProgress(0, 'Reading features')
  const sums = await createFeatureSums(rows.dimension, threads)
  const standardisation = await sums.standardisation(rows).finally(() => sums.dispose())

  const settings = drawSettings(searchedPart(configuration), count, method, seed)
  const tried: (TriedConfiguration | null)[] = settings.map(() => null)
  const figures: (TriedFigures | null)[] = settings.map(() => null)
  const stacks = stackUp(settings, Math.max(1, Math.floor(mostMembers / parts.folds.count / headsPerFold)))
  const whole = stacks.reduce((sum, stack) => sum + costOf(stack, settings), 0)
  let done = 0
  for (const numbers of stacks) {
    const cost = costOf(numbers, settings)
    const begun = performance.now()
    const phase = `Trying settings, ${tried.filter((one) => one !== null).length} of ${count} done`
    const results = await trainStack({
      settings: numbers.map((number) => settings[number] ?? searchedPart(configuration)),
      rows,
      inputs: { pairs: rows, standardisation, frozen: null },
      partition: parts,
      configuration,
      backend: { ...backend, threads },
      signal: listener.signal,
      onProgress: (share) => listener.onProgress((done + cost * share) / whole, phase),
    })
    const seconds = (performance.now() - begun) / 1000 / numbers.length
    done += cost
    for (const [place, result] of results.entries()) {
      if (listener.signal.aborted) throw new GradusError('cancelled', 'The search was cancelled.')
      const number = numbers[place] ?? 0
      const own = result.kind === 'trained' ? judgeTried(result.scores, rows.target, rows.group, seed) : null
      const one = describe(number, settings[number] ?? searchedPart(configuration), result, own, seconds)
      figures[number] = own
      tried[number] = one
      listener.onTried(one)
    }
  }
  listener.onProgress(1, 'Done')
  const report: SearchReport = {
    method,
    seed,
    rows: rows.target.length,
    folds: parts.folds.count,
    tried: tried.filter((one) => one !== null),
    ...compareTried(figures),
    seconds: (performance.now() - started) / 1000,
    remarks,
  }
  return { report }
}

/** @throws GradusError where nothing can be learnt from the rows, or too little to tell configurations apart. */
function checkSearchable(rows: LabelledPairs): void {
  checkLabelled(rows, 'searched')
  const { length } = rows.target
  if (length < fewestForHeads)
    throw new GradusError(
      'not-enough-labels',
      `A search of settings needs at least ${fewestForHeads} labelled pairs outside the holdout; there are ${length}. Rate more pairs first.`,
      { rows: length, needed: fewestForHeads },
    )
  checkLearnable(rows, rows)
}

/** Rows of rare scores weigh more where the configuration says so; as in a training. */
function weighRows(rows: LabelledPairs, { densityWeighting }: TrainingConfiguration): LabelledPairs {
  if (!densityWeighting) return rows
  const density = inverseDensityWeights(rows.target)
  return { ...rows, weight: rows.weight.map((weight, row) => weight * (density[row] ?? 1)) }
}

/** The numbers of the configurations that share a graph, the one with the given configuration first. */
function stackUp(settings: readonly SearchedSettings[], most: number): number[][] {
  const alike = new Map<string, number[]>()
  for (const [number, { hiddenWidth, loss }] of settings.entries()) {
    const key = `${hiddenWidth} ${loss}`
    alike.set(key, [...(alike.get(key) ?? []), number])
  }
  return [...alike.values()].flatMap((numbers) =>
    Array.from({ length: Math.ceil(numbers.length / most) }, (_, part) =>
      numbers.slice(part * most, (part + 1) * most),
    ),
  )
}

/** How long a stack takes, in no unit. */
function costOf(numbers: readonly number[], settings: readonly SearchedSettings[]): number {
  return numbers.reduce((sum, number) => sum + (settings[number]?.hiddenWidth ?? 0), 0)
}

function describe(
  number: number,
  settings: SearchedSettings,
  result: StackResult,
  figures: TriedFigures | null,
  seconds: number,
): TriedConfiguration {
  const { pearson, standardError, mae, rmse } = figures ?? {
    pearson: null,
    standardError: null,
    mae: null,
    rmse: null,
  }
  return {
    number,
    settings,
    pearson,
    standardError,
    mae,
    rmse,
    epochs: result.kind === 'trained' ? median(result.epochs) : null,
    seconds,
    reason:
      result.kind === 'diverged'
        ? `Diverged in epoch ${result.epoch}: a loss was no longer a number.`
        : pearson === null
          ? 'Every pair got the same score, so r is not defined.'
          : null,
  }
}

function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((left, right) => left - right)
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? null
}
