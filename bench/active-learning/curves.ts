import { pointsBehindRandom, type ReplaySummary } from '../../src-shared/domain/replay.ts'
import { defaultStrategy } from '../../src-shared/domain/suggestion.ts'
import { replayRows } from '../../src-main/learning/replay/replayTable.ts'
import { quick } from '../learning/quick.ts'
import { printTable } from '../support/tables.ts'
import { skipped, target } from '../support/targets.ts'

/** What the default may need of the labels that random needs. */
const wantedShare = 0.75
const shown = quick ? [20, 40, 60, 80, 100] : [20, 40, 60, 100, 200, 400, 600, 1000]

/** One table of all strategies. */
export function printCurves(title: string, summaries: readonly ReplaySummary[]): void {
  printTable(`${title}; ± and brackets are 95% intervals over seeds`, replayRows(summaries, shown))
}

/** The two targets of the default strategy; where it misses one, which strategy loses least. */
export function defaultTargets(data: string, summaries: readonly ReplaySummary[]): void {
  const own = summaries.find(({ strategy }) => strategy === defaultStrategy)
  const share = own?.shareOfRandom ?? null
  if (own === undefined || share === null) {
    skipped(`${data}-default-behind-random`, 'the default strategy cannot be compared')
    return
  }
  target(`${data}-default-points-behind-random`, pointsBehindRandom(own), '<=', 0, 0)
  if (own.unreached > 0)
    console.log(
      `${own.unreached} of ${own.seeds} seeds of the default do not reach 95%: they count with their last labels`,
    )
  target(`${data}-default-share-of-random`, share.value, '<=', wantedShare, 2)
  const least = summaries
    .filter(({ shareOfRandom }) => shareOfRandom !== null)
    .toSorted(
      (left, right) =>
        pointsBehindRandom(left) - pointsBehindRandom(right) ||
        (left.shareOfRandom?.value ?? 0) - (right.shareOfRandom?.value ?? 0),
    )[0]
  if (least !== undefined && least.strategy !== defaultStrategy)
    console.log(`${least.strategy} loses least here: ${pointsBehindRandom(least)} points behind random`)
}
