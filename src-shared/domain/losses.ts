import { z } from 'zod'

/** What a scoring head can be trained to make small. */
export const lossName = z.enum([
  'mse',
  'mae',
  'huber',
  'binary-cross-entropy',
  'ranking',
  'cosent',
  'gaussian',
])
export type LossName = z.infer<typeof lossName>
