// npm run gpu:install: fetches what NVIDIA cards need and npm's own install leaves out, into a folder of its own beside
// the program's data, and says whether it works. The project's node_modules and its lockfile stay as they are.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { openFolders } from '../src-main/services/projects/folders.ts'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

/** What can be installed: the newest CUDA first. */
const parts = {
  cuda: {
    title: 'ONNX Runtime cuda',
    platforms: ['linux'],
    package: `onnxruntime-node@${dependencies['onnxruntime-node']}`,
    fetches:
      'the npm package onnxruntime-node, and through its install step the CUDA libraries of ONNX Runtime from NuGet: several hundred megabytes',
    needs: 'CUDA 12 and cuDNN 9',
  },
  'tfjs-node-gpu': {
    title: 'TensorFlow cuda',
    platforms: ['linux', 'win32'],
    package: `@tensorflow/tfjs-node-gpu@${dependencies['@tensorflow/tfjs']}`,
    fetches:
      'the npm package @tensorflow/tfjs-node-gpu, and through its install step the TensorFlow library from Google: several hundred megabytes, more than a gigabyte unpacked',
    needs: 'CUDA 11.2 and cuDNN 8.1',
  },
}

const usage = `Usage: npm run gpu:install -- [--yes] [--only NAME] [--without-card]
  --yes           does not ask
  --only NAME     cuda or tfjs-node-gpu; without it, both
  --without-card  installs where no NVIDIA driver is found, too`

/** Ends with one sentence that says why. */
function giveUp(sentence) {
  console.error(sentence)
  process.exit(1)
}

function readWords() {
  const options = {
    yes: { type: 'boolean' },
    only: { type: 'string' },
    'without-card': { type: 'boolean' },
    help: { type: 'boolean' },
  }
  try {
    return parseArgs({ options }).values
  } catch (error) {
    return giveUp(`${error.message}\n${usage}`)
  }
}

function hasDriver() {
  if (existsSync('/proc/driver/nvidia/version') || existsSync('/dev/nvidiactl')) return true
  return spawnSync('nvidia-smi', ['-L'], { stdio: 'ignore', windowsHide: true }).status === 0
}

/** How npm is started: as the npm that runs this script, else as the one of the PATH; null where there is none. */
function findNpm() {
  const running = process.env.npm_execpath
  if (running !== undefined && existsSync(running) && /npm-cli\.js$/.test(running))
    return { file: process.execPath, words: [running], shell: false }
  const shell = process.platform === 'win32'
  const found = spawnSync('npm', ['--version'], { stdio: 'ignore', shell }).status === 0
  return found ? { file: 'npm', words: [], shell } : null
}

async function confirm() {
  if (!process.stdin.isTTY)
    giveUp('Nobody is there to ask: run it again with "npm run gpu:install -- --yes".')
  const reader = createInterface({ input: process.stdin, output: process.stdout })
  const answer = await reader.question('Install? (y/N) ')
  reader.close()
  if (!/^y(es)?$/i.test(answer.trim())) giveUp('Nothing was installed.')
}

/** Installs one package with its install step; null where it went well, else why not. */
function install(npm, folder, name) {
  // The project says ignore-scripts, and here the scripts are what is wanted. The runtime's own needs no word.
  const words = [
    'install',
    '--prefix',
    folder,
    '--ignore-scripts=false',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    name,
  ]
  return new Promise((resolve) => {
    const child = spawn(npm.file, [...npm.words, ...words], {
      cwd: folder,
      shell: npm.shell,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => {
        output += text
        process.stdout.write('.')
      })
    child.once('error', (error) => resolve(error.message))
    child.once('close', (code) => {
      process.stdout.write('\n')
      resolve(code === 0 ? null : explain(output, code))
    })
  })
}

const offlineSigns =
  /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|getaddrinfo|socket hang up|network|HTTP status code|CERT|UNABLE_TO/i

/** Why npm failed, in words. */
function explain(output, code) {
  if (/ENOSPC/.test(output)) return 'the disk is full'
  const line = output.split('\n').find((text) => offlineSigns.test(text))
  const trimmed = line
    ?.replace(/^npm (error|ERR!)\s*/, '')
    .replace(/^Error: /, '')
    .trim()
  if (trimmed !== undefined) return `it could not be downloaded (${trimmed.slice(0, 160)})`
  const last = output
    .trim()
    .split('\n')
    .findLast((text) => /error/i.test(text) && !/complete log/i.test(text))
  return `npm ended with code ${code}${
    last === undefined
      ? ''
      : ` (${last
          .replace(/^npm (error|ERR!)\s*/, '')
          .trim()
          .slice(0, 160)})`
  }`
}

/** Has the program probe its back ends. */
function probe() {
  const built = spawnSync(process.execPath, [join(root, 'scripts', 'build-if-stale.mjs')], {
    stdio: 'inherit',
  })
  if (built.status !== 0) giveUp('It is installed, but the program could not be built to probe it.')
  const command = [join(root, 'out', 'main', 'gradus.js'), 'backends', '--probe', '--json']
  const found = spawnSync(process.execPath, command, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    return JSON.parse(found.stdout).rungs
  } catch {
    return giveUp('It is installed, but it could not be probed: see "npm run gradus -- backends --probe".')
  }
}

const words = readWords()
if (words.help === true) {
  console.log(usage)
  process.exit(0)
}
if (words.only !== undefined && !(words.only in parts))
  giveUp(`There is no ${words.only} to install.\n${usage}`)
if (process.arch !== 'x64' || !['linux', 'win32'].includes(process.platform))
  giveUp(
    `NVIDIA's libraries exist for x64 Linux and Windows only, and this is ${process.arch} ${process.platform}.`,
  )

const wanted = Object.entries(parts).filter(
  ([name, { platforms }]) =>
    (words.only === undefined || words.only === name) && platforms.includes(process.platform),
)
if (wanted.length === 0) giveUp(`${words.only} does not exist for ${process.platform}.`)

const folder = join(openFolders().data, 'gpu')
console.log(`This installs into ${folder}, and nowhere else; deleting that folder undoes it.`)
for (const [name, { title, fetches, needs }] of wanted)
  console.log(`- ${title} (${name}): ${fetches}. It needs an NVIDIA card with its driver, ${needs}.`)
console.log('Training works without it.')

if (words['without-card'] !== true && !hasDriver())
  giveUp(
    'Nothing was installed: there is no NVIDIA driver on this machine (neither /proc/driver/nvidia nor nvidia-smi).',
  )
const npm = findNpm()
if (npm === null)
  giveUp('Nothing was installed: npm was not found. Install it, or run this as "npm run gpu:install".')
if (words.yes !== true) await confirm()

mkdirSync(folder, { recursive: true })
// Without a package.json of its own npm would look for one in the folders above.
if (!existsSync(join(folder, 'package.json')))
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n')
let installed = 0
for (const [, part] of wanted) {
  console.log(`Installing ${part.package} …`)
  const failure = await install(npm, folder, part.package)
  if (failure === null) installed++
  else console.error(`${part.title} was not installed: ${failure}.`)
}
if (installed === 0) process.exit(1)

let works = 0
for (const { name, verdict, reason, millisecondsPerStep } of probe()) {
  const time = millisecondsPerStep === null ? '' : `, ${millisecondsPerStep.toFixed(2)} ms a step`
  console.log(`${name}: ${verdict}${time}. ${reason}`)
  if (wanted.some(([own]) => own === name) && verdict === 'fit') works++
}
if (works === 0) giveUp('What was installed is not used on this machine; the lines above say why.')
