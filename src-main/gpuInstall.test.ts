import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { programRoot } from './programRoot.ts'

const home = mkdtempSync(join(tmpdir(), 'gradus-gpu-install-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))

const folder = join(home, 'data', 'gpu')
const script = fileURLToPath(new URL('scripts/gpu-install.mjs', programRoot))

/** Runs the script of `npm run gpu:install` as npm does, with nobody there to ask. */
function install(words: string[], environment: NodeJS.ProcessEnv = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...words], {
    encoding: 'utf8',
    env: { ...process.env, npm_execpath: '', GRADUS_HOME: home, ...environment },
  })
  return { status, stdout, stderr }
}

const supported = process.arch === 'x64' && ['linux', 'win32'].includes(process.platform)
const hasDriver =
  existsSync('/proc/driver/nvidia/version') ||
  existsSync('/dev/nvidiactl') ||
  spawnSync('nvidia-smi', ['-L']).status === 0
if (!supported) console.log('gpu:install is not tested: it exists for x64 Linux and Windows only.')
if (hasDriver) console.log('gpu:install without a driver is not tested: this machine has one.')

test.skipIf(!supported || hasDriver)('without a driver it says so, installs nothing and ends with 1', () => {
  const { status, stdout, stderr } = install(['--yes'])
  expect(stdout).toContain(`This installs into ${folder}, and nowhere else`)
  expect(stdout).toContain('CUDA 11.2 and cuDNN 8.1')
  expect([status, stderr.trim(), existsSync(folder)]).toEqual([
    1,
    'Nothing was installed: there is no NVIDIA driver on this machine (neither /proc/driver/nvidia nor nvidia-smi).',
    false,
  ])
})

test.skipIf(!supported)('it asks before it downloads anything', () => {
  const { status, stderr } = install(['--without-card'])
  expect([status, stderr.trim(), existsSync(folder)]).toEqual([
    1,
    'Nobody is there to ask: run it again with "npm run gpu:install -- --yes".',
    false,
  ])
})

test.skipIf(!supported)(
  'without a network it names what it could not reach and leaves nothing to load',
  () => {
    const { status, stderr } = install(['--without-card', '--yes', '--only', 'tfjs-node-gpu'], {
      npm_config_registry: 'http://127.0.0.1:9/',
      npm_config_fetch_retries: '0',
      npm_config_cache: join(home, 'npm-cache'),
    })
    expect(status).toBe(1)
    expect(stderr).toMatch(
      /^TensorFlow cuda was not installed: it could not be downloaded \(.*ECONNREFUSED.*\)\.$/m,
    )
    expect(existsSync(join(folder, 'node_modules', '@tensorflow'))).toBe(false)
  },
)

test.skipIf(!supported)('without npm it says so', () => {
  const { status, stderr } = install(['--without-card', '--yes'], { PATH: dirname(process.execPath) })
  expect([status, stderr.trim()]).toEqual([
    1,
    'Nothing was installed: npm was not found. Install it, or run this as "npm run gpu:install".',
  ])
})

test('what cannot be installed is refused', () => {
  expect(install(['--only', 'rocm'])).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('no rocm') as string,
  })
})
