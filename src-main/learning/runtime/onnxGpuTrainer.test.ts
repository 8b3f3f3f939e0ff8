import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const swiftshader = '/usr/lib/chromium/vk_swiftshader_icd.json'
if (!existsSync(swiftshader))
  console.log(`The webgpu trainer is not tested: there is no ${swiftshader} (Debian's chromium has it).`)

const program = fileURLToPath(new URL('testGpuTrainer.ts', import.meta.url))

/** All numbers that a training on a back end gives, in order. */
function numbersOf(backend: 'webgpu' | 'cpu'): number[] {
  const environment = { VK_ICD_FILENAMES: swiftshader, LD_LIBRARY_PATH: '/usr/lib/chromium' }
  const printed = execFileSync(process.execPath, [program, backend], {
    encoding: 'utf8',
    env: { ...process.env, ...environment },
  })
  const numbers: number[] = []
  JSON.parse(printed, (_, value: unknown) => {
    if (typeof value === 'number') numbers.push(value)
    return value
  })
  return numbers
}

test.skipIf(!existsSync(swiftshader))(
  'webgpu gives the losses, scores and weights of cpu, with dropout and without, over several calls',
  () => {
    const [gpu, cpu] = [numbersOf('webgpu'), numbersOf('cpu')]
    expect(gpu).toHaveLength(cpu.length)
    // Losses, scores, and the weights twice: of three members, 33 features, 16 units.
    expect(cpu).toHaveLength(2 * (60 + 960 + 2 * 3 * (33 * 16 + 4 * 16 + 1)))
    const apart = cpu.map((value, index) => Math.abs(value - (gpu[index] ?? NaN)))
    expect(Math.max(...apart)).toBeLessThan(1e-5)
  },
)
