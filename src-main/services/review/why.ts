import type { SettlingRow } from '#shared/contract/settling.ts'
import type { ReviewModel } from '#shared/contract/review.ts'
import type { ReviewTab } from '#shared/domain/reviewFilter.ts'
import type { SignalName } from '#shared/domain/run.ts'
import { strategyDescriptions, type SuggestionAsk } from '#shared/domain/suggestion.ts'
import type { PairDispute } from '../../store/repositories/disagreements.ts'
import { scoreWords, shorten } from '../settling/reasons.ts'
import { largeModelGap } from '../settling/weighPair.ts'
import { ambiguityReason, isAmbiguous, isExpectedAmbiguous } from './ambiguity.ts'
import type { ReviewPair } from './reviewPairs.ts'

/** What is known beside the pair when it is said why it is listed. */
export interface WhyContext {
  readonly model: ReviewModel | null
  readonly usual: number | null
  /** All about the pair, oldest first. */
  readonly disputes: readonly PairDispute[]
}

const asks: Readonly<Record<SuggestionAsk, string>> = {
  'new-pair': 'a first score',
  'another-rating': 'one more rater’s score',
}

/** What a run's doubt says, for people. */
const doubts: Readonly<Record<SignalName, string>> = {
  abstention: 'it is a head’s own estimate of being wrong',
  variance: 'it is how far the heads lie apart',
  spread: 'it is how far raters are expected to lie apart',
  threshold: 'it is how near the score lies to .50',
}

/** A sentence with its full stop, and a capital at its beginning. */
function sentence(words: string): string {
  const begun = words.charAt(0).toUpperCase() + words.slice(1)
  return /[.!?…”]$/u.test(begun) ? begun : `${begun}.`
}

function joined(parts: readonly (string | null)[]): string {
  return parts
    .filter((part) => part !== null)
    .map(sentence)
    .join(' ')
}

function ofSuggestion({ suggestion }: ReviewPair, { model }: WhyContext): string | null {
  if (suggestion === null) return null
  const { reason, ask, strategy, rank } = suggestion
  const run = model === null ? '' : ` of run ${model.runNumber}`
  // Every random pair has the same reason, which the last sentence gives, too.
  const chosen =
    strategy === 'random'
      ? `Drawn at random, number ${rank}${run}, so that what choosing gains can be told`
      : `Number ${rank}${run}, chosen by ${strategy}: ${strategyDescriptions[strategy]}`
  return joined([strategy === 'random' ? null : reason, `Asks for ${asks[ask]}`, chosen])
}

function ofAmbiguity({ weighed, predicted }: ReviewPair, row: SettlingRow, { usual }: WhyContext): string {
  const beside = usual === null ? '' : `; the usual one here is ${scoreWords(usual)}`
  if (row.settled?.kind === 'ambiguous')
    return joined([`Accepted as ambiguous by ${row.settled.decidedByName}: ${shorten(row.settled.reason)}`])
  if (weighed !== null && usual !== null && isAmbiguous(weighed, usual)) {
    const camps = weighed.kind === 'two-camps' ? 'two camps: ' : ''
    return joined([
      `${camps}${ambiguityReason(weighed, usual)
        .replace(/\.$/u, '')
        .replace(/\b0(?=\.\d)/gu, '')}${beside}`,
    ])
  }
  const spread = predicted?.spread ?? null
  if (spread !== null && isExpectedAmbiguous(spread, weighed, usual))
    return joined([
      `Raters are expected to differ by a standard deviation of ${scoreWords(spread)}${beside}`,
      'Too few have scored it to see whether they do',
    ])
  return joined(row.reasons)
}

function ofDisputes({ disputes }: WhyContext): string {
  const standing = disputes.filter(({ stands }) => stands)
  const last = standing.at(-1) ?? disputes.at(-1)
  if (last === undefined) return 'A score of it is disputed.'
  const whose =
    last.against === 'model' || last.against === 'consensus'
      ? `the ${last.against}’s`
      : last.against === 'gold'
        ? 'the gold score'
        : `${last.against}’s`
  const own = last.ownScore === null ? '' : `, who gave ${scoreWords(last.ownScore)}`
  const more =
    standing.length > 1
      ? `${standing.length} disputes of scores that stand`
      : standing.length === 0
        ? 'The score objected to no longer stands'
        : null
  return joined([
    `${last.raterName}${own}, disputes ${whose} ${scoreWords(last.disputedScore)}: ${shorten(last.reason)}`,
    more,
  ])
}

function ofGap({ weighed, predicted }: ReviewPair, row: SettlingRow): string {
  if (weighed?.modelGap == null || predicted === null || weighed.consensus === null)
    return joined(row.reasons)
  const people = row.settled?.kind === 'adjudicated' ? 'the settled score is' : 'people say'
  return joined([
    `The model says ${scoreWords(predicted.score)}, ${people} ${scoreWords(weighed.consensus)}: ${scoreWords(weighed.modelGap)} apart, and ${scoreWords(largeModelGap)} is much`,
    predicted.outOfFold ? 'The heads that say so had not seen these scores' : null,
  ])
}

function ofDoubt({ predicted, weighed }: ReviewPair, { model }: WhyContext): string {
  if (predicted === null) return 'The model declines to score it.'
  const { doubt } = predicted
  const signal = model?.signal ?? null
  const above = model?.threshold == null ? '' : `, above ${scoreWords(model.threshold)}`
  return joined([
    doubt === null
      ? 'The model declines to score it'
      : `The model declines to score it: doubt ${scoreWords(doubt)}${above}`,
    signal === null || doubt === null ? null : `${doubts[signal]}, higher is less sure`,
    model?.tolerance == null
      ? null
      : `wrong means more than ${scoreWords(model.tolerance)} off what people say`,
    weighed === null ? null : 'people have scored it by now',
  ])
}

/** Why a pair is in a list, in a sentence or more. */
export function whyListed(tab: ReviewTab, pair: ReviewPair, row: SettlingRow, context: WhyContext): string {
  switch (tab) {
    case 'uncertain':
      return ofSuggestion(pair, context) ?? 'The run in use suggests it.'
    case 'ambiguous':
      return ofAmbiguity(pair, row, context)
    case 'disputed':
      return ofDisputes(context)
    case 'model-gap':
      return ofGap(pair, row)
    case 'abstained':
      return ofDoubt(pair, context)
    case 'disagreements':
      return row.reasons.length === 0 ? 'People who scored it agree.' : joined(row.reasons)
  }
}
