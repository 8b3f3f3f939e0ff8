import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { chromium, type Page } from '@playwright/test'
import { WebSocket } from 'ws'
import { contract, type AppContract } from '#shared/contract/index.ts'
import type { Job } from '#shared/contract/jobs.ts'
import { trainingConfiguration } from '#shared/domain/run.ts'
import { createClient, type Client } from '#shared/rpc/client.ts'
import { chromiumPath, noChromium } from '../e2e/chromium.ts'
import { createWebSocketPort } from '../src-main/host-web/webSocketPort.ts'
import { programRoot } from '../src-main/programRoot.ts'
import { skipped, target } from './support/targets.ts'
import { quantile } from './support/timings.ts'

// Whether a training in the background delays the frames of whoever moves the slider: in a real browser, with trainings
// that were started by themselves (low priority, one processor fewer, and they wait) and with those a person asked for.

const root = fileURLToPath(programRoot)
const dataFolder = resolve('../shared/data/stsb')
/** So many pairs are encoded for longer than is measured, and no longer than anybody wants to wait. */
const labelled = 2500
const unlabelled = 300
const secondsMeasured = 10
const millisecondsBetweenMoves = 20
const retrainAfter = 5
/** Two frames of a screen of 60 Hz: one may be missed, and nobody sees it. */
const wantedMilliseconds = 34

function gradus(home: string, ...words: string[]): Promise<void> {
  const child = spawn(process.execPath, [join(root, 'out/main/gradus.js'), ...words], {
    cwd: home,
    env: { ...process.env, GRADUS_HOME: home },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let told = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (told += text))
  return new Promise((done, failed) => {
    child.once('close', (code) =>
      code === 0 ? done() : failed(new Error(`gradus ${words[0] ?? ''} ended with ${String(code)}: ${told}`)),
    )
  })
}

/** Some lines of a file of the data set, in a file of their own. */
function takeLines(home: string, name: string, count: number): string {
  const path = join(home, name)
  const lines = readFileSync(join(dataFolder, name), 'utf8').split('\n').slice(0, count)
  writeFileSync(path, `${lines.join('\n')}\n`)
  return path
}

async function makeProject(home: string): Promise<void> {
  await gradus(home, 'new', 'p.gradus')
  const columns = 'premise=6,hypothesis=7'
  const train = takeLines(home, 'sts-train.tsv', labelled)
  const scored = ['--columns', `${columns},score=5`, '--score-range', '0..5', '--rater', 'gold']
  await gradus(home, 'import', 'p.gradus', train, ...scored)
  const pool = takeLines(home, 'sts-dev.tsv', unlabelled)
  await gradus(home, 'import', 'p.gradus', pool, '--columns', columns, '--split', 'train')
}

async function startHost(home: string): Promise<{ address: string; stop: () => void }> {
  const child = spawn(
    process.execPath,
    [join(root, 'out/main/start.js'), join(home, 'p.gradus'), '--web', '--no-open', '--port', '0'],
    { env: { ...process.env, GRADUS_HOME: home }, stdio: ['ignore', 'pipe', 'inherit'] },
  )
  for await (const line of createInterface(child.stdout)) {
    const address = /http:\S+/.exec(line)?.[0]
    if (address !== undefined) return { address, stop: () => void child.kill('SIGTERM') }
  }
  throw new Error('The program printed no address')
}

/** A second window of the same program, without a page. */
async function connect(address: string): Promise<Client<AppContract>> {
  const { origin, host } = new URL(address)
  const exchanged = await fetch(address, { redirect: 'manual' })
  const [cookie = ''] = (exchanged.headers.get('set-cookie') ?? '').split(';')
  const socket = new WebSocket(`ws://${host}/socket`, { headers: { Cookie: cookie, Origin: origin } })
  await once(socket, 'open')
  return createClient(contract, createWebSocketPort(socket))
}

/** Milliseconds between frames while the slider is dragged to and fro. */
async function dragFrames(page: Page): Promise<number[]> {
  const box = await page.getByRole('slider', { name: 'Score' }).boundingBox()
  if (box === null) throw new Error('There is no slider')
  const y = box.y + box.height / 2
  await page.mouse.move(box.x + 10, y)
  await page.mouse.down()
  // What runs has a moment to notice, as it has for a person whose hand has just begun to move.
  await page.mouse.move(box.x + 20, y)
  await wait(300)
  await page.evaluate(() => {
    const frames: number[] = []
    let last = performance.now()
    const note = (now: number): void => {
      frames.push(now - last)
      last = now
      if (!('framesDone' in window)) requestAnimationFrame(note)
    }
    requestAnimationFrame((now) => {
      last = now
      requestAnimationFrame(note)
    })
    Object.assign(window, { frames })
  })
  const started = performance.now()
  for (let step = 0; performance.now() - started < secondsMeasured * 1000; step++) {
    const share = (1 + Math.sin(step / 15)) / 2
    await page.mouse.move(box.x + share * box.width, y)
    await wait(millisecondsBetweenMoves)
  }
  const frames = await page.evaluate(() => {
    Object.assign(window, { framesDone: true })
    return (window as unknown as { frames: number[] }).frames
  })
  await page.mouse.up()
  await page.evaluate(() => Reflect.deleteProperty(window, 'framesDone'))
  return frames
}

type Measured = Readonly<Record<string, readonly number[]>>

/** Rates pairs as another rater, so that a training is due. */
async function rate(client: Client<AppContract>, count: number): Promise<void> {
  const overview = await client.call('project.current', {})
  const raterId = overview?.raters[0]?.id ?? ''
  let { next } = await client.call('annotate.next', { raterId, queue: 'order' })
  for (let rated = 0; rated < count && next !== null; rated++) {
    const { pair, orderShown, shownBecause, suggestionId } = next
    ;({ next } = await client.call('annotate.commit', {
      raterId,
      queue: 'order',
      pairId: pair.id,
      answer: { kind: 'score', value: 0.5, rawPosition: 0.5 },
      note: null,
      timing: { timeToFirstTouch: 1, timeToCommit: 2, changeCount: 1 },
      orderShown,
      shownBecause,
      suggestionId,
    }))
  }
}

/** Drags while nothing runs, then while texts are encoded and heads trained, by itself and as asked for. */
async function measure(page: Page, client: Client<AppContract>): Promise<Measured> {
  let job: Job | null = null
  client.on('job', (next) => (job = next.detail.kind === 'train' ? next : job))
  const until = async (holds: (now: Job) => boolean): Promise<Job> => {
    for (;;) {
      const now = job
      if (now !== null && now.outcome.status === 'failed') throw new Error(now.outcome.error.message)
      if (now !== null && holds(now)) return now
      await wait(50)
    }
  }
  const encodes = ({ phase, outcome, share }: Job): boolean =>
    outcome.status === 'running' && phase === 'Encoding texts' && (share ?? 0) > 0
  const trains = ({ detail, outcome }: Job): boolean =>
    outcome.status === 'running' &&
    detail.kind === 'train' &&
    detail.curves.some(({ epochs }) => epochs.length > 0)
  const end = async (): Promise<void> => {
    const { id } = await until(({ outcome }) => outcome.status === 'running')
    await client.call('jobs.cancel', { jobId: id })
    await until(({ outcome }) => outcome.status !== 'running')
    job = null
  }
  // As many epochs as there may be, so that nothing ends while it is measured.
  const configuration = trainingConfiguration.parse({ maximumEpochs: 500, patience: 100 })
  const byItself = async (on: boolean): Promise<void> => {
    await client.call('project.configure', { settings: { retrainAfter: on ? retrainAfter : null } })
  }

  const none = await dragFrames(page)
  await byItself(true)
  await until(encodes)
  const encodingByItself = await dragFrames(page)
  await byItself(false)
  await end()

  await client.call('train.start', { configuration })
  await until(encodes)
  const encodingAsked = await dragFrames(page)
  await until(trains)
  const trainingAsked = await dragFrames(page)
  await end()

  await rate(client, retrainAfter)
  await byItself(true)
  await until(trains)
  const trainingByItself = await dragFrames(page)
  await byItself(false)
  await end()
  return {
    'no training': none,
    'encoding, by itself': encodingByItself,
    'encoding, asked for': encodingAsked,
    'training, by itself': trainingByItself,
    'training, asked for': trainingAsked,
  }
}

/** Frames while the slider moves and a training runs in the background. */
export async function run(): Promise<void> {
  if (chromiumPath === null || !existsSync(dataFolder)) {
    skipped('frame-p95-ms', chromiumPath === null ? noChromium : `there is no ${dataFolder}`)
    return
  }
  const home = mkdtempSync(join(tmpdir(), 'gradus-bench-frames-'))
  try {
    await makeProject(home)
    const load = loadavg()[0] ?? 0
    const host = await startHost(home)
    const client = await connect(host.address)
    const browser = await chromium.launch({
      executablePath: chromiumPath,
      args: ['--no-sandbox', '--disable-gpu'],
    })
    try {
      const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
      await page.goto(host.address)
      await page.getByRole('button', { name: 'Add a rater' }).click()
      await page.getByLabel('Name').fill('Cem')
      await page.getByRole('button', { name: 'Add and use' }).click()
      await page.getByRole('slider', { name: 'Score' }).waitFor()
      const measured = await measure(page, client)
      console.log(
        `\nMilliseconds between frames while the slider is dragged for ${secondsMeasured} s, load average ${load.toFixed(1)} before`,
      )
      const row = (frames: readonly number[]): Record<string, number> => ({
        frames: frames.length,
        p50: Number(quantile(frames, 0.5).toFixed(1)),
        p95: Number(quantile(frames, 0.95).toFixed(1)),
        p99: Number(quantile(frames, 0.99).toFixed(1)),
        worst: Number(Math.max(...frames).toFixed(1)),
      })
      console.table(Object.fromEntries(Object.entries(measured).map(([name, frames]) => [name, row(frames)])))
      for (const part of ['encoding', 'training'])
        target(
          `${part}-frame-p95-ms`,
          quantile(measured[`${part}, by itself`] ?? [], 0.95),
          '<=',
          wantedMilliseconds,
          1,
        )
    } finally {
      client.close()
      await browser.close()
      host.stop()
    }
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}
