import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { chromium, type Page } from '@playwright/test'
import { chromiumPath, noChromium } from '../e2e/chromium.ts'
import { programRoot } from '../src-main/programRoot.ts'
import { makeLargeProject, pairsInLargeProject } from './support/largeProject.ts'
import { appendPages, quantile, timingRow } from './support/timings.ts'

// A rating's whole way in a real browser: Enter → stored and acknowledged → the next pair in the document → drawn.

const root = fileURLToPath(programRoot)
const commits = 500
const warmUp = 20
const wantedMilliseconds = 16

async function startHost(home: string, project: string): Promise<{ address: string; stop: () => void }> {
  const child = spawn(
    process.execPath,
    [join(root, 'out/main/start.js'), project, '--web', '--no-open', '--port', '0'],
    { env: { ...process.env, GRADUS_HOME: home }, stdio: ['ignore', 'pipe', 'inherit'] },
  )
  for await (const line of createInterface(child.stdout)) {
    const address = /http:\S+/.exec(line)?.[0]
    if (address !== undefined) return { address, stop: () => void child.kill('SIGTERM') }
  }
  throw new Error('The program printed no address')
}

/** Rates `count` pairs by keyboard and gives the milliseconds from each Enter to the next pair in the document, and drawn. */
async function rate(page: Page, count: number): Promise<{ shown: number[]; drawn: number[] }> {
  await page.evaluate(() => performance.clearMeasures())
  for (let index = 0; index < count; index++) {
    await page.keyboard.press(String(1 + (index % 9)))
    // Nobody commits before the handle is drawn; without the wait its frame would count as part of the commit.
    await page.evaluate(
      (wait) =>
        new Promise((resolve) => {
          requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(resolve, wait)))
        }),
      (index * 7) % 17,
    )
    await page.evaluate((name) => {
      const drawn = new Promise<void>((resolve) => {
        new PerformanceObserver((list, observer) => {
          if (list.getEntriesByName(name).length === 0) return
          observer.disconnect()
          resolve()
        }).observe({ type: 'measure' })
      })
      Object.assign(window, { drawn })
    }, 'annotate.commit.painted')
    await page.keyboard.press('Enter')
    // Not by looking at the page again and again, which would take the time that is measured.
    await page.evaluate(() => (window as unknown as { drawn: Promise<void> }).drawn)
  }
  await page.waitForTimeout(200)
  return page.evaluate(() => {
    const durations = (name: string): number[] =>
      performance.getEntriesByName(name).map((entry) => entry.duration)
    return { shown: durations('annotate.commit'), drawn: durations('annotate.commit.painted') }
  })
}

/** Milliseconds from asking for a frame to its callback, with something to draw in each. */
function frameTimes(page: Page): Promise<number[]> {
  return page.evaluate(async () => {
    const times: number[] = []
    for (let index = 0; index < 300; index++) {
      const started = performance.now()
      document.body.style.outlineColor = index % 2 === 0 ? 'red' : 'blue'
      await new Promise((resolve) => requestAnimationFrame(resolve))
      times.push(performance.now() - started)
    }
    return times
  })
}

/** Rates in a browser of its own; `rater` keeps the queues of several apart. */
async function measureIn(
  executablePath: string,
  args: readonly string[],
  address: string,
  rater: string,
): Promise<{ shown: number[]; drawn: number[]; frames: number[] }> {
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', ...args] })
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
    await page.goto(address)
    await page.getByRole('button', { name: 'Add a rater' }).click()
    await page.getByLabel('Name').fill(rater)
    await page.getByRole('button', { name: 'Add and use' }).click()
    await page.getByRole('slider', { name: 'Score' }).waitFor()
    await rate(page, warmUp)
    return { ...(await rate(page, commits)), frames: await frameTimes(page) }
  } finally {
    await browser.close()
  }
}

/** Rating in a browser, in a project of 100,000 pairs, beside what the disk and a frame take. */
export async function run(): Promise<void> {
  if (chromiumPath === null) {
    console.log(`skipped: ${noChromium}`)
    return
  }
  const folder = mkdtempSync(join(tmpdir(), 'gradus-bench-commit-'))
  try {
    const project = join(folder, 'Bench.gradus')
    makeLargeProject(project)
    const home = join(folder, 'home')
    mkdirSync(home)
    const load = loadavg()[0] ?? 0
    const host = await startHost(home, project)
    try {
      // A screen of 60 Hz draws every 16.7 ms, and what is drawn waits for that beyond the work itself: measured both ways.
      const free = ['--disable-frame-rate-limit', '--disable-gpu-vsync']
      const unlimited = await measureIn(chromiumPath, free, host.address, 'Cem')
      const screen = await measureIn(chromiumPath, [], host.address, 'Dora')
      console.log(
        `\nRating by keyboard, ${pairsInLargeProject.toLocaleString('en')} pairs, load average ${load.toFixed(1)}`,
      )
      console.table({
        'Enter to next pair in the document': timingRow(unlimited.shown),
        'Enter to next pair drawn': timingRow(unlimited.drawn),
        'Enter to next pair drawn, 60 Hz': timingRow(screen.drawn),
        'limit: append a page and fsync': timingRow(appendPages(join(folder, 'pages'), commits)),
        'limit: a frame': timingRow(unlimited.frames),
        'limit: a frame, 60 Hz': timingRow(screen.frames),
      })
      const targets = {
        'in-document': quantile(unlimited.shown, 0.99),
        drawn: quantile(unlimited.drawn, 0.99),
        'drawn-at-60-hz': quantile(screen.drawn, 0.99),
      }
      for (const [name, value] of Object.entries(targets))
        console.log(
          `target commit-to-next-pair-${name}-p99-milliseconds ${value.toFixed(2)} wanted <=${wantedMilliseconds} ${value <= wantedMilliseconds ? 'ok' : 'short'}`,
        )
    } finally {
      host.stop()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
