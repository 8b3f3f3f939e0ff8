import type { RuleDifference } from '#shared/contract/agreement.ts'
import type { ConsensusRule } from '#shared/domain/project.ts'
import { coefficient, counted } from '../../format/numbers.ts'

/** The rules with one sentence each, in the order of what they ask of the data. */
export const ruleWords: readonly {
  readonly rule: ConsensusRule
  readonly label: string
  readonly about: string
}[] = [
  { rule: 'mean', label: 'Mean', about: 'Everybody counts the same; the best choice while raters are few.' },
  { rule: 'median', label: 'Median', about: 'The middle score, so that one stray rater moves nothing.' },
  {
    rule: 'rater-model',
    label: 'Rater model',
    about:
      'Takes out how high each rater scores and how they use the scale, and counts the precise ones more.',
  },
]

/** How far a rule lies from the mean on this project. */
export function differenceWords({ rule, meanDifference, moved, reason }: RuleDifference): string {
  if (rule === 'mean') return ''
  if (meanDifference === null) return reason ?? ''
  return `Differs from the mean by ${coefficient(meanDifference, 3)} on average; ${counted(moved, 'pair')} ${
    moved === 1 ? 'moves' : 'move'
  } by more than .1.`
}
