import { createHash } from 'node:crypto'
import { premiseGroup } from '../../src-main/store/pairKeys.ts'
import { readStsb, type DataPair } from '../support/dataSets.ts'
import { figure, printTable } from '../support/tables.ts'
import { skipped, target } from '../support/targets.ts'
import { quick, sample } from './quick.ts'
import { trainHere } from './trainHere.ts'
import { label } from './vectors.ts'

const wanted = { lowest: 0.87, highest: 0.93 }
const seeds = quick ? 2 : 10
/** Few rows to learn from, so that many are left to calibrate on and to judge by: else chance alone would decide. */
const shares = { train: 0.26, validation: 0.26 }
/** Interaction heads would take most of an hour; what intervals hold does not depend on them. */
const configuration = { interaction: false }
const tolerance = 0.15
const level = 0.9

/** Whole premise groups on three sides, by a hash with the seed. */
function splitBy(
  seed: number,
  pairs: readonly DataPair[],
): Record<'train' | 'validation' | 'holdout', DataPair[]> {
  const place = ({ premise }: DataPair): number =>
    createHash('sha256')
      .update(`${seed}/${premiseGroup(premise)}`)
      .digest()
      .readUIntBE(0, 6) /
    2 ** 48
  const sides = { train: [] as DataPair[], validation: [] as DataPair[], holdout: [] as DataPair[] }
  for (const pair of pairs) {
    const own = place(pair)
    if (own < shares.train) sides.train.push(pair)
    else if (own < shares.train + shares.validation) sides.validation.push(pair)
    else sides.holdout.push(pair)
  }
  return sides
}

/** What share of the holdout the 90% intervals hold, over ten splits of STS-B train. */
export async function conformal(): Promise<void> {
  const all = readStsb('train')
  if (all === null) {
    for (const end of ['lowest', 'highest'])
      skipped(`conformal-coverage-${end}`, '../shared/data/stsb is not there')
    return
  }
  const pairs = sample(all)
  const rows: string[][] = []
  const reached: number[] = []
  for (let seed = 1; seed <= seeds; seed++) {
    const { train, validation, holdout } = splitBy(seed, pairs)
    const { report } = await trainHere(
      `conformal, seed ${seed}`,
      { train, validation, holdout: await label(holdout), tolerance },
      { ...configuration, seed },
    )
    const judged = report.holdout?.conformal
    const { coverage = null, meanWidth = null } = judged ?? {}
    reached.push(coverage?.value ?? NaN)
    // Of the rank of a calibration row, and of counting on the holdout.
    const chance = Math.sqrt(level * (1 - level) * (1 / validation.length + 1 / holdout.length))
    rows.push([
      String(seed),
      ...[train, validation, holdout].map(({ length }) => String(length)),
      figure(coverage, 3),
      figure(meanWidth, 3),
      `±${(1.96 * chance).toFixed(3)}`,
      figure(report.holdout?.used.pearson ?? null, 3),
    ])
  }
  printTable('Conformal 90% intervals on STS-B train, split by premise, without interaction heads', [
    ['seed', 'train', 'calibration', 'holdout', 'coverage (95% interval)', 'mean width', 'by chance', 'r'],
    ...rows,
  ])
  target('conformal-coverage-lowest', Math.min(...reached), '>=', wanted.lowest, 3)
  target('conformal-coverage-highest', Math.max(...reached), '<=', wanted.highest, 3)
}
