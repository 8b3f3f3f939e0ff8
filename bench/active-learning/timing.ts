import { defaultStrategy } from '../../src-shared/domain/suggestion.ts'
import { quick, sample } from '../learning/quick.ts'
import { threads } from '../learning/vectors.ts'
import { readStsb } from '../support/dataSets.ts'
import { skipped, target } from '../support/targets.ts'
import { replay, replayOf, seeds, toReplayPairs } from './replays.ts'

const wantedSeconds = 300

/** How long the whole replay of the default strategy takes on STS-B, the full-data fit included. */
export async function timing(): Promise<void> {
  const [train, dev] = [readStsb('train'), readStsb('dev')]
  if (train === null || dev === null || quick) {
    skipped('replay-seconds', quick ? 'quick' : '../shared/data/stsb is not there')
    return
  }
  const data = replayOf(await toReplayPairs(sample(train)), await toReplayPairs(dev))
  const { seconds } = await replay('timing', data, [defaultStrategy])
  if (seconds === null) {
    skipped('replay-seconds', 'part of it was kept by an earlier run: leave out the word resume')
    return
  }
  console.log(`${defaultStrategy}, ${seeds.length} seeds, ${threads} processes`)
  target('replay-seconds', seconds, '<=', wantedSeconds, 0)
}
