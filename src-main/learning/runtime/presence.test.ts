import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { describeMachine, findAbsences, type MachineOptions } from './presence.ts'

const root = mkdtempSync(join(tmpdir(), 'gradus-machine-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

let machines = 0
/** An x64 Linux machine that has these files and nothing else. */
function machine(files: Record<string, string>, change: Partial<MachineOptions> = {}): MachineOptions {
  const own = join(root, String(++machines))
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(own, path)), { recursive: true })
    writeFileSync(join(own, path), content)
  }
  return {
    gpuFolder: join(own, 'gpu'),
    root: own,
    platform: 'linux',
    architecture: 'x64',
    environment: {},
    ...change,
  }
}

const tensorflow = { 'gpu/node_modules/@tensorflow/tfjs-node-gpu/package.json': '{ "version": "4.22.0" }' }
const library = `gpu/node_modules/onnxruntime-node/bin/napi-v6/${process.platform}/${process.arch}/libonnxruntime_providers_cuda.so`

test('a machine with nothing has cpu alone, each other rung with its reason', () => {
  expect(findAbsences(machine({}))).toEqual({
    'tfjs-node-gpu': 'It is not installed: "npm run gpu:install" does that.',
    cuda: 'Its libraries are not installed: "npm run gpu:install" does that.',
    webgpu: 'There is no graphics card on this machine.',
    cpu: null,
  })
})

test('what is installed needs the driver; with it, probes have to tell', () => {
  const without = findAbsences(machine({ ...tensorflow, [library]: '' }))
  const noDriver = 'There is no NVIDIA driver on this machine.'
  expect([without['tfjs-node-gpu'], without.cuda]).toEqual([noDriver, noDriver])
  const card = { 'proc/driver/nvidia/version': 'NVRM', 'dev/nvidia0': '' }
  const all = { 'tfjs-node-gpu': null, cuda: null, webgpu: null, cpu: null }
  expect(findAbsences(machine({ ...tensorflow, [library]: '', ...card }))).toEqual(all)
})

test('webgpu may be wherever the system has a card that may be opened', () => {
  const webgpu = (files: Record<string, string>, change: Partial<MachineOptions> = {}): string | null =>
    findAbsences(machine(files, change)).webgpu
  expect([
    webgpu({ 'dev/dri/renderD128': '' }),
    webgpu({ 'dev/dxg': '' }),
    // The screen alone is no device to compute on.
    webgpu({ 'dev/dri/card0': '' }),
    webgpu({}, { platform: 'darwin' }),
    webgpu({}, { allowSoftware: true }),
    webgpu({ 'dev/dri/renderD128': '' }, { environment: { VK_ICD_FILENAMES: '/x/lvp_icd.x86_64.json' } }),
  ]).toEqual([
    null,
    null,
    'There is no graphics card on this machine.',
    null,
    null,
    'The Vulkan driver that the environment names is a software one, which is slower than cpu.',
  ])
})

test('other systems are told what they can have', () => {
  const mac = findAbsences(machine(tensorflow, { platform: 'darwin', architecture: 'arm64' }))
  const windows = findAbsences(machine(tensorflow, { platform: 'win32' }))
  expect([mac['tfjs-node-gpu'], mac.cuda]).toEqual(Array(2).fill('It exists for x64 Linux and Windows only.'))
  expect([windows['tfjs-node-gpu'], windows.cuda, windows.webgpu]).toEqual([
    null,
    'ONNX Runtime for Node has it on Linux only; webgpu serves NVIDIA cards here.',
    null,
  ])
})

test('a machine is known by program, libraries, processor and card', () => {
  const bare = machine({})
  const before = describeMachine(bare, '1.0.0')
  expect(before).toMatchObject({ program: '1.0.0', tensorflowGpu: null, cudaLibrary: null, card: null })
  expect(describeMachine(bare, '1.0.0')).toEqual(before)
  const model = 'Model: \t\t NVIDIA GeForce RTX 4070\nIRQ: 1'
  const drm = 'sys/class/drm/renderD128/device'
  const card = (files: Record<string, string>): unknown => describeMachine(machine(files), '1.0.0')['card']
  expect([
    card({ 'proc/driver/nvidia/gpus/0000:01:00.0/information': model }),
    card({ [`${drm}/vendor`]: '0x1002\n', [`${drm}/device`]: '0x73bf\n' }),
    describeMachine(machine(tensorflow), '1.0.0')['tensorflowGpu'],
    describeMachine(machine({ [library]: '' }), '1.0.0')['cudaLibrary'],
  ]).toEqual([
    'NVIDIA GeForce RTX 4070',
    '0x1002:0x73bf',
    '4.22.0',
    expect.stringContaining('libonnxruntime_providers_cuda.so'),
  ])
})
