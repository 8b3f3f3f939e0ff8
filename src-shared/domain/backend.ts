import { z } from 'zod'

/** What a training can run on: the rungs of the ladder, in the order in which they are tried. */
export const backendName = z.enum(['tfjs-node-gpu', 'cuda', 'webgpu', 'cpu'])
export type BackendName = z.infer<typeof backendName>

/** What people choose: a rung for every training, or the first of the ladder that is right and faster than cpu. */
export const backendChoice = z.enum(['automatic', ...backendName.options])
export type BackendChoice = z.infer<typeof backendChoice>

/** How rungs are called in reports and on screen. */
export const backendTitles: Readonly<Record<BackendName, string>> = {
  'tfjs-node-gpu': 'TensorFlow cuda',
  cuda: 'ONNX Runtime cuda',
  webgpu: 'ONNX Runtime webgpu',
  cpu: 'ONNX Runtime cpu',
}

/** What is known of one rung on this machine. */
export const rung = z.object({
  name: backendName,
  /**
   * `fit`: right and faster than cpu, or cpu itself; `slower`: right, and may be forced; `wrong`: its losses are not
   * those they should be; `failed`: its probe crashed, hung or threw; `absent`: it was not started, since it cannot be
   * there; `unknown`: not probed yet.
   */
  verdict: z.enum(['fit', 'slower', 'wrong', 'failed', 'absent', 'unknown']),
  /** Why, in one sentence. */
  reason: z.string(),
  /** Of one training step of the default heads; null where it was not timed. */
  millisecondsPerStep: z.number().positive().nullable(),
})
export type Rung = z.infer<typeof rung>
