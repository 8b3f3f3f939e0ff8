import type { SettlingPair } from '#shared/contract/settling.ts'

/** What can be done about a pair of the queue, with the key for it. */
export const settleActions = [
  { id: 'adjudicated', label: 'Adjudicate', key: 'a' },
  { id: 'ambiguous', label: 'Accept as ambiguous', key: 'm' },
  { id: 'another-rater', label: 'Ask another rater', key: 'r' },
  { id: 'text-fixed', label: 'Fix the text', key: 't' },
  { id: 'binned', label: 'Drop to the bin', key: 'b' },
  { id: 'reopened', label: 'Reopen', key: 'o' },
] as const
export type SettleActionId = (typeof settleActions)[number]['id']

/** What is done by a key alone; null where it is none of these. */
export function actionOfKey(event: KeyboardEvent): SettleActionId | null {
  if (event.ctrlKey || event.metaKey || event.altKey) return null
  return settleActions.find(({ key }) => key === event.key.toLowerCase())?.id ?? null
}

/** Reopening is for what is settled; everything else can always be done. */
export function canDo(id: SettleActionId, { settled }: Pick<SettlingPair, 'settled'>): boolean {
  return id !== 'reopened' || settled !== null
}

/** The score that a key leads to on the slider: digits are tenths, Shift and 0 is 1; null for other keys. */
export function scoreOfKey({ code, shiftKey }: Pick<KeyboardEvent, 'code' | 'shiftKey'>): number | null {
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(code)?.[1]
  if (digit === undefined) return null
  if (!shiftKey) return Number(digit) / 10
  return digit === '0' ? 1 : null
}
