import type { ReviewRow } from '#shared/contract/review.ts'
import type { ReviewTab } from '#shared/domain/reviewFilter.ts'
import { kindNames, settledWords } from '../../format/disagreement.ts'
import { coefficient, counted } from '../../format/numbers.ts'
import { askNames, outcomeNames } from './reviewTabs.ts'

/** What stands first in a row: what its list is about, and below it what became of the pair. */
export interface RowLead {
  readonly lead: string
  readonly second: string
  /** It is done with: settled, or rated since it was suggested. */
  readonly done: boolean
}

function gapOf({ prediction, consensus }: ReviewRow): number | null {
  return prediction === null || consensus === null ? null : Math.abs(prediction.score - consensus)
}

/** The first column of a row. */
export function rowLead(tab: ReviewTab, row: ReviewRow): RowLead {
  const { kind, suggestion, settled, prediction, scores, deviation } = row
  const settledAs = settled === null ? null : settledWords(settled)
  const done = settledAs !== null
  const raters = scores.length === 0 ? 'nobody' : counted(scores.length, 'rater')
  const kindWord = kind === null ? (scores.length === 0 ? 'not rated' : 'one rater') : kindNames[kind]
  switch (tab) {
    case 'uncertain': {
      const outcome = suggestion?.outcome ?? 'waiting'
      return {
        lead: suggestion === null ? kindWord : `${suggestion.rank}`,
        second:
          suggestion === null || outcome !== 'waiting' ? outcomeNames[outcome] : askNames[suggestion.ask],
        done: outcome === 'scored' || outcome === 'cannot-judge',
      }
    }
    case 'ambiguous':
      return {
        lead: kind === null || kind === 'agree' ? 'expected' : kindWord,
        second: settledAs ?? (deviation === null ? raters : `spread ${coefficient(deviation)}`),
        done,
      }
    case 'disputed':
      return { lead: kindWord, second: settledAs ?? raters, done }
    case 'model-gap':
      return {
        lead: `${coefficient(gapOf(row))} apart`,
        second: settledAs ?? (prediction?.outOfFold === true ? 'out of fold' : raters),
        done,
      }
    case 'abstained':
      return {
        lead: prediction?.doubt == null ? 'abstained' : `doubt ${coefficient(prediction.doubt)}`,
        second: settledAs ?? (scores.length === 0 ? 'not rated' : raters),
        done: done || scores.length > 0,
      }
    case 'disagreements':
      return { lead: kindWord, second: settledAs ?? '', done }
  }
}

/**
 * Whether people's scores are drawn in a row. Not of a pair that waits for the next rater: whoever begins with the list
 * would see them before giving their own.
 */
export function showsScores(tab: ReviewTab, { suggestion }: ReviewRow): boolean {
  return tab !== 'uncertain' || suggestion === null || suggestion.outcome === 'scored'
}
