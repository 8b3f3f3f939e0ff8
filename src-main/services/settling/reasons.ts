import type { DisagreementKind } from '#shared/domain/disagreement.ts'
import type { ListedDecision } from '../../store/repositories/decisions.ts'
import type { PairAnswer, PairDispute } from '../../store/repositories/disagreements.ts'
import { hasLargeGap, type WeighedPair } from './weighPair.ts'

const kindWords: Readonly<Record<DisagreementKind, string>> = {
  agree: 'close together',
  'one-outlier': 'one outlier',
  'two-camps': 'two camps',
  wide: 'wide and even',
}
const longestReason = 90

/** A score in words, as statistics prints it: ".70", "1.00". */
export function scoreWords(score: number): string {
  const digits = Math.abs(score).toFixed(2)
  return (score < 0 && Number(digits) !== 0 ? '−' : '') + digits.replace(/^0(?=\.)/, '')
}

/** The beginning of a long text, cut at a word. */
export function shorten(text: string, longest = longestReason): string {
  const line = text.replace(/\s+/gu, ' ').trim()
  if (line.length <= longest) return line
  const cut = line.slice(0, longest)
  const space = cut.lastIndexOf(' ')
  return `${(space > longest / 2 ? cut.slice(0, space) : cut).toWellFormed()}…`
}

function ofScores(kind: DisagreementKind | null, answers: readonly PairAnswer[]): string | null {
  const scored = answers.flatMap(({ counts, score, raterName }) =>
    counts && score !== null ? [{ score, raterName }] : [],
  )
  const [first] = scored
  if (first === undefined) return null
  if (kind === null || scored.length < 2) return `${first.raterName} ${scoreWords(first.score)}`
  const scores = scored.map(({ score }) => score)
  const [low, high] = [Math.min(...scores), Math.max(...scores)]
  return `${scored.length} raters ${scoreWords(low)} to ${scoreWords(high)}, ${kindWords[kind]}`
}

function ofDisputes(disputes: readonly PairDispute[]): string | null {
  const standing = disputes.filter(({ stands }) => stands)
  const last = standing.at(-1)
  if (last === undefined) return null
  const others = new Set(standing.map(({ raterName }) => raterName)).size - 1
  const also = others === 0 ? '' : others === 1 ? ' and 1 other' : ` and ${others} others`
  return `disputed by ${last.raterName}${also}: ${shorten(last.reason)}`
}

/** The last request for another rating, where nobody has answered it yet; null otherwise. */
export function openRequest(
  decisions: readonly ListedDecision[],
  answers: readonly PairAnswer[],
): ListedDecision | null {
  const asked = decisions.find(({ kind }) => kind === 'another-rater')
  if (asked === undefined) return null
  // Ids sort by the time they were made.
  const answered = answers.some(
    ({ ratingId, raterName }) =>
      ratingId > asked.id && (asked.askedRaterId === null || raterName === asked.askedRaterName),
  )
  const fixedSince = decisions.some(({ kind, id }) => kind === 'text-fixed' && id > asked.id)
  return answered || fixedSince ? null : asked
}

/** What a pair's weight is made of, in words: how the scores lie, disputes, the model, and whom it waits for. */
export function reasonsOf(
  pair: WeighedPair,
  known: {
    answers: readonly PairAnswer[]
    disputes: readonly PairDispute[]
    predicted: number | null
    /** Newest first. */
    decisions: readonly ListedDecision[]
    isSettled: boolean
    isAdjudicated: boolean
  },
): string[] {
  const asked = openRequest(known.decisions, known.answers)
  return [
    ofScores(pair.kind, known.answers),
    pair.disputes === 0 ? null : ofDisputes(known.disputes),
    hasLargeGap(pair) && known.predicted !== null && pair.consensus !== null
      ? `model ${scoreWords(known.predicted)} against ${known.isAdjudicated ? 'the settled' : 'people'} ${scoreWords(pair.consensus)}`
      : null,
    asked === null
      ? null
      : asked.askedRaterName === null
        ? 'another rating is asked for'
        : `waits for ${asked.askedRaterName}`,
    known.isSettled && !pair.settled ? 'rated or disputed since it was settled' : null,
  ].filter((words) => words !== null)
}
