import { fork } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { MessageChannel, type MessagePort } from 'node:worker_threads'
import { z } from 'zod'
import type { AnnotateTask } from '#shared/contract/annotate.ts'
import { contract } from '#shared/contract/index.ts'
import { createClient } from '#shared/rpc/client.ts'
import type { Port } from '#shared/rpc/port.ts'
import { createBackend } from '../src-main/backend.ts'
import { createForkWorker } from '../src-main/jobs/forkWorker.ts'
import { builtEntries } from '../src-main/programRoot.ts'
import { makeLargeProject, pairsInLargeProject } from './support/largeProject.ts'
import { appendPages, quantile, timingRow } from './support/timings.ts'

const commitsWanted = 2_000
const wanted = { openSeconds: 1.5, commitMilliseconds: 16, megabytes: 400, pageMilliseconds: 150 }

const measured = z.object({
  openSeconds: z.number(),
  firstPairSeconds: z.number(),
  commits: z.array(z.number()),
  pages: z.record(z.string(), z.array(z.number())),
  idleMegabytes: z.number(),
  megabytes: z.number(),
})
type Measured = z.infer<typeof measured>

function toPort(port: MessagePort): Port {
  return {
    post: (message) => port.postMessage(message),
    onMessage: (listener) => void port.on('message', listener),
    onClose: (listener) => void port.on('close', listener),
    close: () => port.close(),
  }
}

const residentMegabytes = (): number => process.memoryUsage().rss / 2 ** 20

async function timed<Result>(work: () => Promise<Result>): Promise<{ milliseconds: number; result: Result }> {
  const started = performance.now()
  const result = await work()
  return { milliseconds: performance.now() - started, result }
}

/** Opens the project as a window does and rates: every figure includes parsing and both ways over a message port. */
async function measureHere(path: string, home: string): Promise<Measured> {
  const backend = createBackend({
    host: 'web',
    startWorker: createForkWorker(builtEntries),
    offerDownload: null,
    home,
  })
  const { port1, port2 } = new MessageChannel()
  backend.connect(toPort(port1))
  const client = createClient(contract, toPort(port2))
  client.on('project', () => undefined)
  const idleMegabytes = residentMegabytes()
  let megabytes = 0
  const noteMemory = (): void => void (megabytes = Math.max(megabytes, residentMegabytes()))

  const fileToken = backend.context.files.allow(path)
  const opened = await timed(() => client.call('project.open', { by: 'file', fileToken }))
  noteMemory()
  const { id: raterId } = await client.call('rater.create', { name: 'Cem' })
  const who = { raterId, queue: 'order' as const }
  const first = await timed(() => client.call('annotate.next', who))
  noteMemory()

  let task: AnnotateTask | null = first.result.next
  const commits: number[] = []
  while (commits.length < commitsWanted) {
    if (task === null) throw new Error('The queue ended early.')
    const { pair, orderShown, shownBecause, suggestionId } = task
    const value = (commits.length % 101) / 100
    const { milliseconds, result } = await timed(() =>
      client.call('annotate.commit', {
        ...who,
        pairId: pair.id,
        answer: { kind: 'score', value, rawPosition: value },
        note: null,
        timing: { timeToFirstTouch: 700, timeToCommit: 3000, changeCount: 1 },
        orderShown,
        shownBecause,
        suggestionId,
      }),
    )
    commits.push(milliseconds)
    task = result.next
    if (commits.length % 100 === 0) noteMemory()
  }

  const pages: Measured['pages'] = {}
  for (const order of ['added', 'consensus', 'disagreement'] as const) {
    const times: number[] = []
    for (let offset = 0; offset < 20_000; offset += 1000) {
      const page = await timed(() =>
        client.call('data.pairs', { offset, limit: 100, search: '', order, descending: true }),
      )
      times.push(page.milliseconds)
    }
    pages[`by ${order}`] = times
  }
  const search = await timed(() =>
    client.call('data.pairs', {
      offset: 0,
      limit: 100,
      search: 'morning nobody',
      order: 'added',
      descending: false,
    }),
  )
  pages.search = [search.milliseconds]
  noteMemory()
  client.close()
  await backend.close()
  return {
    openSeconds: opened.milliseconds / 1000,
    firstPairSeconds: first.milliseconds / 1000,
    commits,
    pages,
    idleMegabytes,
    megabytes,
  }
}

function measureInChild(path: string, home: string): Promise<Measured> {
  const child = fork(fileURLToPath(import.meta.url), ['measure', path, home])
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve(measured.parse(message)))
    child.once('exit', (code) => reject(new Error(`The measuring process ended with code ${code}.`)))
  })
}

/** Rating in a project of 100,000 pairs: opening, committing with the next pair, listing, memory. */
export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'gradus-bench-rating-'))
  try {
    const path = join(folder, 'Bench.gradus')
    makeLargeProject(path)
    const size = statSync(path).size / 2 ** 20
    const result = await measureInChild(path, join(folder, 'home'))
    const disk = appendPages(join(folder, 'pages'), commitsWanted)
    console.log(
      `\nRating in a project of ${pairsInLargeProject.toLocaleString('en')} pairs, ${size.toFixed(0)} MB`,
    )
    console.table({
      'open the project': timingRow([result.openSeconds * 1000]),
      'first pair of a rater': timingRow([result.firstPairSeconds * 1000]),
      'commit, with the next pair': timingRow(result.commits),
      'limit: append a page and fsync': timingRow(disk),
      ...Object.fromEntries(
        Object.entries(result.pages).map(([name, times]) => [`Data: a page ${name}`, timingRow(times)]),
      ),
    })
    console.log(
      `Resident memory: ${result.idleMegabytes.toFixed(0)} MB before opening, ${result.megabytes.toFixed(0)} MB at most`,
    )
    const commit = quantile(result.commits, 0.99)
    const page = Math.max(...Object.values(result.pages).flat())
    const targets: [string, number, number][] = [
      ['open-100k-seconds', result.openSeconds, wanted.openSeconds],
      ['commit-p99-milliseconds', commit, wanted.commitMilliseconds],
      ['data-page-worst-milliseconds', page, wanted.pageMilliseconds],
      ['backend-megabytes', result.megabytes, wanted.megabytes],
    ]
    for (const [name, value, bound] of targets)
      console.log(`target ${name} ${value.toFixed(2)} wanted <=${bound} ${value <= bound ? 'ok' : 'short'}`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const [, script, mode, path, home] = process.argv
if (script !== undefined && import.meta.url === pathToFileURL(script).href) {
  if (mode !== 'measure') await run()
  else if (path !== undefined && home !== undefined) {
    process.send?.(await measureHere(path, home), () => process.disconnect())
  }
}
