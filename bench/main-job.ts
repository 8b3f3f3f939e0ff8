import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import Database from 'better-sqlite3'
import { z } from 'zod'
import { judgement, run as trainedRun, type Judgement } from '#shared/domain/run.ts'
import { embeddingCachePath } from '../src-main/services/model/encoderAccess.ts'
import { locateFolders } from '../src-main/services/projects/folders.ts'
import { target } from './support/targets.ts'

const dataFolder = resolve('../shared/data/stsb')
const program = fileURLToPath(new URL('../out/main/gradus.js', import.meta.url))

const wantedPearson = 0.885
const wantedSeconds = 90
const wantedRate = 250

const evaluated = z.object({
  used: z.string(),
  ...judgement.shape,
  models: z.record(z.string(), judgement),
  baselines: z.record(z.string(), judgement),
})

/** Runs one command of the built program in `folder`, and returns its JSON document and its wall seconds. */
async function gradus(
  folder: string,
  words: readonly string[],
): Promise<{ document: unknown; seconds: number }> {
  const started = performance.now()
  const child = spawn(process.execPath, [program, ...words, '--json'], {
    cwd: folder,
    env: { ...process.env, GRADUS_HOME: join(folder, 'home') },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const code = await new Promise((ended) => child.once('close', ended))
  if (code !== 0) throw new Error(`gradus ${words.join(' ')} ended with ${String(code)}: ${stderr}`)
  return { document: JSON.parse(stdout), seconds: (performance.now() - started) / 1000 }
}

function importWords(file: string, split: string): string[] {
  return [
    ...['import', 'p.gradus', join(dataFolder, file), '--columns', 'premise=6,hypothesis=7,score=5'],
    ...['--score-range', '0..5', '--split', split, '--rater', 'gold'],
  ]
}

/** How many texts were encoded: the cache began empty. */
function countVectors(home: string): number {
  const database = new Database(embeddingCachePath(locateFolders(home)), { readonly: true })
  try {
    return z.number().parse(database.prepare('SELECT COUNT(*) FROM vector').pluck().get())
  } finally {
    database.close()
  }
}

function figureRow(name: string, { n, pearson }: Judgement): string {
  const figure =
    pearson === null
      ? 'not defined'
      : `${pearson.value.toFixed(4)}  (${pearson.low.toFixed(4)} to ${pearson.high.toFixed(4)})`
  return `${name.padEnd(28)}${String(n).padStart(6)}  ${figure}`
}

/** The whole job on STS-B from the command line with nothing cached: train on train, dev as the holdout. */
export async function run(): Promise<void> {
  if (!existsSync(dataFolder)) {
    console.log('skipped: ../shared/data/stsb is not there')
    return
  }
  if (!existsSync(program)) {
    console.log('skipped: the program is not built (npm run build)')
    return
  }
  const folder = mkdtempSync(join(tmpdir(), 'gradus-bench-'))
  try {
    console.log(`main job, load average ${(loadavg()[0] ?? 0).toFixed(1)} at the start`)
    const phases: [string, number][] = []
    const perform = async (name: string, words: readonly string[]): Promise<unknown> => {
      const { document, seconds } = await gradus(folder, words)
      phases.push([name, seconds])
      return document
    }
    await perform('new', ['new', 'p.gradus', '--title', 'STS'])
    await perform('import train', importWords('sts-train.tsv', 'train'))
    await perform('import dev', importWords('sts-dev.tsv', 'holdout'))
    const { report } = trainedRun.parse(await perform('train', ['train', 'p.gradus', '--seed', '42']))
    if (report === null) throw new Error('The run has no report.')
    const judged = evaluated.parse(await perform('evaluate', ['evaluate', 'p.gradus', '--split', 'holdout']))
    const wholeSeconds = phases.reduce((sum, [, seconds]) => sum + seconds, 0)
    await perform('suggest', ['suggest', 'p.gradus', '--count', '20'])
    await perform('export dataset', ['export', 'p.gradus', 'dataset', '--to', 'out/data'])
    await perform('export weights', ['export', 'p.gradus', 'weights', '--to', 'out/model'])

    const sentences = countVectors(join(folder, 'home'))
    const rate = sentences / report.seconds.encode
    console.log(`\n${'phase'.padEnd(28)}${'seconds'.padStart(8)}`)
    for (const [name, seconds] of phases) console.log(`${name.padEnd(28)}${seconds.toFixed(2).padStart(8)}`)
    for (const part of ['encode', 'fit', 'judge'] as const)
      console.log(`${`  of train: ${part}`.padEnd(28)}${report.seconds[part].toFixed(2).padStart(8)}`)
    console.log(`${'new to evaluate'.padEnd(28)}${wholeSeconds.toFixed(2).padStart(8)}`)
    console.log(`${'sentences encoded'.padEnd(28)}${String(sentences).padStart(8)}`)
    console.log(`${'sentences a second'.padEnd(28)}${rate.toFixed(0).padStart(8)}`)

    console.log(`\n${'dev'.padEnd(28)}${'n'.padStart(6)}  Pearson (95% interval)`)
    console.log(figureRow(`in use: ${judged.used}`, judged))
    for (const [name, figures] of Object.entries(judged.models)) console.log(figureRow(name, figures))
    for (const [name, figures] of Object.entries(judged.baselines)) console.log(figureRow(name, figures))
    console.log('')
    target('stsb-dev-pearson', judged.pearson?.value ?? 0, '>=', wantedPearson, 4)
    target('main-job-seconds', wholeSeconds, '<=', wantedSeconds, 1)
    target('main-job-encoding-sentences-per-second', rate, '>=', wantedRate, 0)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await run()
