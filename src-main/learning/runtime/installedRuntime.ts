import { existsSync } from 'node:fs'
import { createRequire, registerHooks } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'

const packageName = 'onnxruntime-node'
const wordStart = '--onnxruntime-of='

/** Where ONNX Runtime's own libraries for cuda lie; null where they are not there. */
export interface CudaRuntime {
  /** The provider's library. */
  readonly library: string
  /** The folder in whose `node_modules` the runtime lies that has them; null for the program's own. */
  readonly folder: string | null
}

/**
 * Looks for the provider's library, which ONNX Runtime loads from beside its own: in the folder that
 * `npm run gpu:install` fills, then in the program's own packages.
 */
export function findCudaRuntime(gpuFolder: string): CudaRuntime | null {
  const beside = (runtime: string): string =>
    join(runtime, 'bin', 'napi-v6', process.platform, process.arch, 'libonnxruntime_providers_cuda.so')
  const installed = beside(join(gpuFolder, 'node_modules', packageName))
  if (existsSync(installed)) return { library: installed, folder: gpuFolder }
  const own = beside(join(dirname(createRequire(import.meta.url).resolve(packageName)), '..'))
  return existsSync(own) ? { library: own, folder: null } : null
}

/** The command line that makes a worker process use a runtime from elsewhere, see `useInstalledRuntime`. */
export function runtimeWords(runtime: CudaRuntime | null): string[] {
  return runtime?.folder == null ? [] : [wordStart + runtime.folder]
}

/**
 * Lets this process load `onnxruntime-node` from the folder that its command line names, if it names one. A process can
 * hold one ONNX Runtime only, so this comes before the first import of it.
 */
export function useInstalledRuntime(words: readonly string[] = process.argv): void {
  const folder = words.find((word) => word.startsWith(wordStart))?.slice(wordStart.length)
  if (folder === undefined) return
  const parentURL = pathToFileURL(join(folder, 'package.json')).href
  registerHooks({
    resolve: (specifier, context, next) =>
      next(specifier, specifier === packageName ? { ...context, parentURL } : context),
  })
}
