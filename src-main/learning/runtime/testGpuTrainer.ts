import type { Trainer } from '../training/trainer.ts'
import { createTrainerOn } from './createTrainer.ts'
import { fixedProblem } from './probeProblem.ts'

// For the test of webgpu, whose driver is found through the environment that a process starts with: trains on the back
// end that the command line names, and prints what came out.

const [name] = process.argv.slice(2)
const { options, steps } = fixedProblem()
const withoutDropout = { ...options, maskPool: null }

async function outcome(trainer: Trainer): Promise<unknown> {
  const first = await trainer.train(steps)
  const early = await trainer.parameters()
  const second = await trainer.train(steps)
  const scores = await trainer.run(options.inputs)
  const late = await trainer.parameters()
  await trainer.dispose()
  const plain = (weights: typeof early): unknown => [...weights].map(([key, values]) => [key, [...values]])
  return { losses: [...first, ...second], scores: [...scores], early: plain(early), late: plain(late) }
}

const backend = {
  name: name === 'webgpu' ? ('webgpu' as const) : ('cpu' as const),
  gpuFolder: '',
  threads: 1,
}
const results = [
  await outcome(await createTrainerOn(options, backend)),
  await outcome(await createTrainerOn(withoutDropout, backend)),
]
console.log(JSON.stringify(results))
