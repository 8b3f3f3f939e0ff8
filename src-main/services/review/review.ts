import type { AppContract } from '#shared/contract/index.ts'
import type { HistoryRow } from '#shared/contract/review.ts'
import { confidenceInWords } from '#shared/domain/rating.ts'
import { shownDecimals } from '#shared/domain/score.ts'
import type { Handlers } from '#shared/rpc/contract.ts'
import type { ProjectStore } from '../../store/projectStore.ts'
import type { RatingInHistory } from '../../store/repositories/ratings.ts'
import type { ServiceContext } from '../context.ts'
import { historyOfDecisions, historyOfDisputes, historyOfSuggestions } from './history.ts'
import { listPlaces } from './pairList.ts'
import { withProject } from '../withProject.ts'

export type ReviewHandlers = Pick<Handlers<AppContract>, 'data.pairs' | 'data.history' | 'data.histogram'>

const cannotJudgeWords = {
  'not-understandable': 'not understandable',
  'needs-context': 'needs context',
  'outside-my-knowledge': 'outside my knowledge',
  other: 'other reason',
} as const

/** What a row of the history says, in words. */
function ratingInWords(
  rating: Pick<
    RatingInHistory,
    'answer' | 'source' | 'label' | 'labelScored' | 'supersedes' | 'confidence' | 'retests' | 'scaleKind'
  >,
): string {
  const { answer, source, label, scaleKind } = rating
  const shown = (score: number): string => score.toFixed(shownDecimals(score, scaleKind))
  // An import supersedes nothing: such a row is the change of a class.
  const changed = source === 'import' && rating.supersedes !== null ? ', since its class was changed' : ''
  const again = source === 'redo' ? ', again' : ''
  const blind = rating.retests === null ? '' : ', shown again blind'
  const sure = confidenceInWords(rating.confidence)
  const after = `${sure === null ? '' : `, ${sure}`}${again}${blind}`
  switch (answer?.kind) {
    case undefined:
      return `Took the answer back${blind}`
    case 'score':
      if (label !== null && rating.labelScored) return `Label ${label}${changed}${after}`
      if (label !== null) return `${shown(answer.value)}, label ${label}${after}`
      return `${shown(answer.value)}${after}`
    case 'range':
      return `${shown(answer.low)} to ${shown(answer.high)}${after}`
    case 'cannot-judge':
      return `Can’t judge: ${cannotJudgeWords[answer.reason]}${after}`
  }
}

function toHistoryRow(rating: RatingInHistory, textVersion: number): HistoryRow {
  const { id, raterName, createdAt, score, note, current, pairVersion } = rating
  const ofEarlierText = pairVersion < textVersion
  return {
    id,
    about: 'rating',
    raterName,
    createdAt,
    text: ratingInWords(rating),
    score,
    note,
    current,
    ofEarlierText,
  }
}

/** Everything that was ever said, decided and asked of a pair, newest first: ids sort by the time they were made. */
function historyOf(store: ProjectStore, pairId: string): HistoryRow[] {
  const textVersion = store.decisions.textVersion(pairId)
  return [
    ...store.ratings.history(pairId).map((rating) => toHistoryRow(rating, textVersion)),
    ...historyOfDecisions(store, pairId),
    ...historyOfDisputes(store, pairId),
    ...historyOfSuggestions(store, pairId),
  ].sort((one, other) => (one.id < other.id ? 1 : -1))
}

/** The last list of places, so that scrolling through pages sorts once. */
interface ListedPlaces {
  readonly store: ProjectStore
  readonly key: string
  readonly places: Promise<Uint32Array>
}

/** The Data view, and what Review shares with it: list, history of a pair, spread of scores. */
export function createReviewHandlers(context: ServiceContext): ReviewHandlers {
  let last: ListedPlaces | null = null

  return {
    'data.pairs': ({ offset, limit, search, order, descending }) =>
      withProject(context, async (store) => {
        const { runId } = store.tally.read()
        const wanted = { search: search.trim(), order, descending, runId }
        const key = JSON.stringify([wanted, store.tally.changes()])
        const listed =
          last?.store === store && last.key === key ? last : { store, key, places: listPlaces(store, wanted) }
        last = listed
        listed.places.catch(() => void (last = last === listed ? null : last))
        const places = await listed.places
        const { holdoutShare } = store.project.read().settings
        return {
          total: places.length,
          rows: store.pairs.summaries([...places.slice(offset, offset + limit)], { holdoutShare, runId }),
        }
      }),

    'data.history': ({ pairId }) => withProject(context, (store) => historyOf(store, pairId)),

    'data.histogram': () => withProject(context, (store) => ({ bins: store.ratings.histogram() })),
  }
}
