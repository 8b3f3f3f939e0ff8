import type { MadeDecision, SettlingRating } from '#shared/contract/settling.ts'
import type { DisagreementKind } from '#shared/domain/disagreement.ts'
import type { CannotJudgeReason } from '#shared/domain/rating.ts'
import { coefficient } from './numbers.ts'

/** How the scores of a pair lie, in a word or two. */
export const kindNames: Readonly<Record<DisagreementKind, string>> = {
  agree: 'agree',
  'one-outlier': 'one outlier',
  'two-camps': 'two camps',
  wide: 'wide',
}

const cannotJudgeWords: Readonly<Record<CannotJudgeReason, string>> = {
  'not-understandable': 'not understandable',
  'needs-context': 'needs context',
  'outside-my-knowledge': 'outside my knowledge',
  other: 'other reason',
}
const confidenceWords = ['unsure', 'fairly sure', 'sure'] as const

/** What a rater answered: ".70", ".20 to .40", "can’t judge: needs context". */
export function answerWords({ score, range, cannotJudge }: SettlingRating): string {
  if (range !== null) return `${coefficient(range.low)} to ${coefficient(range.high)}`
  return cannotJudge === null ? coefficient(score) : `can’t judge: ${cannotJudgeWords[cannotJudge]}`
}

/** What stands beside an answer: how sure the rater was, and that it does not count; "" for neither. */
export function answerRemarks({ confidence, counts }: SettlingRating): string {
  const sure = confidence === null ? '' : (confidenceWords[confidence - 1] ?? '')
  return [sure, counts ? '' : 'set aside'].filter((words) => words !== '').join(', ')
}

/** The decision that holds: "adjudicated .70", "accepted as ambiguous". */
export function settledWords({ kind, score }: Pick<MadeDecision, 'kind' | 'score'>): string {
  return kind === 'adjudicated' ? `adjudicated ${coefficient(score)}` : 'accepted as ambiguous'
}

/** Whose score is objected to: a rater's name, "the model", "the consensus", "the gold score". */
export function againstWords(against: string): string {
  if (against === 'model' || against === 'consensus') return `the ${against}`
  return against === 'gold' ? 'the gold score' : against
}
