import { GradusError } from '#shared/contract/errors.ts'
import type { TrainingConfiguration } from '#shared/domain/run.ts'
import type { SearchedSettings } from '#shared/domain/search.ts'
import type { PairInputs } from '../features/pairInputs.ts'
import { heads } from '../heads/registry.ts'
import type { HeadSize } from '../heads/head.ts'
import { losses } from '../losses/registry.ts'
import { pearson } from '../metrics/correlation.ts'
import { squaredError } from '../metrics/squaredError.ts'
import { createTrainer, type BackendOptions } from '../runtime/createTrainer.ts'
import type { LabelledPairs } from '../trainContract.ts'
import { countsEpoch, firstStanding, standAfter, type Standing } from '../training/earlyStopping.ts'
import { createMaskPool, initialParameters, maskStarts } from '../training/initial.ts'
import { maskLayout } from '../training/masks.ts'
import { batchSizes, planEpoch, sliceSteps, type PlanOptions } from '../training/plan.ts'
import { sliceRows, type Trainer } from '../training/trainer.ts'
import { meanScores } from './meanScores.ts'
import { learningWeights, type Partition } from './partition.ts'

/** How long one call of the back end may last; between calls a cancel is heard. */
const secondsBetweenChecks = 0.25
/**
 * Heads of a configuration and fold, of which the mean is judged. First weights alone move the r of one head by .004 on
 * STS-B and .01 on UNLI, as much as most settings do; two tell how much that is.
 */
export const headsPerFold = 2
/** Rows scored at once: few enough for little memory. */
const rowsScoredAtOnce = 1024

/** Configurations that differ in nothing that shapes the graph, trained side by side. */
export interface Stack {
  /** All of one width and one loss. */
  readonly settings: readonly SearchedSettings[]
  readonly rows: LabelledPairs
  readonly inputs: PairInputs
  readonly partition: Partition
  /** All that is not searched. */
  readonly configuration: TrainingConfiguration
  readonly backend: BackendOptions
  readonly signal: AbortSignal
  /** Share of the longest possible training, 0–1. */
  readonly onProgress: (share: number) => void
}

/** What the heads of one configuration came to. */
export type StackResult =
  | {
      readonly kind: 'trained'
      /** Each row's score by heads that have not seen its fold, one array for each head of a fold [heads][rows]. */
      readonly scores: readonly Float32Array[]
      /** The epoch each fold's heads were best at [folds]. */
      readonly epochs: readonly number[]
    }
  | { readonly kind: 'diverged'; readonly epoch: number }

/** Where the heads of a configuration and fold are: their best epoch so far, as `fit` judges epochs. */
interface FoldHeads {
  readonly configuration: number
  readonly fold: number
  standing: Standing
}

/**
 * Trains `headsPerFold` regression heads a configuration and fold in one graph. Whatever their configuration, heads begin
 * with the same weights and see the same rows in the same order. Those of a fold keep its scores from the epoch at which
 * their mean was best on the rows they choose on (highest Pearson; patience and smallest gain as in a training), and the
 * graph is trained until all have stopped. Rows are not weighted by a bootstrap: that would set configurations apart by
 * chance.
 * @throws GradusError `cancelled`.
 */
export async function trainStack(stack: Stack): Promise<StackResult[]> {
  const { settings, rows, inputs, partition, configuration, signal } = stack
  const { folds } = partition
  const { seed, maximumEpochs, patience } = configuration
  const [first] = settings
  if (first === undefined) return []
  const head = heads.regression
  const loss = losses[first.loss]
  // Members: configuration after configuration, in each head after head, in each of these fold after fold.
  const headsEach = headsPerFold * folds.count
  const size: HeadSize = {
    members: settings.length * headsEach,
    dimension: rows.dimension,
    hiddenWidth: first.hiddenWidth,
    columns: loss.columns,
    frozenWidth: 0,
  }
  // A step holds as many rows to learn from as one of a training does, beside those kept for choosing.
  const batchSize = Math.round(configuration.batchSize / (1 - partition.choosingShare))
  const total = rows.target.length
  const { batch } = batchSizes(total, batchSize)
  const forEachHead = <Value>(value: (one: SearchedSettings) => Value): Value[] =>
    settings.flatMap((one) => times(headsEach, () => value(one)))
  const { trainer } = await createTrainer(
    {
      head,
      loss,
      size,
      batch,
      inputs,
      labels: rows.target,
      labelColumns: 1,
      memberWeight: repeated(learningWeights(partition, rows.weight), settings.length * headsPerFold),
      maskPool: settings.some(({ dropout }) => dropout > 0)
        ? createMaskPool(maskLayout(head, size, batch).length, seed)
        : null,
      dropout: forEachHead(({ dropout }) => dropout),
      initial: new Map(
        [...initialParameters(head, { ...size, members: headsEach }, seed)].map(([name, values]) => [
          name,
          repeated(values, settings.length),
        ]),
      ),
    },
    stack.backend,
  )
  try {
    const plan: PlanOptions = {
      seed,
      batchSize,
      maximumEpochs,
      rates: forEachHead(({ learningRate, weightDecay }) => ({ learningRate, weightDecay })),
      rows: total,
      maskStarts,
      lengths: null,
    }
    const parts = settings.flatMap((_, number) =>
      times(folds.count, (fold): FoldHeads => ({ configuration: number, fold, standing: firstStanding })),
    )
    const scores = settings.map(() => times(headsPerFold, () => new Float32Array(total)))
    const divergedIn = new Map<number, number>()
    let stepsDone = 0
    const epochs = createEpochs(trainer, plan, signal, (epoch, share) =>
      stack.onProgress((epoch - 1 + share) / maximumEpochs),
    )
    for (let epoch = 1; epoch <= maximumEpochs; epoch++) {
      const { steps, finite } = await epochs(epoch)
      stepsDone += steps
      const predicted = await scoreRows(trainer, inputs, size.members, size.columns)
      const counted = countsEpoch(stepsDone, epoch, maximumEpochs)
      for (const part of parts) {
        const { configuration: number, fold } = part
        if (part.standing.waited >= patience || divergedIn.has(number)) continue
        const members = times(headsPerFold, (copy) => number * headsEach + copy * folds.count + fold)
        const said = members.map((member) => predicted.subarray(member * total, (member + 1) * total))
        if (members.some((member) => finite[member] !== true) || !said.every(isFinite))
          divergedIn.set(number, epoch)
        else if (counted && advance(part, epoch, said, stack))
          for (const [copy, own] of (scores[number] ?? []).entries())
            for (const row of partition.judged[fold] ?? []) own[row] = said[copy]?.[row] ?? 0
      }
      const going = parts.some(
        ({ standing, configuration: number }) => standing.waited < patience && !divergedIn.has(number),
      )
      if (!going) break
    }
    return settings.map((_, number): StackResult => {
      const epoch = divergedIn.get(number)
      if (epoch !== undefined) return { kind: 'diverged', epoch }
      return {
        kind: 'trained',
        scores: scores[number] ?? [],
        epochs: parts.filter((part) => part.configuration === number).map((part) => part.standing.bestEpoch),
      }
    })
  } finally {
    await trainer.dispose()
  }
}

function times<Value>(count: number, value: (index: number) => Value): Value[] {
  return Array.from({ length: count }, (_, index) => value(index))
}

function isFinite(values: Float32Array): boolean {
  return values.every(Number.isFinite)
}

function repeated(values: Float32Array, count: number): Float32Array {
  const all = new Float32Array(values.length * count)
  for (let copy = 0; copy < count; copy++) all.set(values, copy * values.length)
  return all
}

/**
 * Takes note of an epoch by the same rule as `fit`, and returns whether it is the heads' best so far.
 * @param said scores of all rows [heads][rows].
 */
function advance(
  part: FoldHeads,
  epoch: number,
  said: readonly Float32Array[],
  { rows, partition, configuration }: Stack,
): boolean {
  const chosenOn = partition.choosing[part.fold] ?? new Uint32Array()
  const mean = meanScores(said)
  const score = Float32Array.from(chosenOn, (row) => mean[row] ?? 0)
  const target = Float32Array.from(chosenOn, (row) => rows.target[row] ?? 0)
  part.standing = standAfter(
    part.standing,
    { epoch, pearson: pearson(score, target), loss: squaredError(score, target) },
    configuration.minimumDelta,
  )
  return part.standing.bestEpoch === epoch
}

/** What the present weights score all rows with [members × rows]. */
async function scoreRows(
  trainer: Trainer,
  inputs: PairInputs,
  members: number,
  columns: number,
): Promise<Float32Array> {
  const { pairs } = inputs
  const total = pairs.premise.length / pairs.dimension
  const parameters = await trainer.parameters()
  const all = new Float32Array(members * total)
  for (let start = 0; start < total; start += rowsScoredAtOnce) {
    const end = Math.min(start + rowsScoredAtOnce, total)
    const predicted = await trainer.predict({ ...inputs, pairs: sliceRows(pairs, start, end) }, parameters)
    const size = end - start
    for (let member = 0; member < members; member++)
      for (let row = 0; row < size; row++)
        all[member * total + start + row] = predicted[(member * size + row) * columns] ?? NaN
  }
  return all
}

/**
 * Does whole epochs, some steps at a time.
 * @returns does one epoch; tells its steps and of each member whether its loss stayed a number.
 */
function createEpochs(
  trainer: Trainer,
  plan: PlanOptions,
  signal: AbortSignal,
  onShare: (epoch: number, share: number) => void,
): (epoch: number) => Promise<{ steps: number; finite: boolean[] }> {
  const members = plan.rates.length
  let stepsAtOnce = 1
  return async (epoch) => {
    const steps = planEpoch(plan, epoch)
    const finite = plan.rates.map(() => true)
    for (let done = 0; done < steps.count;) {
      if (signal.aborted) throw new GradusError('cancelled', 'The search was cancelled.')
      const part = sliceSteps(steps, done, Math.min(done + stepsAtOnce, steps.count))
      const start = performance.now()
      const found = await trainer.train(part)
      const seconds = (performance.now() - start) / 1000
      stepsAtOnce = Math.max(1, Math.floor((part.count * secondsBetweenChecks) / Math.max(seconds, 1e-4)))
      for (const [index, value] of found.entries())
        if (!Number.isFinite(value)) finite[index % members] = false
      done += part.count
      onShare(epoch, done / steps.count)
    }
    return { steps: steps.count, finite }
  }
}
