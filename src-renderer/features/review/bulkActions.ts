import type { BulkChoice } from '#shared/contract/settling.ts'
import { count, counted } from '../../format/numbers.ts'
import type { SettleActionId } from './settleActions.ts'

/** What can be done with many pairs at once. */
export type BulkActionId = Exclude<SettleActionId, 'text-fixed'>

/** What is said of an action on many pairs: on its button, in the question before it, and of what follows from it. */
interface BulkWords {
  readonly label: string
  readonly key: string
  readonly question: (pairs: number) => string
  readonly about: string
  readonly confirm: (pairs: number) => string
  readonly done: (pairs: number) => string
}

const pairsWord = (pairs: number): string => counted(pairs, 'pair')

/** The actions with their words, in the order of their buttons. */
export const bulkActions: Readonly<Record<BulkActionId, BulkWords>> = {
  adjudicated: {
    label: 'Adjudicate at the consensus',
    key: 'a',
    question: (pairs) => `Adjudicate ${pairsWord(pairs)} at the consensus`,
    about: 'Each pair’s consensus as it is now becomes its score for good. Ratings stay as they are.',
    confirm: (pairs) => `Adjudicate ${count(pairs)}`,
    done: (pairs) => `${pairsWord(pairs)} adjudicated at the consensus.`,
  },
  ambiguous: {
    label: 'Accept as ambiguous',
    key: 'm',
    question: (pairs) => `Accept ${pairsWord(pairs)} as ambiguous`,
    about: 'The spread is real: more raters would not remove it. The consensus stays each pair’s score.',
    confirm: (pairs) => `Accept ${count(pairs)}`,
    done: (pairs) => `${pairsWord(pairs)} accepted as ambiguous.`,
  },
  'another-rater': {
    label: 'Ask another rater',
    key: 'r',
    question: (pairs) => `Ask another rater about ${pairsWord(pairs)}`,
    about: 'They come first for whom you ask, blind to the ratings there are.',
    confirm: (pairs) => `Ask about ${count(pairs)}`,
    done: (pairs) => `Another rating is asked for of ${pairsWord(pairs)}.`,
  },
  binned: {
    label: 'Drop to the bin',
    key: 'b',
    question: (pairs) => `Drop ${pairsWord(pairs)} to the bin?`,
    about: 'Out of every list, training and export, with their ratings; Data has the bin.',
    confirm: (pairs) => `Drop ${pairsWord(pairs)}`,
    done: (pairs) => `${pairsWord(pairs)} in the bin, with ${pairs === 1 ? 'its' : 'their'} ratings.`,
  },
  reopened: {
    label: 'Reopen',
    key: 'o',
    question: (pairs) => `Reopen ${pairsWord(pairs)}`,
    about: 'Neither settled nor accepted any more: the consensus of the ratings counts again.',
    confirm: (pairs) => `Reopen ${count(pairs)}`,
    done: (pairs) => `${pairsWord(pairs)} open again.`,
  },
}

/** Whether an action can be done with many pairs at once; a text is fixed one by one. */
export function isBulkAction(id: SettleActionId): id is BulkActionId {
  return id !== 'text-fixed'
}

/** The decision that an action makes about each pair. @param askedRaterId who is asked; null: whoever comes next. */
export function bulkChoiceOf(id: BulkActionId, askedRaterId: string | null): BulkChoice {
  switch (id) {
    case 'adjudicated':
      return { kind: 'adjudicated-at-consensus' }
    case 'another-rater':
      return { kind: 'another-rater', askedRaterId }
    default:
      return { kind: id }
  }
}

/** The way back of what takes pairs out of lists; null where there is none. */
export function wayBackOf(id: BulkActionId): { label: string; choice: BulkChoice } | null {
  if (id === 'binned') return { label: 'Restore', choice: { kind: 'restored' } }
  if (id === 'adjudicated' || id === 'ambiguous') return { label: 'Reopen', choice: { kind: 'reopened' } }
  return null
}

/** What was refused, in a sentence for each reason: "3 pairs: Nobody has scored this pair …". */
export function refusedWords(refused: readonly { message: string; count: number }[]): string[] {
  return refused.map(({ message, count: pairs }) => `${pairsWord(pairs)}: ${message}`)
}
