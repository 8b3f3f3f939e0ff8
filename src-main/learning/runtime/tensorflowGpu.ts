import { createRequire } from 'node:module'
import { join } from 'node:path'
import type * as Tensorflow from '@tensorflow/tfjs'

/** The package that `npm run gpu:install` puts into its folder. */
export const tensorflowGpuPackage = '@tensorflow/tfjs-node-gpu'

/**
 * Loads `@tensorflow/tfjs-node-gpu` from the folder that `npm run gpu:install` fills. Only the training process and a
 * probe do this: what is wrong with its libraries can end the process.
 * @throws what loading it throws, and an Error where TensorFlow finds no card that it can use.
 */
export function loadTensorflowGpu(gpuFolder: string): typeof Tensorflow {
  const require = createRequire(join(gpuFolder, 'package.json'))
  restoreOldUtilities(require('node:util') as Record<string, unknown>)
  const tensorflow = require(tensorflowGpuPackage) as typeof Tensorflow
  const { isUsingGpuDevice } = tensorflow.backend() as { isUsingGpuDevice?: boolean }
  if (isUsingGpuDevice === false)
    throw new Error('TensorFlow finds no graphics card that it can use: CUDA 11.2 and cuDNN 8.1 are needed')
  return tensorflow
}

/** Puts back what tfjs-node 4.22 calls and Node has no longer since version 23. */
function restoreOldUtilities(target: Record<string, unknown>): void {
  target['isArray'] ??= Array.isArray
  target['isNullOrUndefined'] ??= (value: unknown) => value === null || value === undefined
}
