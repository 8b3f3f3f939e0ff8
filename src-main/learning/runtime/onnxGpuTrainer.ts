import { Tensor } from 'onnxruntime-node'
import { stateName, stateParts, type Trainer, type TrainerOptions } from '../training/trainer.ts'
import { buildStepModel } from '../training/trainingModel.ts'
import { createGpuMemory } from './gpuMemory.ts'
import { createSession, floatsOf, openBeside, runSession } from './onnxRuntime.ts'
import { createForward, firstState, fixedTensors } from './onnxTrainer.ts'

/**
 * Trains a head on webgpu, one step a run: rows, weights and the optimiser's state stay on the graphics card from the
 * first step to the last. (In the `Scan` of `createOnnxTrainer`, which runs on the CPU, the state would travel to the
 * card and back in every step.)
 */
export async function createOnnxGpuTrainer(options: TrainerOptions): Promise<Trainer> {
  const { head, size, labelColumns } = options
  const { members } = size
  const { model, outputs } = buildStepModel({
    head,
    loss: options.loss,
    size,
    labelColumns,
    batch: options.batch,
    dropout: options.maskPool !== null,
  })
  const parameters = head.parameters(size)
  const names = parameters.flatMap(({ name }) => stateParts.map((part) => stateName(part, name)))
  const next = outputs.slice(0, names.length)
  const step = await createSession(model, 1, 'webgpu', next)
  const forward = await openBeside(
    () => step.release(),
    () => createForward(head, size, { provider: 'webgpu', threads: 1 }),
  )
  const memory = createGpuMemory()

  const state = new Map<string, Tensor>()
  for (const [name, tensor] of firstState(options)) state.set(name, await memory.upload(tensor))
  const fixed: Record<string, Tensor> = {}
  // Numbers of texts and tokens are read on the CPU, where shapes are made of them.
  for (const [name, tensor] of Object.entries(fixedTensors(options)))
    fixed[name] = tensor.type === 'float32' ? await memory.upload(tensor) : tensor
  const present = (name: string): Tensor => {
    const tensor = state.get(name)
    if (tensor === undefined) throw new RangeError(`There is no ${name}`)
    return tensor
  }
  const download = async (wanted: readonly string[]): Promise<Map<string, Float32Array>> => {
    const values = new Map<string, Float32Array>()
    for (const name of wanted) values.set(name, await memory.download(present(name)))
    return values
  }
  const weights = async (): Promise<Map<string, Float32Array>> => {
    const values = await download(parameters.map(({ name }) => stateName('value', name)))
    return new Map(
      parameters.map(({ name }) => [name, values.get(stateName('value', name)) ?? new Float32Array()]),
    )
  }

  return {
    async train(steps) {
      const { count, batch } = steps
      const width = members * 3
      const losses = new Float32Array(count * members)
      for (let number = 0; number < count; number++) {
        const [start, end] = [number * batch, (number + 1) * batch]
        const rates = steps.rates.subarray(number * width, (number + 1) * width)
        const result = await runSession(step, {
          ...Object.fromEntries(names.map((name) => [`step:${name}`, present(name)])),
          ...fixed,
          rows: new Tensor('int64', BigInt64Array.from(steps.rows.subarray(start, end), BigInt), [batch]),
          counted: new Tensor('float32', steps.counted.subarray(start, end), [batch]),
          maskOffset: new Tensor('int64', [BigInt(steps.maskOffsets[number] ?? 0)], [1]),
          rates: new Tensor('float32', rates, [members, 3]),
        })
        for (const [index, name] of names.entries()) {
          const moved = result.get(next[index] ?? '')
          if (moved === undefined) throw new RangeError(`A step gives no ${name}`)
          present(name).dispose()
          state.set(name, moved)
        }
        losses.set(floatsOf(result.get(outputs[names.length] ?? '')), number * members)
      }
      return losses
    },
    predict: async (inputs, given) => forward.run('predicted', inputs, given ?? (await weights())),
    parameters: weights,
    state: async () => ({ state: await download(names) }),
    async dispose() {
      for (const tensor of state.values()) tensor.dispose()
      for (const tensor of Object.values(fixed)) if (tensor.location === 'gpu-buffer') tensor.dispose()
      await step.release()
      await forward.close()
      await memory.close()
    },
  }
}
