import { counted } from '../../format/numbers.ts'

/** What an empty queue says, and where to go from there; `to` null: nowhere. */
export interface NothingToSettle {
  readonly title: string
  readonly text: string
  readonly to: { readonly path: string; readonly label: string } | null
}

/** Why there is nothing to settle: nobody has scored anything, one rater alone, no overlap, all agree, or all settled. */
export function nothingToSettle(
  counts: { readonly settled: number; readonly compared: number; readonly raters: number } | null,
  ratersInProject: number,
): NothingToSettle {
  const rate = { path: '/annotate', label: 'Go to Annotate' }
  if (counts === null || counts.raters === 0)
    return {
      title: 'No scores to compare yet',
      text: 'It takes scores of two raters on the same pair, a dispute, or a model far from a score.',
      to: rate,
    }
  if (counts.raters === 1)
    return {
      title: 'One rater alone',
      text:
        ratersInProject > 1
          ? 'Only one rater has given scores that count. A second one on the same pairs shows where people differ.'
          : 'A second rater on the same pairs shows where people differ: add one at the bottom of the rail.',
      to: rate,
    }
  if (counts.compared === 0)
    return {
      title: 'No pair has two scores',
      text: `${counted(counts.raters, 'rater')} have given scores, but never of the same pair.`,
      to: rate,
    }
  if (counts.settled > 0)
    return {
      title: 'Everything is settled',
      text: `${counted(counts.settled, 'pair')} settled; none has been rated or disputed since.`,
      to: null,
    }
  return {
    title: 'Nothing to settle',
    text: `On ${counted(counts.compared, 'pair')} with two scores or more, people agree, and no score is disputed.`,
    to: null,
  }
}
