import type { EvidenceFigures, StopAdvice } from '#shared/domain/evidence.ts'
import type { Interval } from '#shared/domain/interval.ts'
import { countWord, figureWord } from './words.ts'

/** With fewer held-out pairs than these, what stops first may be the holdout. */
const smallHoldout = 300

/**
 * Whether more labels are worth giving: not where the present score reaches what people reach, nor where the next 50 labels
 * are expected to add less to it than half its interval, since nobody could then tell that they have.
 * @param present of the model in use on the holdout; null where nothing was judged.
 * @param ceiling r of one rater against the others; null where too few pairs have two raters.
 */
export function adviseStopping(
  { projection, curve }: Pick<EvidenceFigures, 'projection' | 'curve'>,
  present: Interval | null,
  ceiling: number | null,
  holdoutPairs: number,
): StopAdvice {
  const unknown = (why: string): StopAdvice => ({
    advice: 'unknown',
    sentence: `Whether more labels pay cannot be told yet. ${why}`,
  })
  if (present === null) return unknown(curve.reason ?? 'The model has no score on the holdout.')
  const score = `r ${figureWord(present.value)} (${figureWord(present.low)} to ${figureWord(present.high)})`
  if (ceiling !== null && present.value >= ceiling)
    return {
      advice: 'stop',
      sentence: `Stopping is reasonable: the score, ${score}, reaches what one rater reaches against the others, ${figureWord(ceiling)}.`,
    }
  const { gain, reason } = projection
  if (gain === null) return unknown(reason ?? '')
  const half = (present.high - present.low) / 2
  const expected = `the next 50 labels are expected to add ${figureWord(gain.value, 3)} (${figureWord(gain.low, 3)} to ${figureWord(gain.high, 3)}) to r`
  const known = `the ±${figureWord(half, 3)} to which the present ${score} is known on ${countWord(holdoutPairs, 'held-out pair')}`
  if (gain.value >= half) return { advice: 'go-on', sentence: `Go on: ${expected}, more than ${known}.` }
  const more = holdoutPairs < smallHoldout ? ' More rated pairs in the holdout would tell smaller gains.' : ''
  return { advice: 'stop', sentence: `Stopping is reasonable: ${expected}, less than ${known}.${more}` }
}
