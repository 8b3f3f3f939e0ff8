import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { findCudaRuntime, runtimeWords } from './installedRuntime.ts'

const root = mkdtempSync(join(tmpdir(), 'gradus-runtime-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const runtime = join(root, 'node_modules/onnxruntime-node')
const module = new URL('installedRuntime.ts', import.meta.url).href

/** What a process with this command line gets where it imports ONNX Runtime by its name. */
function importedWith(words: readonly string[]): string {
  const program = `
    const { useInstalledRuntime } = await import(${JSON.stringify(module)})
    useInstalledRuntime()
    const { InferenceSession } = await import(${JSON.stringify(new URL('onnxRuntime.ts', module).href)})
      .then(() => import('onnxruntime-node'))
    console.log(InferenceSession.mark ?? 'own')`
  const command = ['--input-type=module', '--eval', program, '--', ...words]
  return execFileSync(process.execPath, command, { encoding: 'utf8', cwd: import.meta.dirname }).trim()
}

test('a process whose command line names a folder loads ONNX Runtime from there, others their own', () => {
  const library = join(
    runtime,
    `bin/napi-v6/${process.platform}/${process.arch}/libonnxruntime_providers_cuda.so`,
  )
  expect(findCudaRuntime(root)?.folder ?? null).toBeNull()
  mkdirSync(dirname(library), { recursive: true })
  writeFileSync(library, '')
  writeFileSync(join(runtime, 'package.json'), '{ "main": "index.js" }')
  writeFileSync(
    join(runtime, 'index.js'),
    "exports.InferenceSession = { mark: 'installed' }; exports.Tensor = class {}",
  )
  const found = findCudaRuntime(root)
  expect(found).toEqual({ library, folder: root })
  expect([importedWith(runtimeWords(found)), importedWith(runtimeWords(null))]).toEqual(['installed', 'own'])
})
