import type { Trainer, TrainerOptions } from '../training/trainer.ts'
import { createOnnxTrainer } from './onnxTrainer.ts'
import { timedSteps, timeSteps } from './timeSteps.ts'

/** Rounds in which every number of threads is timed once, and steps of one round. */
const rounds = 3
const stepsPerRound = 2
/** With steps this long a single round tells enough, in milliseconds. */
const longStep = 60

/**
 * How many threads train a head fastest on the CPU just now: a second thread helps on a quiet machine and hurts on a
 * busy one. It takes well under half a second for the default heads, and changes no bit of the result: ONNX Runtime
 * splits products and sums over their outputs, never one sum over threads.
 * @param most threads that may be used, at least 1.
 */
export async function chooseThreads(options: TrainerOptions, most: number): Promise<number> {
  const counts = [...new Set([1, Math.ceil(most / 2), most])]
  if (counts.length === 1) return most
  const steps = timedSteps(options, stepsPerRound)
  const contestants: { readonly threads: number; readonly trainer: Trainer; best: number }[] = []
  try {
    for (const threads of counts) {
      const trainer = await createOnnxTrainer(options, { provider: 'cpu', threads })
      contestants.push({ threads, trainer, best: Infinity })
      // The first run is slower than all others.
      await timeSteps(trainer, timedSteps(options, 1))
    }
    // In turns, so that whatever else the machine does meets all of them.
    for (let round = 0; round < rounds; round++) {
      for (const contestant of contestants)
        contestant.best = Math.min(contestant.best, await timeSteps(contestant.trainer, steps))
      if (contestants.some(({ best }) => best > longStep)) break
    }
  } finally {
    for (const { trainer } of contestants) await trainer.dispose()
  }
  return contestants.reduce((fastest, other) => (other.best < fastest.best ? other : fastest)).threads
}
