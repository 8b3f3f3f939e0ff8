import type { ReviewCounts } from '#shared/contract/review.ts'
import type { ProjectOverview } from '#shared/contract/project.ts'
import type { ReviewTab } from '#shared/domain/reviewFilter.ts'
import { counted } from '../../format/numbers.ts'

/** What an empty list says, and where to go from there; `to` null: nowhere. */
export interface EmptyTab {
  readonly title: string
  readonly text: string
  readonly to: { readonly path: string; readonly label: string } | null
}

type Counts = Pick<
  ReviewCounts,
  'settled' | 'compared' | 'comparedByThree' | 'raters' | 'predicted' | 'predictedAndRated'
>

const rate = { path: '/annotate', label: 'Go to Annotate' }
const train = { path: '/train', label: 'Go to Train' }

/** Why there is nothing to settle: nobody has scored anything, one rater alone, no overlap, all agree, or all settled. */
function nothingToSettle(counts: Counts | null, ratersInProject: number): EmptyTab {
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

function noModel(text: string): EmptyTab {
  return { title: 'No model yet', text, to: train }
}

/** Why a list without a filter is empty, and what to do next. @param counts null before the first answer. */
export function emptyTab(
  tab: ReviewTab,
  counts: Counts | null,
  { model, raters }: Pick<ProjectOverview, 'model' | 'raters'>,
): EmptyTab {
  switch (tab) {
    case 'uncertain':
      if (model === null)
        return noModel(
          'After a training, the pairs most worth a person’s time are listed here, each with its reason.',
        )
      return {
        title: 'Every suggestion is rated',
        text: `${model.newRatings === 0 ? 'No pair is waiting.' : `${counted(model.newRatings, 'new rating')} since run ${model.runNumber}.`} Training again brings the next ones.`,
        to: train,
      }
    case 'ambiguous':
      if (counts === null || counts.compared === 0) {
        const why = nothingToSettle(counts, raters.length)
        return { ...why, text: `${why.text} Ambiguity takes three scores of a pair.` }
      }
      if (counts.comparedByThree === 0)
        return {
          title: 'No pair has three scores',
          text: 'Two scores apart may be one careless answer: a third tells whether a pair is ambiguous.',
          to: rate,
        }
      return {
        title: 'No pair is ambiguous',
        text: `On ${counted(counts.comparedByThree, 'pair')} with three scores or more, the spread is what chance leaves, or a single outlier.`,
        to: null,
      }
    case 'disputed':
      return {
        title: 'No score is disputed',
        text: 'After a commit, a rater can dispute the score of another rater, of the model, the consensus or a gold score, with a reason.',
        to: null,
      }
    case 'model-gap':
      if (model === null)
        return noModel('After a training, pairs are listed here on which the model is far from people.')
      if (counts?.predictedAndRated === 0)
        return {
          title: 'Nothing to compare yet',
          text: `Run ${model.runNumber} says nothing of a pair that people have scored. Rate some that it has not learnt from, or train again.`,
          to: rate,
        }
      return {
        title: 'The model is near people',
        text: `On ${counted(counts?.predictedAndRated ?? 0, 'pair')} that both have scored, none is .30 apart or more.`,
        to: null,
      }
    case 'abstained':
      if (model === null)
        return noModel('After a training, the pairs that the model declines to score are listed here.')
      return {
        title: 'Nothing abstained',
        text: `Run ${model.runNumber} scores all ${counted(counts?.predicted ?? 0, 'pair')} that it looked at, or people have scored the others since.`,
        to: null,
      }
    case 'disagreements':
      return nothingToSettle(counts, raters.length)
  }
}
