import type { Trainer } from '../training/trainer.ts'
import { createTrainerOn, type BackendOptions } from './createTrainer.ts'
import type { ProbeResult } from './probeContract.ts'
import { fixedProblem, realisticProblem } from './probeProblem.ts'
import { timedSteps, timeSteps } from './timeSteps.ts'

/** A stretch that is timed lasts about this long, in milliseconds, and has at most `mostSteps` steps. */
const stretch = 100
const mostSteps = 16
const stretches = 5

/**
 * Trains the fixed problem on a back end, and times the realistic one.
 * @throws whatever the back end throws.
 */
export async function probe(backend: BackendOptions): Promise<ProbeResult> {
  const { options, steps } = fixedProblem()
  const losses = await withTrainer(await createTrainerOn(options, backend), (trainer) => trainer.train(steps))

  const realistic = realisticProblem().options
  const counts = backend.name === 'cpu' ? [...new Set([1, backend.threads])] : [backend.threads]
  let fastest = { millisecondsPerStep: Infinity, threads: 1 }
  for (const threads of counts) {
    const trainer = await createTrainerOn(realistic, { ...backend, threads })
    const millisecondsPerStep = await withTrainer(trainer, (own) =>
      timeTypically(own, (count) => timedSteps(realistic, count)),
    )
    if (millisecondsPerStep < fastest.millisecondsPerStep) fastest = { millisecondsPerStep, threads }
  }
  return { losses: Array.from(losses, (loss) => (Number.isFinite(loss) ? loss : null)), ...fastest }
}

async function withTrainer<Result>(
  trainer: Trainer,
  use: (trainer: Trainer) => Promise<Result>,
): Promise<Result> {
  try {
    return await use(trainer)
  } finally {
    await trainer.dispose()
  }
}

/** The median of some stretches, in milliseconds a step. The first step compiles, the second says how long they are. */
async function timeTypically(
  trainer: Trainer,
  take: (count: number) => ReturnType<typeof timedSteps>,
): Promise<number> {
  await timeSteps(trainer, take(1))
  const one = await timeSteps(trainer, take(1))
  if (one > stretch) return one
  const steps = take(Math.min(mostSteps, Math.max(1, Math.round(stretch / one))))
  const times: number[] = []
  for (let number = 0; number < stretches; number++) times.push(await timeSteps(trainer, steps))
  return times.sort((left, right) => left - right)[Math.floor(stretches / 2)] ?? one
}
