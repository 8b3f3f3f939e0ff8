import { summariseReplay } from '../../src-shared/domain/replay.ts'
import { strategyName } from '../../src-shared/domain/suggestion.ts'
import { sample } from '../learning/quick.ts'
import { readStsb } from '../support/dataSets.ts'
import { skipped } from '../support/targets.ts'
import { defaultTargets, printCurves } from './curves.ts'
import { choosing, replay, replayOf, toReplayPairs, usualRandomShare } from './replays.ts'

/** STS Benchmark: train is the pool, dev the holdout; every strategy. */
export async function stsb(): Promise<void> {
  const [train, dev] = [readStsb('train'), readStsb('dev')]
  if (train === null || dev === null) {
    skipped('stsb-default-points-behind-random', '../shared/data/stsb is not there')
    return
  }
  const data = replayOf(await toReplayPairs(sample(train)), await toReplayPairs(dev))
  const { reference, cells } = await replay('stsb', data, strategyName.options)
  const summaries = summariseReplay(cells, reference)
  printCurves(
    `STS-B, each strategy alone: ${reference.pairs} pairs to choose from, r ${reference.pearson?.toFixed(4) ?? '-'} on dev with all (λ = ${reference.lambda})`,
    summaries,
  )
  const mixed = await replay('stsb-mixed', data, choosing, { randomShare: usualRandomShare })
  const random = cells.filter(({ strategy }) => strategy === 'random')
  const asUsed = summariseReplay([...random, ...mixed.cells], reference)
  printCurves(`STS-B, ${100 * usualRandomShare}% of each batch at random, as projects do`, asUsed)
  defaultTargets('stsb', asUsed)
}
