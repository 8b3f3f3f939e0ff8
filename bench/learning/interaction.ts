import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { trainingConfiguration } from '../../src-shared/domain/run.ts'
import { heads } from '../../src-main/learning/heads/registry.ts'
import { losses } from '../../src-main/learning/losses/registry.ts'
import { pearson } from '../../src-main/learning/metrics/correlation.ts'
import { createOnnxTrainer } from '../../src-main/learning/runtime/onnxTrainer.ts'
import { makeFolds } from '../../src-main/learning/training/folds.ts'
import { createMaskPool, initialParameters, maskStarts } from '../../src-main/learning/training/initial.ts'
import { maskLayout } from '../../src-main/learning/training/masks.ts'
import { batchSizes, planEpoch } from '../../src-main/learning/training/plan.ts'
import { selectRows, tokenCounts } from '../../src-main/learning/training/trainer.ts'
import type { LabelledPairs } from '../../src-main/learning/trainContract.ts'
import { startPeer, type Peer } from '../support/peer.ts'
import { printTable } from '../support/tables.ts'
import { skipped, target } from '../support/targets.ts'
import { quantile } from '../support/timings.ts'
import { writeTokenFile, type TokenRows } from '../support/tokenFile.ts'
import { dataSet } from './dataSet.ts'
import { quick } from './quick.ts'
import { label } from './vectors.ts'

const name = 'interaction-epoch-vs-pytorch'
const threadCounts = [1, 2]
/** Odd, so that the median is one of them. */
const rounds = quick ? 1 : 5
const epochsForPearson = quick ? 1 : 4
const seed = 42

/** One that trains an epoch at a time. */
interface Contestant {
  readonly who: 'Gradus' | 'PyTorch'
  readonly threads: number
  /** Seconds of one more epoch. */
  readonly epoch: () => Promise<number>
  readonly seconds: number[]
}

/** One interaction head in training. */
interface OwnTraining {
  /** Seconds of one more epoch. */
  readonly epoch: () => Promise<number>
  /** What it says of other pairs [rows]. */
  readonly score: (held: LabelledPairs) => Promise<Float32Array>
  readonly close: () => Promise<void>
}

/** Our trainer of one member on all rows. */
async function ours(rows: LabelledPairs, threads: number): Promise<OwnTraining> {
  const configuration = trainingConfiguration.parse({})
  const { interactionBatchSize: batchSize, interactionDropout: dropout } = configuration
  const head = heads.interaction
  const size = {
    members: 1,
    dimension: rows.dimension,
    hiddenWidth: configuration.interactionWidth,
    columns: 1,
    frozenWidth: 0,
  }
  const { batch } = batchSizes(rows.target.length, batchSize)
  const standardisation = { mean: new Float32Array(), scale: new Float32Array() }
  const trainer = await createOnnxTrainer(
    {
      head,
      loss: losses.mse,
      size,
      batch,
      inputs: { pairs: rows, standardisation, frozen: null },
      labels: rows.target,
      labelColumns: 1,
      memberWeight: rows.weight,
      maskPool: createMaskPool(maskLayout(head, size, batch).length, seed),
      dropout: [dropout],
      initial: initialParameters(head, size, seed),
    },
    { provider: 'cpu', threads },
  )
  const plan = {
    seed,
    batchSize,
    rows: rows.target.length,
    rates: [{ learningRate: configuration.interactionLearningRate, weightDecay: configuration.weightDecay }],
    maximumEpochs: configuration.interactionEpochs,
    maskStarts,
    lengths: tokenCounts(rows),
  }
  let epoch = 0
  return {
    async epoch() {
      const started = performance.now()
      await trainer.train(planEpoch(plan, ++epoch))
      return (performance.now() - started) / 1000
    },
    score: (held) => trainer.predict({ pairs: held, standardisation, frozen: null }),
    close: () => trainer.dispose(),
  }
}

/** Rows as the peer reads them. @throws where they have no token vectors. */
function tokenRows({ tokens, target: targets }: LabelledPairs): TokenRows {
  if (tokens === null) throw new Error('The pairs have no token vectors.')
  return { premise: tokens.premise, hypothesis: tokens.hypothesis, target: targets }
}

/** Starts PyTorch on rows, which share their texts. */
async function theirs(
  folder: string,
  threads: number,
  training: LabelledPairs,
  heldOut: LabelledPairs,
): Promise<Peer | string> {
  const { tokens, dimension } = training
  if (tokens === null) throw new Error('The pairs have no token vectors.')
  const path = join(folder, `tokens-${training.target.length}`)
  const { starts, lengths, values: vectors } = tokens
  writeTokenFile(path, {
    width: dimension,
    vectors,
    starts,
    lengths,
    training: tokenRows(training),
    heldOut: tokenRows(heldOut),
  })
  return startPeer('interaction.py', threads, [path])
}

/** One epoch of one interaction head over UNLI dev in Gradus and in PyTorch, and what both have learnt after some. */
export async function interaction(): Promise<void> {
  const data = dataSet('UNLI', [name])
  if (data === null) return
  const rows = await label(data.pairs)
  const folder = mkdtempSync(join(tmpdir(), 'gradus-bench-tokens-'))
  const closing: (() => Promise<void>)[] = []
  try {
    const contestants: Contestant[] = []
    let version = ''
    for (const threads of threadCounts) {
      const own = await ours(rows, threads)
      closing.push(own.close)
      contestants.push({ who: 'Gradus', threads, epoch: own.epoch, seconds: [] })
      // The peer does not start without a row to hold out.
      const peer = await theirs(folder, threads, rows, selectRows(rows, Uint32Array.of(0)))
      if (typeof peer === 'string') {
        skipped(name, peer)
        return
      }
      closing.push(() => peer.close())
      version = peer.version
      const epoch = async (): Promise<number> => (await peer.ask('train 1'))[0] ?? NaN
      contestants.push({ who: 'PyTorch', threads, epoch, seconds: [] })
    }
    // One after the other in turn, so that whatever else the machine does meets all of them.
    for (let round = 0; round < rounds; round++)
      for (const contestant of contestants) contestant.seconds.push(await contestant.epoch())
    printTable(
      `One epoch of one interaction head over ${rows.target.length} pairs of UNLI dev (${version})`,
      [
        ['seconds', 'threads', 'median', 'least', 'most', 'turns'],
        ...contestants.map(({ who, threads, seconds }) => [
          who,
          String(threads),
          ...[quantile(seconds, 0.5), Math.min(...seconds), Math.max(...seconds)].map((own) =>
            own.toFixed(2),
          ),
          String(seconds.length),
        ]),
      ],
    )
    const fastest = (who: Contestant['who']): number =>
      Math.min(...contestants.filter((own) => own.who === who).map(({ seconds }) => quantile(seconds, 0.5)))
    await compareLearning(rows, folder)
    target(name, fastest('Gradus') / fastest('PyTorch'), '<=', 1, 2)
  } finally {
    for (const close of closing) await close()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Prints what both say of a fifth of the premises after learning from the others, to see that both do learn. */
async function compareLearning(rows: LabelledPairs, folder: string): Promise<void> {
  const folds = makeFolds(rows.group, 5, seed)
  const numbers = Uint32Array.from(rows.target.keys())
  const [training, held] = [false, true].map((isHeld) =>
    selectRows(
      rows,
      numbers.filter((row) => (folds.of[row] === 0) === isHeld),
    ),
  )
  if (training === undefined || held === undefined) return
  const own = await ours(training, 1)
  const peer = await theirs(folder, 1, training, held)
  try {
    if (typeof peer === 'string') return
    const reached: string[][] = []
    for (let epoch = 1; epoch <= epochsForPearson; epoch++) {
      await own.epoch()
      await peer.ask('train 1')
      const [theirPearson = NaN] = await peer.ask('pearson')
      const ownPearson = pearson(await own.score(held), held.target) ?? NaN
      reached.push([String(epoch), ownPearson.toFixed(3), theirPearson.toFixed(3)])
    }
    printTable(
      `r of one member on ${held.target.length} pairs after epochs over ${training.target.length} others`,
      [['epochs', 'Gradus (warm-up, cosine)', 'PyTorch (constant rate)'], ...reached],
    )
  } finally {
    await own.close()
    if (typeof peer !== 'string') await peer.close()
  }
}
