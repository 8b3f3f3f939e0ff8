import type { LabelArm } from '../../src-shared/domain/evidence.ts'
import { armCodes } from '../../src-main/learning/evidence/arms.ts'
import { measureEvidence } from '../../src-main/learning/evidence/measureEvidence.ts'
import { pearson } from '../../src-main/learning/metrics/correlation.ts'
import { createRandom } from '../../src-main/learning/random.ts'
import { openReplay } from '../../src-main/learning/replay/replayCell.ts'
import type { ReplayPairs } from '../../src-main/learning/replay/replayContract.ts'
import { quick } from '../learning/quick.ts'
import { readStsb } from '../support/dataSets.ts'
import { printTable } from '../support/tables.ts'
import { skipped, target } from '../support/targets.ts'
import { chooseLabels } from './chosenLabels.ts'
import { replayOf, rowsOfPairs, seeds, toReplayPairs } from './replays.ts'

const simulations = quick ? 4 : 40
/** Of 40 intervals that each hold 95 times in 100, chance leaves fewer than 35 in one of twenty. */
const wantedCoverage = 0.875
const wantedSeconds = 20

/** Labels before the first suggestion and since, the share of random ones since, and held-out pairs. */
const grounds = [
  { base: 60, since: 120, randomShare: 0.5, holdout: 400 },
  { base: 40, since: 200, randomShare: 0.2, holdout: 200 },
  { base: 0, since: 200, randomShare: 0.5, holdout: 400 },
]
/** Strategies that labels are chosen by, to see what is found of them. */
const chosenBy = ['hybrid', 'core-set', 'lcmd', 'ensemble-variance'] as const
/** Labels that a projection is made from, and how many more it is for. */
const projectedFrom = [100, 300]

/**
 * Whether what a project is told of its labels holds: on STS-B with both arms drawn at random no difference and no saving
 * should be found but one time in twenty; and what projections foresee should be what later labels reach on the same
 * holdout.
 */
export async function evidence(): Promise<void> {
  const [train, dev] = [readStsb('train'), readStsb('dev')]
  if (train === null || dev === null) {
    skipped('evidence-coverage', '../shared/data/stsb is not there')
    return
  }
  const [pool, heldOut] = [await toReplayPairs(train), await toReplayPairs(dev)]
  await nothingToFind(pool, heldOut)
  await somethingToFind(pool, heldOut)
  await projections(pool, heldOut)
  await timed(pool, heldOut)
}

const alone = { signal: new AbortController().signal, onShare: (): void => undefined }

function draw(pairs: ReplayPairs, count: number, seed: number, stream: string): ReplayPairs {
  const rows = Uint32Array.from(pairs.target.keys())
  return rowsOfPairs(pairs, createRandom(seed, 'evidence bench', stream).shuffle(rows).subarray(0, count))
}

function measure(
  labels: ReplayPairs,
  holdout: ReplayPairs,
  armOf: (place: number) => LabelArm,
): ReturnType<typeof measureEvidence> {
  const arm = Int32Array.from(labels.target, (_, place) => armCodes.indexOf(armOf(place)))
  const given = {
    labels: labels.target.length,
    holdout: holdout.target.length,
    premises: new Set(holdout.group).size,
  }
  return measureEvidence({ labels: { ...labels, arm }, holdout, given, seed: 42, threads: 1 }, alone)
}

async function nothingToFind(pool: ReplayPairs, heldOut: ReplayPairs): Promise<void> {
  const rows: string[][] = []
  let [silent, unsaved, told] = [0, 0, 0]
  for (const { base, since, randomShare, holdout } of grounds) {
    let [none, noSaving, half, squares] = [0, 0, 0, 0]
    for (let seed = 0; seed < simulations; seed++) {
      const random = createRandom(seed, 'arms')
      const figures = await measure(
        draw(pool, base + since, seed, 'labels'),
        draw(heldOut, holdout, seed, 'holdout'),
        (place) =>
          place < base ? 'random' : random.uniform() < randomShare ? 'random-suggestion' : 'chosen',
      )
      const difference = figures.comparison.points.at(-1)?.difference
      if (difference === undefined) throw new Error('Nothing was compared')
      none += figures.comparison.verdict === 'no-evidence' ? 1 : 0
      noSaving += figures.saving.verdict === 'no-evidence' ? 1 : 0
      half += (difference.high - difference.low) / 2 / simulations
      squares += difference.value ** 2 / simulations
    }
    silent += none
    unsaved += noSaving
    told += simulations
    rows.push([
      `${base} + ${since}, ${randomShare}`,
      String(holdout),
      `${none} of ${simulations}`,
      `${noSaving} of ${simulations}`,
      half.toFixed(4),
      (1.96 * Math.sqrt(squares)).toFixed(4),
    ])
  }
  printTable('Both arms random: how often nothing is found, as there is nothing', [
    [
      'base + since, random',
      'held out',
      'no difference',
      'no saving',
      'half interval',
      '1.96 SD of differences',
    ],
    ...rows,
  ])
  target('evidence-coverage', silent / told, '>=', wantedCoverage, 3)
  target('evidence-saving-coverage', unsaved / told, '>=', wantedCoverage, 3)
}

/** What is found where a strategy has really chosen: beside the replay's own curves, whether a project would have known it. */
async function somethingToFind(pool: ReplayPairs, heldOut: ReplayPairs): Promise<void> {
  const replay = await openReplay(replayOf(pool, heldOut), 1)
  const rows: string[][] = []
  const mean = (values: readonly number[]): string =>
    (values.reduce((sum, value) => sum + value, 0) / values.length).toFixed(4)
  for (const strategy of chosenBy) {
    const verdicts = { better: 0, worse: 0, 'no-evidence': 0 }
    const savings = { saved: 0, lost: 0, 'no-evidence': 0 }
    const differences: number[] = []
    for (const seed of seeds) {
      const chosen = await chooseLabels(replay, { strategy, seed, start: 20, to: 300, randomShare: 0.5 })
      const { comparison, saving } = await measure(
        rowsOfPairs(pool, chosen.rows),
        heldOut,
        (place) => chosen.arms[place] ?? 'other',
      )
      if (comparison.verdict !== null) verdicts[comparison.verdict] += 1
      savings[saving.verdict] += 1
      differences.push(comparison.points.at(-1)?.difference.value ?? 0)
    }
    rows.push([
      strategy,
      mean(differences),
      `${verdicts.better}, ${verdicts.worse}, ${verdicts['no-evidence']}`,
      `${savings.saved}, ${savings.lost}, ${savings['no-evidence']}`,
    ])
  }
  await replay.kernel.dispose()
  printTable('Labels as strategies chose them, half of each batch at random: 20 + 280, 1,500 held out', [
    ['strategy', 'mean difference of r', 'better, worse, no evidence', 'saved, lost, no evidence'],
    ...rows,
  ])
}

async function projections(pool: ReplayPairs, heldOut: ReplayPairs): Promise<void> {
  const found = new Map<
    string,
    { held: number; made: number; error: number; value: number[]; real: number[] }
  >()
  let [made, asked] = [0, 0]
  for (const from of projectedFrom)
    for (let seed = 0; seed < simulations / 2; seed++) {
      const labels = draw(pool, from + 500, seed, 'projected')
      const holdout = draw(heldOut, 400, seed, 'holdout')
      const first = rowsOfPairs(
        labels,
        Uint32Array.from({ length: from }, (_, row) => row),
      )
      const { projection } = await measure(first, holdout, () => 'random')
      asked += 1
      if (projection.points.length === 0) continue
      made += 1
      for (const { more, pearson: expected } of projection.points) {
        const rows = Uint32Array.from({ length: from + more }, (_, row) => row)
        const later = await measure(rowsOfPairs(labels, rows), holdout, () => 'random')
        const reached = later.curve.points.at(-1)?.pearson.value
        if (reached === undefined) throw new Error('r is not defined')
        const key = `${from} + ${more}`
        const own = found.get(key) ?? { held: 0, made: 0, error: 0, value: [], real: [] }
        own.made += 1
        own.held += expected.low <= reached && reached <= expected.high ? 1 : 0
        own.error += Math.abs(expected.value - reached)
        own.value.push(expected.value)
        own.real.push(reached)
        found.set(key, own)
      }
    }
  const mean = (values: readonly number[]): string =>
    (values.reduce((sum, value) => sum + value, 0) / values.length).toFixed(4)
  printTable(
    `Projections and what was reached on the same 400 held-out pairs; ${made} of ${asked} could be made`,
    [
      ['labels + more', 'projected', 'reached', 'mean error', 'within the interval', 'r of both'],
      ...[...found].map(([key, own]) => [
        key,
        mean(own.value),
        mean(own.real),
        (own.error / own.made).toFixed(4),
        `${own.held} of ${own.made}`,
        pearson(own.value, own.real)?.toFixed(2) ?? '-',
      ]),
    ],
  )
  const all = [...found.values()]
  const held = all.reduce((sum, own) => sum + own.held, 0)
  target(
    'evidence-projection-coverage',
    held / all.reduce((sum, own) => sum + own.made, 0),
    '>=',
    wantedCoverage,
    3,
  )
}

async function timed(pool: ReplayPairs, heldOut: ReplayPairs): Promise<void> {
  const { seconds } = await measure(draw(pool, 1000, 1, 'timed'), draw(heldOut, 1000, 1, 'timed'), (place) =>
    place < 200 ? 'random' : place % 5 === 0 ? 'random-suggestion' : 'chosen',
  )
  target('evidence-seconds', seconds, '<=', wantedSeconds, 1)
}
