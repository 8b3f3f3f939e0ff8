// Checks the Node that runs the program and builds the program where its sources have changed since the last build.
// Written so that old Nodes can read it as well, and say in one sentence what they lack.
import { spawn } from 'child_process'
import { createHash } from 'crypto'
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'fs'
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
  // A build that fails leaves nothing that could be taken for the one before.
  rmSync(stamp, { force: true })
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

/** Whether the process that holds the lock has gone, as after Ctrl+C during a build. */
function isAbandoned() {
  try {
    const holder = Number(readFileSync(lock, 'utf8'))
    const age = Date.now() - statSync(lock).mtimeMs
    // Between making the lock and writing into it there is nothing to read yet.
    if (holder === 0) return age > 2000
    // No build takes this long: after a restart of the machine the number may be another process's.
    if (age > 600000) return true
    process.kill(holder, 0)
    return false
  } catch (error) {
    return error.code === 'ESRCH'
  }
}

/** Two builds at once would mix their files: the second waits for the first, and then has nothing to do. */
async function withLock(work) {
  for (let waits = 0; ; waits++) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' })
      break
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
      if (isAbandoned()) rmSync(lock, { force: true })
      else if (waits === 0) console.error('Waiting for another start that is building …')
      await new Promise((resolve) => setTimeout(resolve, 100 + 200 * Math.random()))
    }
  }
  try {
    return await work()
  } finally {
    rmSync(lock, { force: true })
  }
}

if (!isFresh()) {
  const built = await withLock(async () => isFresh() || (await build()))
  if (!built) process.exit(2)
}
