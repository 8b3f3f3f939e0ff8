import type { EpochRecord, HeadCurves } from '#shared/domain/run.ts'
import { fit, ensembleMean, type Checkpoints, type FitProgress } from '../fit.ts'
import type { PairInputs } from '../features/pairInputs.ts'
import type { HeadSize } from '../heads/head.ts'
import { heads, type HeadName } from '../heads/registry.ts'
import type { Loss } from '../losses/loss.ts'
import { createLossMeter } from '../losses/lossMeter.ts'
import { pearson } from '../metrics/correlation.ts'
import { createTrainer, type BackendOptions, type PlacedTrainer } from '../runtime/createTrainer.ts'
import { openBeside } from '../runtime/onnxRuntime.ts'
import type { HeadWeights } from '../weights.ts'
import type { Folds } from './folds.ts'
import { createMaskPool, initialParameters, maskStarts, memberWeights } from './initial.ts'
import { maskLayout } from './masks.ts'
import { batchSizes } from './plan.ts'
import { rowCount, tokenCounts } from './trainer.ts'

/** How a head is trained. */
export interface HeadSchedule {
  readonly seed: number
  readonly learningRate: number
  readonly weightDecay: number
  readonly dropout: number
  readonly batchSize: number
  /** Whether each member weighs rows by a draw of its own, which sets members further apart. */
  readonly bootstrap: boolean
  readonly maximumEpochs: number
  readonly patience: number
  readonly minimumDelta: number
}

/** Pairs with what a head is to say of them. */
export interface HeadRows {
  readonly inputs: PairInputs
  /** [rows × label columns] */
  readonly labels: Float32Array
  /** ≥ 0, [rows]; rows without a label weigh 0. */
  readonly weight: Float32Array
}

export interface HeadTraining {
  readonly name: HeadName
  /** What scores are trained with; a head may have a loss of its own. */
  readonly loss: Loss
  readonly size: HeadSize
  readonly labelColumns: number
  readonly train: HeadRows
  readonly validation: HeadRows
  /** A member does not learn from its own fold. */
  readonly folds: Folds
  readonly schedule: HeadSchedule
  readonly backend: BackendOptions
  readonly signal: AbortSignal
  readonly onEpoch: (record: EpochRecord) => void
  /** Share of the longest possible training, 0–1. */
  readonly onProgress: (share: number) => void
  readonly checkpoints: Checkpoints | null
  readonly resume: FitProgress | null
}

/** A trained head and what it predicts of the rows it was trained and validated with. */
export interface HeadResult extends HeadWeights {
  readonly curves: HeadCurves & { readonly head: HeadName }
  /** [members × rows × columns] */
  readonly train: Float32Array
  readonly validation: Float32Array
  /** Where it was trained. */
  readonly backend: PlacedTrainer['backend']
}

/** Validation rows whose loss is measured together: losses over pairs of rows take the square of it in memory. */
const rowsMeasuredTogether = 512

/**
 * Trains all members of a head as one stack. The same seed, data and back end give the same bits, whether in one go or
 * resumed.
 * @throws GradusError as `fit`.
 */
export async function trainHead(training: HeadTraining): Promise<HeadResult> {
  const { name, size, labelColumns, train, validation, folds, schedule, backend, resume } = training
  const head = heads[name]
  const loss = head.loss(training.loss)
  const { members, columns } = size
  const rows = rowCount(train.inputs.pairs)
  const { seed, dropout, batchSize } = schedule
  const { batch } = batchSizes(rows, batchSize)
  const maskLength = maskLayout(head, size, batch).length
  const placed = await createTrainer(
    {
      head,
      loss,
      size,
      batch,
      inputs: train.inputs,
      labels: train.labels,
      labelColumns,
      memberWeight: memberWeights(train.weight, members, { seed, bootstrap: schedule.bootstrap, folds }),
      maskPool: dropout > 0 ? createMaskPool(maskLength, seed) : null,
      dropout: Array.from({ length: members }, () => dropout),
      initial: resume === null ? initialParameters(head, size, seed) : resume.trainer,
    },
    backend,
  )
  const { trainer } = placed
  const meter = await openBeside(
    () => trainer.dispose(),
    () => createLossMeter(loss, { columns, labelColumns }),
  )
  const isScore = head.predicts === 'score'
  try {
    const fitted = await fit(trainer, {
      plan: {
        seed,
        batchSize,
        maximumEpochs: schedule.maximumEpochs,
        rates: Array.from({ length: members }, () => schedule),
        rows,
        maskStarts,
        lengths: head.needs.includes('tokens') ? tokenCounts(train.inputs.pairs) : null,
      },
      members,
      patience: schedule.patience,
      minimumDelta: schedule.minimumDelta,
      validate: () => trainer.predict(validation.inputs),
      judge: async (predicted) => ({
        loss: await measure(meter, ensembleMean(predicted, members), validation, columns, labelColumns),
        pearson: isScore ? pearson(ensembleMean(predicted, members, columns), validation.labels) : null,
      }),
      signal: training.signal,
      onEpoch: training.onEpoch,
      onProgress: training.onProgress,
      checkpoints: training.checkpoints,
      resume,
    })
    const { epochs, bestEpoch, stoppingReason, parameters } = fitted
    return {
      size,
      parameters,
      curves: { head: name, epochs, bestEpoch, stoppingReason, maximumEpochs: schedule.maximumEpochs },
      train: await trainer.predict(train.inputs, parameters),
      validation: await trainer.predict(validation.inputs, parameters),
      backend: placed.backend,
    }
  } finally {
    await trainer.dispose()
    await meter.dispose()
  }
}

/** The loss on validation rows, a few hundred at a time, weighed by what they weigh. */
async function measure(
  meter: Awaited<ReturnType<typeof createLossMeter>>,
  predicted: Float32Array,
  { labels, weight }: HeadRows,
  columns: number,
  labelColumns: number,
): Promise<number> {
  let [sum, total] = [0, 0]
  for (let start = 0; start < weight.length; start += rowsMeasuredTogether) {
    const end = Math.min(start + rowsMeasuredTogether, weight.length)
    const own = weight.subarray(start, end)
    const share = own.reduce((all, value) => all + value, 0)
    if (share === 0) continue
    const loss = await meter.measure(
      predicted.subarray(start * columns, end * columns),
      labels.subarray(start * labelColumns, end * labelColumns),
      own,
    )
    sum += share * loss
    total += share
  }
  return total === 0 ? 0 : sum / total
}
