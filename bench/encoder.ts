import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { openModel } from '../src-main/encoder/encodeThread.ts'
import { encodeTexts } from '../src-main/encoder/encoder.ts'
import { ensureModelFile } from '../src-main/encoder/modelFile.ts'
import {
  makeBatches,
  openTokenizer,
  padBatch,
  type Batch,
  type TokenIds,
} from '../src-main/encoder/tokenizer.ts'
import { createForkWorker } from '../src-main/jobs/forkWorker.ts'
import { createGraphBuilder } from '../src-main/onnx/graphBuilder.ts'
import { tensor } from '../src-main/onnx/model.ts'
import { writeModel } from '../src-main/onnx/writeModel.ts'

const dataFolder = '../shared/data/stsb'
const wantedRate = 250
/** Every so many texts take part in the comparisons, so that they stay short. */
const stride = 12

/** Multiplications and additions in the linear layers of all-MiniLM-L6-v2 per token: 6 × 2 × (4·384² + 2·384·1536). */
const operationsPerToken = 6 * 2 * (4 * 384 ** 2 + 2 * 384 * 1536)

interface Row {
  readonly what: string
  readonly perSecond: number
  readonly perProcessorSecond: number | null
  /** Billions of operations a second. */
  readonly gigaflops: number | null
}

/** Different sentences of STS-B train and dev. */
function readTexts(): string[] {
  const lines = ['sts-train.tsv', 'sts-dev.tsv'].flatMap((name) =>
    readFileSync(join(dataFolder, name), 'utf8').split('\n'),
  )
  return [...new Set(lines.flatMap((line) => line.split('\t').slice(5, 7)).filter((text) => text !== ''))]
}

/** Wall and processor seconds that `work` takes. */
async function timed(work: () => Promise<unknown>): Promise<{ wall: number; processor: number }> {
  const [started, before] = [performance.now(), process.cpuUsage()]
  await work()
  const { user, system } = process.cpuUsage(before)
  return { wall: (performance.now() - started) / 1000, processor: (user + system) / 1e6 }
}

/** The whole way: process, conversion or reading of the model, tokens, vectors, cache. */
async function wholeWay(
  texts: readonly string[],
  folder: string,
  threads: number,
  tokens: boolean,
): Promise<Row> {
  const { encoded, seconds } = await encodeTexts({
    texts,
    cachePath: join(folder, `cache-${threads}-${tokens}.db`),
    modelFolder: join(folder, `model-${threads}-${tokens}`),
    startWorker: createForkWorker(pathToFileURL(`${folder}/`)),
    threads,
    tokens,
    signal: new AbortController().signal,
  })
  return {
    what: `whole way, cold, ${encoded} sentences, ${threads} thread(s)${tokens ? ', token vectors' : ''}`,
    perSecond: encoded / seconds,
    perProcessorSecond: null,
    gigaflops: null,
  }
}

async function modelAlone(
  what: string,
  tokens: readonly TokenIds[],
  batches: readonly Batch[],
  modelPath: string,
  threads: number,
): Promise<Row> {
  const model = await openModel(modelPath, threads)
  const sizes = batches.reduce((sum, { rows, length }) => sum + rows.length * length, 0)
  const { wall, processor } = await timed(async () => {
    for (const batch of batches) await model(batch.rows.length, padBatch(tokens, batch), false)
  })
  return {
    what,
    perSecond: tokens.length / wall,
    perProcessorSecond: tokens.length / processor,
    gigaflops: (sizes * operationsPerToken) / wall / 1e9,
  }
}

/** Length-sorted batches of a fixed number of texts, the usual way, to compare with. */
function fixedBatches(tokens: readonly TokenIds[], size: number): Batch[] {
  const order = makeBatches(tokens).flatMap(({ rows }) => rows)
  return Array.from({ length: Math.ceil(order.length / size) }, (_, index) => {
    const rows = order.slice(index * size, (index + 1) * size)
    return { rows, length: tokens[rows[0] ?? 0]?.length ?? 1 }
  })
}

/** What the processor can do at best: one product of two 1024 × 1024 matrices. */
async function physicalLimit(threads: number): Promise<Row> {
  const size = 1024
  const builder = createGraphBuilder('product')
  const values = (): Float32Array<ArrayBuffer> =>
    Float32Array.from({ length: size ** 2 }, () => Math.random())
  const x = builder.input('x', 'float32', [size, size])
  builder.node('MatMul', [x, builder.initializer(tensor('float32', [size, size], values()))], {}, 'y')
  builder.output('y', 'float32', [size, size])
  const session = await InferenceSession.create(
    writeModel({ graph: builder.build(), operatorSet: 20, producer: 'gradus', notes: {} }),
    { intraOpNumThreads: threads },
  )
  const feeds = { x: new Tensor('float32', values(), [size, size]) }
  const runs = 20
  await session.run(feeds)
  const { wall } = await timed(async () => {
    for (let index = 0; index < runs; index++) await session.run(feeds)
  })
  return {
    what: `limit: one product 1024³, ${threads} thread(s)`,
    perSecond: runs / wall,
    perProcessorSecond: null,
    gigaflops: (runs * 2 * size ** 3) / wall / 1e9,
  }
}

function print(rows: readonly Row[]): void {
  const number = (value: number | null): string => (value === null ? '' : value.toFixed(0)).padStart(10)
  console.log(`${''.padEnd(64)}${'per s'.padStart(10)}${'per cpu-s'.padStart(10)}${'GFLOP/s'.padStart(10)}`)
  for (const { what, perSecond, perProcessorSecond, gigaflops } of rows)
    console.log(`${what.padEnd(64)}${number(perSecond)}${number(perProcessorSecond)}${number(gigaflops)}`)
}

/** Prints sentences a second on STS-B, how batches and threads change it, and how far it is from the processor's limit. */
export async function run(): Promise<void> {
  if (!existsSync(dataFolder)) {
    console.log(`skipped: ${dataFolder} is not there`)
    return
  }
  const folder = mkdtempSync(join(tmpdir(), 'gradus-bench-'))
  try {
    const texts = readTexts()
    const some = texts.filter((_, index) => index % stride === 0)
    console.log(`encoder, load average ${(loadavg()[0] ?? 0).toFixed(1)} at the start`)
    const two = await wholeWay(texts, folder, 2, false)
    const twoWithTokens = await wholeWay(texts, folder, 2, true)
    const one = await wholeWay(some, folder, 1, false)

    const tokenizer = await openTokenizer()
    const tokens = some.map(tokenizer)
    const tokenising = await timed(() => Promise.resolve(some.map(tokenizer)))
    const modelPath = await ensureModelFile(join(folder, 'model-1-false'))
    const rows: Row[] = [
      two,
      twoWithTokens,
      one,
      {
        what: 'tokens alone',
        perSecond: some.length / tokenising.wall,
        perProcessorSecond: some.length / tokenising.processor,
        gigaflops: null,
      },
    ]
    for (const budget of [256, 512, 1024])
      rows.push(
        await modelAlone(
          `model alone, batches of ${budget} tokens, 1 thread`,
          tokens,
          makeBatches(tokens, budget),
          modelPath,
          1,
        ),
      )
    for (const size of [16, 32, 64])
      rows.push(
        await modelAlone(
          `model alone, batches of ${size} texts, 1 thread`,
          tokens,
          fixedBatches(tokens, size),
          modelPath,
          1,
        ),
      )
    rows.push(
      await modelAlone(
        'model alone, one run split over 2 threads',
        tokens,
        makeBatches(tokens),
        modelPath,
        2,
      ),
      await physicalLimit(1),
      await physicalLimit(2),
    )
    print(rows)
    const verdict = two.perSecond >= wantedRate ? 'ok' : 'short'
    console.log(
      `target encoding-sentences-per-second ${two.perSecond.toFixed(0)} wanted >=${wantedRate} ${verdict}`,
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

if (import.meta.main) await run()
