import { GradusError } from '#shared/contract/errors.ts'
import type { EpochRecord, StoppingReason } from '#shared/domain/run.ts'
import { processGate } from '../jobs/gate.ts'
import { countsEpoch, firstStanding, standAfter, type Standing } from './training/earlyStopping.ts'
import { planEpoch, sliceSteps, type PlanOptions, type Steps } from './training/plan.ts'
import type { Trainer, TrainerState } from './training/trainer.ts'

/** How long one call of the back end may last; between calls a cancel is heard. */
const secondsBetweenChecks = 0.25

/** How well a head does on validation after an epoch. */
export interface ValidationFigures {
  readonly loss: number
  /** Null where it is not defined, or where the head gives no scores. */
  readonly pearson: number | null
}

/** Where a fit is between two epochs; another fit goes on from there with the same result. */
export interface FitProgress extends Standing {
  readonly epochs: readonly EpochRecord[]
  /** Weights and validation predictions of the best epoch. */
  readonly parameters: ReadonlyMap<string, Float32Array>
  readonly validation: Float32Array
  readonly stepsDone: number
  readonly trainer: TrainerState
}

/** Who keeps where a fit is: the state of a trainer is large, so it is copied only when it is wanted. */
export interface Checkpoints {
  /** Whether the end of an epoch is to be told. */
  isDue(): boolean
  /** Told then, and when the fit is cancelled: of the last epoch that was whole, where that was not told. */
  tell(progress: FitProgress): void
}

export interface FitOptions {
  readonly plan: PlanOptions
  readonly members: number
  readonly patience: number
  readonly minimumDelta: number
  /** What the present weights predict of the validation rows. */
  readonly validate: () => Promise<Float32Array>
  readonly judge: (predicted: Float32Array) => Promise<ValidationFigures>
  readonly signal: AbortSignal
  readonly onEpoch: (record: EpochRecord) => void
  /** Share of the longest possible fit that is done, 0–1. */
  readonly onProgress: (share: number) => void
  /** Null where nobody wants to go on from an epoch. */
  readonly checkpoints: Checkpoints | null
  /** Where an earlier fit was. */
  readonly resume: FitProgress | null
}

/** A finished fit, with the weights and validation predictions of its best epoch. */
export interface Fit {
  readonly epochs: EpochRecord[]
  readonly bestEpoch: number
  readonly stoppingReason: StoppingReason
  readonly parameters: ReadonlyMap<string, Float32Array>
  /** Predictions on validation [members × rows × columns]. */
  readonly validation: Float32Array
}

const beginning: Omit<FitProgress, 'trainer'> = {
  ...firstStanding,
  epochs: [],
  parameters: new Map(),
  validation: new Float32Array(),
  stepsDone: 0,
}

/**
 * Trains until the validation Pearson of the ensemble's mean has not risen by `minimumDelta` for `patience` epochs
 * (where it is not defined: until the validation loss has not fallen by that share of itself), or the epochs are used
 * up; the weights of the best epoch are kept. Epochs of the very first steps do not count. The same seed on the same back
 * end gives the same bits.
 * @throws GradusError `cancelled`; `bad-options` when the loss, of training or validation, stops being a number.
 */
export async function fit(trainer: Trainer, options: FitOptions): Promise<Fit> {
  const { plan, members, signal, patience, minimumDelta } = options
  const { maximumEpochs } = plan
  const learningRate = Math.max(...plan.rates.map((rate) => rate.learningRate))
  let now = options.resume ?? beginning
  let stepsAtOnce = 1
  const keeper = createKeeper(trainer, options.checkpoints, now.epochs.length)

  const finished = (stoppingReason: StoppingReason): Fit => {
    const { epochs, bestEpoch, parameters, validation } = now
    return { epochs: [...epochs], bestEpoch, stoppingReason, parameters, validation }
  }
  if (now.waited >= patience) return finished('early-stopping')

  for (let epoch = now.epochs.length + 1; epoch <= maximumEpochs; epoch++) {
    const steps = planEpoch(plan, epoch)
    let lossSum = 0
    let calls = 0
    for (let done = 0; done < steps.count;) {
      await processGate.passed()
      if (signal.aborted) {
        await keeper.cancelled(done === 0 ? now : null)
        throw new GradusError('cancelled', 'The training was cancelled.')
      }
      const part = sliceSteps(steps, done, Math.min(done + stepsAtOnce, steps.count))
      lossSum += await trainPart(trainer, part, epoch, learningRate, (seconds) => {
        stepsAtOnce = Math.max(1, Math.floor((part.count * secondsBetweenChecks) / Math.max(seconds, 1e-4)))
      })
      done += part.count
      calls++
      options.onProgress((epoch - 1 + done / steps.count) / maximumEpochs)
    }

    const predicted = await options.validate()
    const figures = await options.judge(predicted)
    // The last step's loss is that before it, so what this step broke shows here first.
    throwIfDiverged(figures.loss, epoch, learningRate)
    const record = {
      epoch,
      trainingLoss: lossSum / (steps.count * members),
      validationLoss: figures.loss,
      validationPearson: figures.pearson,
    }
    const stepsDone = now.stepsDone + steps.count
    const stands = countsEpoch(stepsDone, epoch, maximumEpochs)
      ? standAfter(now, { epoch, ...figures }, minimumDelta)
      : now
    const best =
      stands.bestEpoch === epoch ? { parameters: await trainer.parameters(), validation: predicted } : {}
    now = { ...now, ...stands, ...best, epochs: [...now.epochs, record], stepsDone }
    options.onEpoch(record)
    // An epoch of one call ends before a cancel is heard, so its beginning need not be held.
    await keeper.ended(now, calls > 1)
    if (now.waited >= patience) return finished('early-stopping')
  }
  return finished('maximum-epochs')
}

/** Copies the trainer's state where an epoch is told, or may have to be. */
function createKeeper(
  trainer: Trainer,
  checkpoints: Checkpoints | null,
  known: number,
): {
  ended(now: Omit<FitProgress, 'trainer'>, mayBeCutShort: boolean): Promise<void>
  /** @param now where the trainer still stands; null in the middle of an epoch. */
  cancelled(now: Omit<FitProgress, 'trainer'> | null): Promise<void>
} {
  /** The last epoch that was held, but not told. */
  let held: FitProgress | null = null
  let told = known
  const copy = async (now: Omit<FitProgress, 'trainer'>): Promise<FitProgress> => ({
    ...now,
    trainer: await trainer.state(),
  })
  return {
    async ended(now, mayBeCutShort) {
      if (checkpoints === null) return
      if (checkpoints.isDue()) {
        checkpoints.tell(await copy(now))
        told = now.epochs.length
        held = null
      } else if (mayBeCutShort) held = await copy(now)
    },
    async cancelled(now) {
      if (checkpoints === null) return
      const last = now !== null && now.epochs.length > told ? await copy(now) : held
      if (last !== null) checkpoints.tell(last)
    },
  }
}

/** Does some steps and returns the sum of their losses. */
async function trainPart(
  trainer: Trainer,
  steps: Steps,
  epoch: number,
  learningRate: number,
  onSeconds: (seconds: number) => void,
): Promise<number> {
  const start = performance.now()
  const losses = await trainer.train(steps)
  onSeconds((performance.now() - start) / 1000)
  const sum = losses.reduce((total, loss) => total + loss, 0)
  throwIfDiverged(sum, epoch, learningRate)
  return sum
}

function throwIfDiverged(loss: number, epoch: number, learningRate: number): void {
  if (Number.isFinite(loss)) return
  throw new GradusError(
    'bad-options',
    `The training diverged in epoch ${epoch}: its loss is no longer a number. Train again with a learning rate lower than ${learningRate}.`,
    { epoch, learningRate },
  )
}

/** The mean over members of one column of [members × rows × columns]: [rows]. */
export function ensembleMean(
  predicted: Float32Array,
  members: number,
  columns = 1,
  column = 0,
): Float32Array {
  const rows = predicted.length / members / columns
  const mean = new Float32Array(rows)
  for (let row = 0; row < rows; row++) {
    let sum = 0
    for (let member = 0; member < members; member++)
      sum += predicted[(member * rows + row) * columns + column] ?? 0
    mean[row] = sum / members
  }
  return mean
}
