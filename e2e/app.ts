import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  test as base,
  chromium,
  expect,
  type BrowserContext,
  type Page,
  type TestInfo,
} from '@playwright/test'
import { chromiumPath, noChromium } from './chromium.ts'

const root = join(import.meta.dirname, '..')
export const screenshots = join(root, 'e2e', 'screenshots')
mkdirSync(screenshots, { recursive: true })

/** The built program's web host, started as a user starts it, in a home of its own. */
export interface Host {
  readonly address: string
  readonly process: ChildProcess
  /** Ends the process without a warning, as a power cut would. */
  kill(): Promise<void>
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  await new Promise((resolve) => child.once('exit', resolve))
}

/** Starts the web host on a port (any free one by default) and waits for the address it prints. */
export async function startHost(home: string, port = '0'): Promise<Host> {
  const options = ['--web', '--no-open', '--port', port]
  const child = spawn(process.execPath, [join(root, 'out/main/start.js'), ...options], {
    env: { ...process.env, GRADUS_HOME: home },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const address = await new Promise<string>((resolve, reject) => {
    let printed = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text
      const found = /http:\/\/127\.0\.0\.1:\d+\/\S*/.exec(printed)
      if (found !== null) resolve(found[0])
    })
    child.once('exit', (code) => reject(new Error(`The web host ended with ${code}: ${printed}`)))
  })
  return {
    address,
    process: child,
    async kill() {
      child.kill('SIGKILL')
      await ended(child)
    },
  }
}

/** Skips a test that this machine cannot run, and prints why, which the list of tests does not. */
export function skipWhere(lacking: boolean, info: TestInfo, reason: string): void {
  if (lacking) console.log(`skipped: ${info.title}: ${reason}`)
  info.skip(lacking, reason)
}

interface Fixtures {
  home: string
  host: Host
  context: BrowserContext
  page: Page
}

/** Complaints that a page must not make: errors, uncaught exceptions, refusals of the Content-Security-Policy. */
function watchComplaints(page: Page, complaints: string[]): void {
  page.on('pageerror', (error) => complaints.push(String(error.stack ?? error)))
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
}

export const test = base.extend<Fixtures>({
  home: async ({}, use) => {
    const home = mkdtempSync(join(tmpdir(), 'gradus-e2e-'))
    await use(home)
    rmSync(home, { recursive: true, force: true })
  },
  host: async ({ home }, use) => {
    const host = await startHost(home)
    await use(host)
    host.process.kill('SIGTERM')
    await ended(host.process)
  },
  context: async ({ home }, use, info) => {
    skipWhere(chromiumPath === null, info, noChromium)
    const context = await chromium.launchPersistentContext(join(home, 'browser'), {
      ...(chromiumPath === null ? {} : { executablePath: chromiumPath }),
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
      viewport: { width: 1280, height: 800 },
      acceptDownloads: true,
    })
    await use(context)
    await context.close()
  },
  page: async ({ context, host }, use) => {
    const page = context.pages()[0] ?? (await context.newPage())
    const complaints: string[] = []
    watchComplaints(page, complaints)
    await page.goto(host.address)
    await use(page)
    expect(complaints).toEqual([])
  },
})

export { expect }
