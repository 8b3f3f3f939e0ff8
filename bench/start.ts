import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { WebSocket } from 'ws'
import { z } from 'zod'
import { contract } from '#shared/contract/index.ts'
import { createClient } from '#shared/rpc/client.ts'
import { createWebSocketPort } from '../src-main/host-web/webSocketPort.ts'
import { programRoot } from '../src-main/programRoot.ts'

// How large the installed program is, and how long it takes until a window could show something.

const root = fileURLToPath(programRoot)
const repeats = 5

function folderBytes(folder: string): number {
  let bytes = 0
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true }))
    if (entry.isFile()) bytes += statSync(join(entry.parentPath, entry.name)).size
  return bytes
}

/** Bytes of the packages that the program needs to run; what only building and testing need is left out. */
function runtimePackageBytes(): { total: number; largest: [string, number][] } {
  const lock = z
    .object({ packages: z.record(z.string(), z.object({ dev: z.boolean().optional() })) })
    .parse(JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')))
  const outermost = Object.entries(lock.packages)
    .filter(([path, { dev }]) => /^node_modules\/(@[^/]+\/)?[^/]+$/.test(path) && dev !== true)
    .map(([path]) => path)
  const sizes = outermost.flatMap((path): [string, number][] => {
    const found = statSync(join(root, path), { throwIfNoEntry: false })
    return found === undefined ? [] : [[path.replace('node_modules/', ''), folderBytes(join(root, path))]]
  })
  sizes.sort(([, a], [, b]) => b - a)
  return { total: sizes.reduce((sum, [, bytes]) => sum + bytes, 0), largest: sizes.slice(0, 5) }
}

/** Milliseconds from starting the process to the printed address, and to the first answer about the project. */
async function measureStart(home: string): Promise<{ address: number; answer: number; rssBytes: number }> {
  const began = performance.now()
  const child = spawn(process.execPath, ['out/main/start.js', '--web', '--no-open'], {
    cwd: root,
    env: { ...process.env, GRADUS_HOME: home },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let printed: string | undefined
  for await (const line of createInterface(child.stdout)) {
    printed = /http:\S+/.exec(line)?.[0]
    if (printed !== undefined) break
  }
  if (printed === undefined) throw new Error('The program printed no address')
  const address = performance.now() - began

  const exchanged = await fetch(printed, { redirect: 'manual' })
  const { origin, host } = new URL(printed)
  const socket = new WebSocket(`ws://${host}/socket`, {
    headers: { Cookie: exchanged.headers.get('set-cookie')?.split(';')[0] ?? '', Origin: origin },
  })
  await once(socket, 'open')
  const client = createClient(contract, createWebSocketPort(socket))
  const project = await client.call('project.current', {})
  const answer = performance.now() - began
  if (project === null) throw new Error('No project is open after the start')
  const status = process.platform === 'linux' ? readFileSync(`/proc/${child.pid}/status`, 'utf8') : ''
  const rssBytes = Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? Number.NaN) * 1024

  const exited = once(child, 'exit')
  child.kill('SIGINT')
  await exited
  return { address, answer, rssBytes }
}

function measureHelp(): number {
  const began = performance.now()
  const { status } = spawnSync('npm run -s gradus -- --help', { cwd: root, shell: true })
  if (status !== 0) throw new Error(`gradus --help ended with ${status}`)
  return performance.now() - began
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

export async function run(): Promise<void> {
  const built = spawnSync(process.execPath, ['scripts/build-if-stale.mjs'], { cwd: root, stdio: 'inherit' })
  if (built.status !== 0) throw new Error('The program could not be built')
  const home = mkdtempSync(join(tmpdir(), 'gradus-bench-'))
  try {
    const first = await measureStart(home)
    const later = []
    for (let repeat = 0; repeat < repeats; repeat++) later.push(await measureStart(home))
    const helps = Array.from({ length: repeats }, measureHelp)
    const packages = runtimePackageBytes()
    const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`
    const milliseconds = (value: number): string => `${value.toFixed(0)} ms`
    const rows: [string, string][] = [
      ['packages needed at run time', megabytes(packages.total)],
      ...packages.largest.map(([name, bytes]): [string, string] => [`  of these ${name}`, megabytes(bytes)]),
      ['built program (out)', megabytes(folderBytes(join(root, 'out')))],
      ['first start, until the project is told (sample made)', milliseconds(first.answer)],
      [
        'later starts, until the address',
        `${milliseconds(median(later.map((one) => one.address)))} (median)`,
      ],
      [
        'later starts, until the project is told',
        `${milliseconds(median(later.map((one) => one.answer)))} (median)`,
      ],
      ['memory of the program then (RSS)', megabytes(median(later.map((one) => one.rssBytes)))],
      ['npm run -s gradus -- --help', `${milliseconds(median(helps))} (median)`],
    ]
    for (const [what, value] of rows) console.log(what.padEnd(54) + value.padStart(18))
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}
