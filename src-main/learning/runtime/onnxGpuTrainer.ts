import { Tensor } from 'onnxruntime-node'
import { rowCount, sliceRows, type Trainer, type TrainerOptions } from '../training/trainer.ts'
import { buildStepModel, stateName, stateParts } from '../training/trainingModel.ts'
import { createGpuMemory } from './gpuMemory.ts'
import { createSession, embeddingTensors, floatsOf, runSession } from './onnxRuntime.ts'
import { buildForwardModel } from './onnxTrainer.ts'

/** Rows scored at once. */
const scoredAtOnce = 512

/**
 * Trains a head on webgpu, one step a run: rows, weights and the optimiser's state stay on the graphics card from the
 * first step to the last. (In the `Scan` of `createOnnxTrainer`, which runs on the CPU, the state would travel to the
 * card and back in every step.)
 */
export async function createOnnxGpuTrainer(options: TrainerOptions): Promise<Trainer> {
  const { head, size } = options
  const { members, featureWidth } = size
  const rows = rowCount(options.pairs)
  const { model, outputs } = buildStepModel({
    head,
    loss: options.loss,
    size,
    batch: options.batch,
    dropout: options.maskPool !== null,
  })
  const parameters = head.parameters(size)
  const names = parameters.flatMap(({ name }) => stateParts.map((part) => stateName(part, name)))
  const next = outputs.slice(0, names.length)
  const step = await createSession(model, 1, 'webgpu', next)
  const forward = await createSession(buildForwardModel(head, size), 1, 'webgpu')
  const memory = createGpuMemory()
  const upload = (values: Float32Array, shape: readonly number[]): Promise<Tensor> =>
    memory.upload(new Tensor('float32', values, shape))

  const state = new Map<string, Tensor>()
  for (const { name, shape } of parameters) {
    const initial = options.initial.get(name)
    if (initial === undefined) throw new RangeError(`There are no first weights of ${name}`)
    for (const part of stateParts) {
      const values = part === 'value' ? initial : new Float32Array(initial.length)
      state.set(stateName(part, name), await upload(values, shape))
    }
  }
  const scaling = {
    featureMean: await upload(options.featureMean, [featureWidth]),
    featureScale: await upload(options.featureScale, [featureWidth]),
  }
  const { premise, hypothesis } = embeddingTensors(options.pairs)
  const fixed = {
    ...scaling,
    premise: await memory.upload(premise),
    hypothesis: await memory.upload(hypothesis),
    target: await upload(options.target, [rows]),
    weight: await upload(options.memberWeight, [members, rows]),
    // A graph without dropout has no use for the pool and so no input for it.
    maskPool: await upload(options.maskPool ?? new Float32Array(1), [options.maskPool?.length ?? 1]),
  }
  const present = (name: string): Tensor => {
    const tensor = state.get(name)
    if (tensor === undefined) throw new RangeError(`There is no ${name}`)
    return tensor
  }

  return {
    async train(steps) {
      const { count, batch } = steps
      const losses = new Float32Array(count * members)
      for (let number = 0; number < count; number++) {
        const [start, end] = [number * batch, (number + 1) * batch]
        const result = await runSession(step, {
          ...Object.fromEntries(names.map((name) => [`step:${name}`, present(name)])),
          ...fixed,
          rows: new Tensor('int64', BigInt64Array.from(steps.rows.subarray(start, end), BigInt), [batch]),
          counted: new Tensor('float32', steps.counted.subarray(start, end), [batch]),
          maskOffset: new Tensor('int64', [BigInt(steps.maskOffsets[number] ?? 0)], [1]),
          rates: new Tensor('float32', steps.rates.subarray(number * 3, number * 3 + 3), [3]),
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
    async score(pairs) {
      const total = rowCount(pairs)
      const scores = new Float32Array(members * total)
      const values = parameters.map(({ name }) => stateName('value', name))
      for (let start = 0; start < total; start += scoredAtOnce) {
        const end = Math.min(start + scoredAtOnce, total)
        const [score] = (
          await runSession(forward, {
            ...Object.fromEntries(values.map((name) => [name, present(name)])),
            ...scaling,
            ...embeddingTensors(sliceRows(pairs, start, end)),
          })
        ).values()
        const data = floatsOf(score)
        for (let member = 0; member < members; member++)
          scores.set(
            data.subarray(member * (end - start), (member + 1) * (end - start)),
            member * total + start,
          )
      }
      return scores
    },
    async parameters() {
      const values = new Map<string, Float32Array>()
      for (const { name } of parameters)
        values.set(name, await memory.download(present(stateName('value', name))))
      return values
    },
    async dispose() {
      for (const tensor of [...state.values(), ...Object.values(fixed)]) tensor.dispose()
      await step.release()
      await forward.release()
      await memory.close()
    },
  }
}
