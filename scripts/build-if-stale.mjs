// Checks the Node that runs the program and builds the program where its sources have changed since the last build.
// Written so that old Nodes can read it as well, and say in one sentence what they lack.
import { spawn } from 'child_process'
import { createHash } from 'crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'fs'
import { dirname, join } from 'path'
import { fileURLToPath } from 'url'

const needed = [22, 18]
const found = process.versions.node.split('.').map(Number)
if (found[0] < needed[0] || (found[0] === needed[0] && found[1] < needed[1])) {
  console.error(`Gradus needs Node ${needed.join('.')} or newer, and this is Node ${process.versions.node}.`)
  process.exit(1)
}

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const stamp = join(root, 'out', 'sources.sha256')
const lock = join(root, 'node_modules', '.gradus-build')

/** Names, sizes and times of what goes into a build. */
function describeSources(path, lines) {
  const found = statSync(path)
  if (found.isDirectory())
    for (const name of readdirSync(path).sort()) describeSources(join(path, name), lines)
  else if (!path.endsWith('.test.ts')) lines.push(`${path} ${found.size} ${found.mtimeMs}`)
  return lines
}

function digestSources() {
  const lines = []
  for (const name of [
    'src-main',
    'src-shared',
    'src-renderer',
    'electron.vite.config.ts',
    'package-lock.json',
  ])
    describeSources(join(root, name), lines)
  return createHash('sha256').update(lines.join('\n')).digest('hex')
}

const isFresh = () => existsSync(stamp) && readFileSync(stamp, 'utf8') === digestSources()

function build() {
  console.error('Building, about 10 s …')
  const digest = digestSources()
  const tool = join(root, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js')
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [tool, 'build'], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
    const output = []
    child.stdout.on('data', (chunk) => output.push(chunk))
    child.stderr.on('data', (chunk) => output.push(chunk))
    child.on('error', (error) => output.push(Buffer.from(String(error))))
    child.on('close', (code) => {
      if (code === 0) writeFileSync(stamp, digest)
      else console.error(`${Buffer.concat(output).toString()}\nThe build failed.`)
      resolve(code === 0)
    })
  })
}

/** Two builds at once would mix their files: the second waits for the first, and then has nothing to do. */
async function withLock(work) {
  const giveUp = Date.now() + 120000
  for (;;) {
    try {
      mkdirSync(lock)
      break
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
      // A lock this old was left by a build that was killed.
      const held = statSync(lock, { throwIfNoEntry: false })
      if (Date.now() > giveUp || (held !== undefined && Date.now() - held.mtimeMs > 120000)) break
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
  }
  try {
    return await work()
  } finally {
    if (existsSync(lock)) rmdirSync(lock)
  }
}

if (!isFresh()) {
  const built = await withLock(async () => isFresh() || (await build()))
  if (!built) process.exit(2)
}
