import { fork } from 'node:child_process'
import {
  closeSync,
  createReadStream,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import Database from 'better-sqlite3'
import { z } from 'zod'
import { openEmptyProject } from '../src-main/services/testing/emptyTestProject.ts'
import { createImportHandlers } from '../src-main/services/imports/imports.ts'

const rowsWanted = 1_000_000
const wantedMegabytes = 300
const megabyte = 1024 * 1024

const measurement = z.object({ seconds: z.number(), idle: z.number(), peak: z.number(), note: z.string() })
type Measurement = z.infer<typeof measurement>

const words =
  'the old river carries cold water past stone houses where people mend nets sing songs bake bread and wait for boats'.split(
    ' ',
  )

/** Writes a TSV of distinct pairs with a score from 0 to 5. */
function writeRows(path: string): void {
  const file = openSync(path, 'w')
  let buffered = 'premise\thypothesis\tscore\n'
  let state = 1
  const word = (): string => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return words[state % words.length] ?? ''
  }
  for (let row = 0; row < rowsWanted; row += 1) {
    const sentence = (): string => Array.from({ length: 10 }, word).join(' ')
    buffered += `${sentence()} ${row}\t${sentence()}\t${(row % 51) / 10}\n`
    if (buffered.length < megabyte) continue
    writeSync(file, buffered)
    buffered = ''
  }
  writeSync(file, buffered)
  closeSync(file)
}

/** The import as the program does it: through the service, with every check, index and report. */
async function importThroughService(folder: string, source: string): Promise<string> {
  const project = openEmptyProject({ projects: folder, data: folder, cache: folder, log: folder })
  const { files, jobs } = project.context
  const handlers = createImportHandlers(project.context)
  const signal = new AbortController().signal
  const fileToken = files.allow(source)
  const preview = await handlers['imports.preview']({ fileToken }, { signal })
  const { layout, columns, scoreRange } = preview
  const { jobId } = await handlers['imports.start'](
    { fileToken, options: { layout, columns, scoreRange, rater: 'bench', split: null, onBadRow: 'report' } },
    { signal },
  )
  // The longest piece of work without a pause is what a rating would have to wait.
  let longest = 0
  let last = performance.now()
  const beat = setInterval(() => {
    longest = Math.max(longest, performance.now() - last - 5)
    last = performance.now()
  }, 5)
  const job = await jobs.ended(jobId)
  clearInterval(beat)
  await project.close()
  if (job.outcome.status !== 'finished') throw new Error(`The import ended as ${JSON.stringify(job.outcome)}`)
  const { pairs, ratings } = job.detail.kind === 'import' ? job.detail.counts : { pairs: 0, ratings: 0 }
  return `${pairs} pairs, ${ratings} ratings, longest pause ${longest.toFixed(0)} ms`
}

/** What the machine itself needs: reading lines and putting their texts into bare tables, without checks or indexes. */
async function insertWithoutChecks(folder: string, source: string): Promise<string> {
  const database = new Database(join(folder, 'bare.db'))
  database.pragma('journal_mode = WAL')
  database.pragma('synchronous = FULL')
  database.exec(
    'CREATE TABLE pair (premise TEXT, hypothesis TEXT) STRICT; CREATE TABLE rating (pair INTEGER, score REAL) STRICT',
  )
  const pair = database.prepare<[string, string]>('INSERT INTO pair VALUES (?, ?)')
  const rating = database.prepare<[number, number]>('INSERT INTO rating VALUES (?, ?)')
  let inserted = 0
  database.exec('BEGIN')
  for await (const line of createInterface({ input: createReadStream(source), crlfDelay: Infinity })) {
    const [premise = '', hypothesis = '', score = ''] = line.split('\t')
    pair.run(premise, hypothesis)
    rating.run(inserted, Number(score) / 5)
    inserted += 1
    if (inserted % 500 === 0) database.exec('COMMIT; BEGIN')
  }
  database.exec('COMMIT')
  database.close()
  return `${inserted} rows, 500 a transaction`
}

const ways = { service: importThroughService, bare: insertWithoutChecks } as const
type Way = keyof typeof ways

/** In the child: measures one way and sends what it found to the parent. */
async function measureHere(way: Way, folder: string, source: string): Promise<void> {
  const idle = process.memoryUsage.rss() / megabyte
  let peak = idle
  const sampling = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss() / megabyte)), 20)
  const started = performance.now()
  const note = await ways[way](folder, source)
  const seconds = (performance.now() - started) / 1000
  clearInterval(sampling)
  const found: Measurement = { seconds, idle, peak, note }
  process.send?.(found)
}

function measureInChild(way: Way, folder: string, source: string): Promise<Measurement> {
  mkdirSync(folder)
  return new Promise((resolve, reject) => {
    let found: Measurement | undefined
    const child = fork(import.meta.filename, ['measure', way, folder, source], { stdio: 'inherit' })
    child.on('message', (message) => (found = measurement.parse(message)))
    child.on('error', reject)
    child.on('exit', (code) => {
      if (found === undefined) reject(new Error(`The measuring process ended with ${code}`))
      else resolve(found)
    })
  })
}

/** Imports a million rows in a process of its own and prints speed and memory beside what the machine itself needs. */
export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'gradus-bench-import-'))
  try {
    const source = join(folder, 'rows.tsv')
    writeRows(source)
    const megabytes = statSync(source).size / megabyte
    const service = await measureInChild('service', join(folder, 'service'), source)
    const bare = await measureInChild('bare', join(folder, 'bare'), source)
    console.log(`\nImport of ${rowsWanted.toLocaleString('en')} rows, ${megabytes.toFixed(0)} MB`)
    console.table(
      Object.fromEntries(
        [
          ['gradus import', service] as const,
          ['limit: read and insert, no checks, no indexes', bare] as const,
        ].map(([name, { seconds, idle, peak, note }]) => [
          name,
          {
            seconds: Number(seconds.toFixed(1)),
            'rows/s': Math.round(rowsWanted / seconds),
            'idle MB': Math.round(idle),
            'peak MB over idle': Math.round(peak - idle),
            note,
          },
        ]),
      ),
    )
    const over = service.peak - service.idle
    console.log(
      `target import-memory-megabytes ${over.toFixed(0)} wanted <=${wantedMegabytes} ${over <= wantedMegabytes ? 'ok' : 'short'}`,
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const [, script, mode, way, folder, source] = process.argv
if (script !== undefined && import.meta.url === pathToFileURL(script).href) {
  if (mode !== 'measure') await run()
  else if ((way === 'service' || way === 'bare') && folder !== undefined && source !== undefined)
    await measureHere(way, folder, source)
}
