import type { Steps } from '../training/plan.ts'
import { rowCount, type Trainer, type TrainerOptions } from '../training/trainer.ts'

/** Steps for a stopwatch: rows in their order, and rates that leave the weights as they are. */
export function timedSteps(
  { inputs, batch, size: { members } }: Pick<TrainerOptions, 'inputs' | 'batch' | 'size'>,
  count: number,
): Steps {
  const rows = rowCount(inputs.pairs)
  return {
    count,
    batch,
    rows: Int32Array.from({ length: count * batch }, (_, index) => index % rows),
    counted: new Float32Array(count * batch).fill(1),
    maskOffsets: new Int32Array(count),
    // Step size, smallest, keep: see `adamRates`.
    members,
    rates: Float32Array.from({ length: count * members * 3 }, (_, index) => [0, 1e-8, 1][index % 3] ?? 0),
  }
}

/** Milliseconds a step. */
export async function timeSteps(trainer: Trainer, steps: Steps): Promise<number> {
  const start = performance.now()
  await trainer.train(steps)
  return (performance.now() - start) / steps.count
}
