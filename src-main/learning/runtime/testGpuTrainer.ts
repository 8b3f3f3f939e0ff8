import type { PairInputs } from '../features/pairInputs.ts'
import { sliceSteps, type Steps } from '../training/plan.ts'
import { createTestTraining } from '../training/testTrainer.ts'
import type { Trainer } from '../training/trainer.ts'
import { createTrainerOn } from './createTrainer.ts'
import { fixedProblem } from './probeProblem.ts'

// For the test of webgpu, whose driver is found through the environment that a process starts with: trains on the back
// end that the command line names, and prints what came out.

const [name] = process.argv.slice(2)

async function outcome(trainer: Trainer, steps: readonly Steps[], inputs: PairInputs): Promise<unknown> {
  const losses: number[] = []
  const plain = (values: ReadonlyMap<string, Float32Array>): unknown =>
    [...values].map(([key, own]) => [key, [...own]])
  const weights: unknown[] = []
  for (const own of steps) {
    losses.push(...(await trainer.train(own)))
    weights.push(plain(await trainer.parameters()))
  }
  const predicted = await trainer.predict(inputs)
  const { state } = await trainer.state()
  await trainer.dispose()
  return { losses, weights, predicted: [...predicted], state: plain(state) }
}

const backend = {
  name: name === 'webgpu' ? ('webgpu' as const) : ('cpu' as const),
  gpuFolder: '',
  threads: 1,
}
const { options, steps } = fixedProblem()
const interaction = createTestTraining('interaction', 0.3)
const results = [
  await outcome(await createTrainerOn(options, backend), [steps, steps], options.inputs),
  await outcome(await createTrainerOn({ ...options, maskPool: null }, backend), [steps], options.inputs),
  await outcome(
    await createTrainerOn(interaction.options, backend),
    [sliceSteps(interaction.steps(1), 0, 1)],
    interaction.options.inputs,
  ),
]
console.log(JSON.stringify(results))
