import type { ChoosingSettings, StrategyName } from '#shared/domain/suggestion.ts'
import { choosingSettings } from '#shared/domain/suggestion.ts'

/** How pairs are chosen, as it stands in the form; numbers are null while their field holds none. */
export interface ChoosingDraft {
  readonly strategy: StrategyName | null
  readonly batchSize: number | null
  /** 0–90. */
  readonly randomPercent: number | null
  readonly retrains: boolean
  readonly retrainAfter: number | null
}

/** What stands in the field until somebody says otherwise. */
const usualRetrainAfter = 20

export function draftOf({ strategy, batchSize, randomShare, retrainAfter }: ChoosingSettings): ChoosingDraft {
  return {
    strategy,
    batchSize,
    randomPercent: Math.round(randomShare * 1000) / 10,
    retrains: retrainAfter !== null,
    retrainAfter: retrainAfter ?? usualRetrainAfter,
  }
}

export type ChoosingProblems = Readonly<
  Partial<Record<'batchSize' | 'randomPercent' | 'retrainAfter', string>>
>

const isWhole = (value: number | null, low: number, high: number): boolean =>
  value !== null && Number.isInteger(value) && value >= low && value <= high

/** What cannot be saved, by field. */
export function problemsOf(draft: ChoosingDraft): ChoosingProblems {
  const { batchSize, randomPercent, retrains, retrainAfter } = draft
  return {
    ...(isWhole(batchSize, 5, 100) ? {} : { batchSize: 'A whole number from 5 to 100' }),
    ...(randomPercent !== null && randomPercent >= 0 && randomPercent <= 90
      ? {}
      : { randomPercent: 'A number from 0 to 90' }),
    ...(!retrains || isWhole(retrainAfter, 5, 1000) ? {} : { retrainAfter: 'A whole number from 5 to 1000' }),
  }
}

/** What is to be saved; null where nothing differs or something cannot be saved. */
export function changeOf(draft: ChoosingDraft, present: ChoosingSettings): ChoosingSettings | null {
  if (Object.keys(problemsOf(draft)).length > 0) return null
  const wanted = choosingSettings.parse({
    strategy: draft.strategy,
    batchSize: draft.batchSize,
    randomShare: (draft.randomPercent ?? 0) / 100,
    retrainAfter: draft.retrains ? draft.retrainAfter : null,
  })
  const keys = Object.keys(wanted) as (keyof ChoosingSettings)[]
  return keys.every((key) => wanted[key] === present[key]) ? null : wanted
}
