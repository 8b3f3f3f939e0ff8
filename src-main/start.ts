import { execFile, spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { GradusError, isUserError, toErrorShape } from '#shared/contract/errors.ts'
import { hasDisplay } from './host-web/openBrowser.ts'
import { builtEntries, programRoot } from './programRoot.ts'

const usage = `Usage: npm start -- [project.gradus] [--web] [--port NUMBER] [--no-open]

Opens a project: the one that is named, else the last one, else the sample project.
  --web      serve the program to the ordinary browser instead of opening its own window
  --port     the port of 127.0.0.1 for that, 0 for any free one; 47187 by default where that is free
  --no-open  print the address without opening the browser`

interface StartOptions {
  /** Absolute. */
  readonly project: string | undefined
  readonly web: boolean
  /** Null for the usual one. */
  readonly port: number | null
  readonly open: boolean
}

function readArguments(): StartOptions | 'help' {
  let parsed
  try {
    parsed = parseArgs({
      allowPositionals: true,
      options: {
        web: { type: 'boolean', default: false },
        port: { type: 'string' },
        'no-open': { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new GradusError('bad-options', `${reason}\n\n${usage}`, undefined, cause)
  }
  const { values, positionals } = parsed
  if (values.help) return 'help'
  const port = values.port === undefined ? null : Number(values.port)
  if (port !== null && !(Number.isInteger(port) && port >= 0 && port <= 65_535))
    throw new GradusError('bad-options', `--port takes a number from 0 to 65535, not ${values.port ?? ''}.`)
  if (positionals.length > 1)
    throw new GradusError('bad-options', `One project can be opened at a time.\n\n${usage}`)
  const [project] = positionals
  // npm runs its scripts in the program's folder, wherever it was called.
  const { npm_lifecycle_event: script, INIT_CWD: called } = process.env
  const folder = script === 'start' && called !== undefined ? called : process.cwd()
  return {
    project: project === undefined ? undefined : resolve(folder, project),
    web: values.web,
    port,
    open: !values['no-open'] && !process.env['CI'],
  }
}

/** How long fetching Electron's binary may go on unmentioned, and at all, in milliseconds. */
const quietFetch = 2000
const longestFetch = 15 * 60_000

/** The path of Electron's binary, which its package fetches at first use; null where it cannot be had. */
async function findElectron(): Promise<string | null> {
  const folder = fileURLToPath(new URL('node_modules/electron', programRoot))
  const named = join(folder, 'path.txt')
  if (existsSync(named)) {
    const path = join(folder, 'dist', readFileSync(named, 'utf8'))
    if (existsSync(path)) return path
  }
  const notice = setTimeout(() => {
    console.error('Fetching Electron, once (about 120 MB; Ctrl+C and --web do without) …')
  }, quietFetch)
  return new Promise((found) => {
    // In a process of its own, because the package prints its progress and its failure.
    execFile(
      process.execPath,
      ['-e', 'process.stdout.write("\\n" + require("electron"))'],
      { cwd: fileURLToPath(programRoot), timeout: longestFetch },
      (error, output) => {
        clearTimeout(notice)
        const path = output.slice(output.lastIndexOf('\n') + 1)
        found(error === null && existsSync(path) ? path : null)
      },
    )
  })
}

/** An Electron that ends with a failure this soon, in milliseconds, could not open its window. */
const earlyEnd = 5000

/** Runs the program in Electron; gives its exit code, or null where it could not open its window. */
async function runElectron(path: string, project: string | undefined): Promise<number | null> {
  const started = Date.now()
  const child = spawn(
    path,
    [
      fileURLToPath(new URL('electron.js', builtEntries)),
      ...(project === undefined ? [] : [`--project=${project}`]),
    ],
    { stdio: 'inherit' },
  )
  // The terminal's Ctrl+C reaches Electron as well, which ends in good order; this process waits for it.
  process.on('SIGINT', () => undefined)
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  const code = await new Promise<number>((ended) => {
    child.once('error', () => ended(1))
    // Asked to end before it could listen to that, Electron dies of the signal: no reason to open a browser instead.
    child.once('exit', (exitCode, signal) => {
      ended(exitCode ?? (signal === 'SIGTERM' || signal === 'SIGINT' || signal === 'SIGHUP' ? 0 : 1))
    })
  })
  process.removeAllListeners('SIGINT')
  process.removeAllListeners('SIGTERM')
  return code !== 0 && Date.now() - started < earlyEnd ? null : code
}

/** Runs the program in Electron where that can be had and shown; else says why and gives null. */
async function tryElectron(project: string | undefined): Promise<number | null> {
  if (!hasDisplay()) {
    console.error('There is no display for a window: serving the same program to a browser instead.')
    return null
  }
  const path = await findElectron()
  if (path === null) {
    console.error(
      "Electron's binary cannot be had (no network?): serving the same program to the ordinary browser instead.",
    )
    return null
  }
  const code = await runElectron(path, project)
  if (code === null)
    console.error(
      'Electron could not open its window: serving the same program to the ordinary browser instead.',
    )
  return code
}

async function start(): Promise<void> {
  const options = readArguments()
  if (options === 'help') {
    console.log(usage)
    return
  }
  const code = options.web ? null : await tryElectron(options.project)
  if (code !== null) {
    process.exitCode = code
    return
  }
  // Loaded here alone: a start that opens Electron needs no database in this process.
  const { runWebHost } = await import('./host-web/main.ts')
  await runWebHost(options)
}

start().catch((thrown: unknown) => {
  const { code, message } = toErrorShape(thrown)
  console.error(code === 'unexpected' ? thrown : message)
  process.exit(isUserError(code) ? 1 : 2)
})
