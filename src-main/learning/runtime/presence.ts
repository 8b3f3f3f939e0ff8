import { accessSync, constants, existsSync, readdirSync, readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { BackendName } from '#shared/domain/backend.ts'
import { findCudaRuntime } from './installedRuntime.ts'
import { tensorflowGpuPackage } from './tensorflowGpu.ts'

/** Where a machine's facts are read; the defaults are this machine's. */
export interface MachineOptions {
  /** The folder of `npm run gpu:install`, whether there is one or not. */
  readonly gpuFolder: string
  readonly platform?: NodeJS.Platform
  readonly architecture?: string
  readonly environment?: NodeJS.ProcessEnv
  /** The folder that holds `dev`, `proc` and `sys`. */
  readonly root?: string
  /** Whether a software device may do a graphics card's work; for tests. */
  readonly allowSoftware?: boolean
}

/** Why a rung cannot be on this machine, in one sentence; null where a probe has to tell. Starts nothing. */
export type Absences = Readonly<Record<BackendName, string | null>>

/** Looks at files alone, so it takes milliseconds. */
export function findAbsences(options: MachineOptions): Absences {
  const { gpuFolder, platform = process.platform } = options
  const architecture = options.architecture ?? process.arch
  const forCuda =
    architecture !== 'x64' || (platform !== 'linux' && platform !== 'win32')
      ? 'It exists for x64 Linux and Windows only.'
      : null
  return {
    'tfjs-node-gpu':
      forCuda ??
      (tensorflowGpuVersion(gpuFolder) === null
        ? 'It is not installed: "npm run gpu:install" does that.'
        : withoutNvidia(options)),
    cuda:
      forCuda ??
      (platform === 'win32'
        ? 'ONNX Runtime for Node has it on Linux only; webgpu serves NVIDIA cards here.'
        : findCudaRuntime(gpuFolder) === null
          ? 'Its libraries are not installed: "npm run gpu:install" does that.'
          : withoutNvidia(options)),
    webgpu: options.allowSoftware === true ? null : withoutCard(options),
    cpu: null,
  }
}

/** What a kept verdict depends on: where one of these has changed, it is asked anew. */
export function describeMachine(
  options: MachineOptions,
  programVersion: string,
): Record<string, string | null> {
  const { gpuFolder } = options
  return {
    program: programVersion,
    onnxruntime: versionOf(createRequire(import.meta.url), 'onnxruntime-node'),
    tensorflow: versionOf(createRequire(import.meta.url), '@tensorflow/tfjs'),
    tensorflowGpu: tensorflowGpuVersion(gpuFolder),
    cudaLibrary: findCudaRuntime(gpuFolder)?.library ?? null,
    platform: options.platform ?? process.platform,
    architecture: options.architecture ?? process.arch,
    processor: cpus()[0]?.model.trim() ?? null,
    card: nameCards(options),
  }
}

function tensorflowGpuVersion(gpuFolder: string): string | null {
  return versionOf(createRequire(join(gpuFolder, 'package.json')), tensorflowGpuPackage)
}

/** The version of a package as `require` finds it; null where it is not there. */
function versionOf(require: NodeJS.Require, name: string): string | null {
  for (const folder of require.resolve.paths(name) ?? []) {
    const file = join(folder, name, 'package.json')
    if (!existsSync(file)) continue
    const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version?: unknown }
    return typeof version === 'string' ? version : null
  }
  return null
}

function withoutNvidia({ platform = process.platform, root = '/' }: MachineOptions): string | null {
  // Windows keeps no such files; the probe tells. `dxg` is what WSL has instead.
  const signs = ['proc/driver/nvidia/version', 'dev/nvidiactl', 'dev/dxg']
  if (platform !== 'linux' || signs.some((sign) => existsSync(join(root, sign)))) return null
  return 'There is no NVIDIA driver on this machine.'
}

/** Why there is no card that webgpu could use. Only Linux tells it by files. */
function withoutCard(options: MachineOptions): string | null {
  const { platform = process.platform, root = '/', environment = process.env } = options
  const named = environment['VK_DRIVER_FILES'] ?? environment['VK_ICD_FILENAMES'] ?? ''
  if (/swiftshader|lvp|lavapipe/i.test(named))
    return 'The Vulkan driver that the environment names is a software one, which is slower than cpu.'
  if (platform !== 'linux') return null
  const devices = cardDevices(root)
  if (devices.length === 0) return 'There is no graphics card on this machine.'
  if (devices.some(isOpen)) return null
  return `This user may not use the graphics card: ${devices.join(', ')} cannot be opened.`
}

function isOpen(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK)
    return true
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown) return false
    throw thrown
  }
}

/** The files through which Linux hands out its graphics cards: the kernel's own, NVIDIA's, and that of WSL. */
function cardDevices(root: string): string[] {
  const isCard = /^(renderD\d+|nvidia\d+|dxg)$/
  return ['dev/dri', 'dev'].flatMap((folder) =>
    namesIn(join(root, folder))
      .filter((name) => isCard.test(name))
      .map((name) => join(root, folder, name)),
  )
}

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).sort() : []
}

/** NVIDIA's names of its cards, else vendor and device numbers; null where the system does not tell. */
function nameCards({ root = '/' }: MachineOptions): string | null {
  const read = (path: string): string => (existsSync(path) ? readFileSync(path, 'utf8').trim() : '')
  const nvidia = join(root, 'proc/driver/nvidia/gpus')
  const models = namesIn(nvidia).flatMap(
    (card) => /^Model:\s*(.+)$/m.exec(read(join(nvidia, card, 'information')))?.[1] ?? [],
  )
  const drm = join(root, 'sys/class/drm')
  const numbers = namesIn(drm)
    .filter((name) => name.startsWith('renderD'))
    .map((name) => ['vendor', 'device'].map((part) => read(join(drm, name, 'device', part))).join(':'))
  const names = models.length > 0 ? models : numbers
  return names.length === 0 ? null : names.join(', ')
}
