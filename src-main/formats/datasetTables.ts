import type { Cell } from './csvText.ts'

/** One column of a table that leaves the program. */
export interface TableColumn<Row> {
  readonly name: string
  readonly description: string
  readonly value: (row: Row) => Cell
}

/** A pair as it leaves, with what its ratings come to. */
export interface PairOut {
  readonly id: string
  readonly externalId: string | null
  readonly premise: string
  readonly hypothesis: string
  readonly split: string
  readonly declaredSplit: string | null
  readonly metadata: Readonly<Record<string, string>>
  readonly textVersion: number
  readonly consensus: number | null
  readonly settled: string | null
  readonly count: number
  readonly deviation: number | null
  readonly cannotJudge: number
}

/** One rating row as it leaves; the pair's texts stand with it, so that the file can be read by itself. */
export interface RatingOut {
  readonly pair: Pick<PairOut, 'id' | 'externalId' | 'premise' | 'hypothesis' | 'split'>
  readonly id: string
  readonly rater: string
  readonly kind: string
  readonly score: number | null
  readonly rawPosition: number | null
  readonly low: number | null
  readonly high: number | null
  readonly reason: string | null
  readonly note: string | null
  readonly confidence: number | null
  readonly scaleKind: string
  readonly timeToFirstTouch: number | null
  readonly timeToCommit: number | null
  readonly changeCount: number | null
  readonly orderShown: number | null
  readonly shownBecause: string | null
  readonly guidelineVersion: number
  readonly passNumber: number
  readonly source: string
  readonly supersedes: string | null
  readonly restates: string | null
  readonly retests: string | null
  readonly pairVersion: number
  readonly label: string | null
  readonly scoreFromLabel: boolean | null
  readonly createdAt: string
  readonly current: boolean
  readonly counted: boolean
}

export interface DisputeOut {
  readonly id: string
  readonly pairId: string
  readonly externalId: string | null
  readonly premise: string
  readonly hypothesis: string
  readonly rater: string
  readonly target: string
  readonly against: string
  readonly targetRatingId: string | null
  readonly targetRunNumber: number | null
  readonly disputedScore: number
  readonly ownRatingId: string
  readonly ownScore: number | null
  readonly reason: string
  readonly createdAt: string
}

/** A pair's names and texts, as rows about it bear them. */
interface AboutPair {
  readonly pairId: string
  readonly externalId: string | null
  readonly premise: string
  readonly hypothesis: string
}

export interface DecisionOut extends AboutPair {
  readonly id: string
  readonly kind: string
  readonly score: number | null
  readonly askedRater: string | null
  readonly decidedBy: string
  readonly reason: string
  readonly createdAt: string
}

export interface GoldOut extends AboutPair {
  readonly score: number
  readonly tolerance: number
  readonly explanation: string
}

export interface TextOut extends AboutPair {
  readonly version: number
  readonly replacedAt: string
}

function column<Row>(name: string, description: string, value: (row: Row) => Cell): TableColumn<Row> {
  return { name, description, value }
}

/** The columns of `pairs`, without metadata: in CSV each name has a column `metadata.NAME`, in JSON Lines one object. */
export const pairColumns: readonly TableColumn<PairOut>[] = [
  column('pair_id', 'id of the pair in the project (ULID)', (row) => row.id),
  column('external_id', 'id the pair was imported under; empty where it had none', (row) => row.externalId),
  column('premise', 'first text', (row) => row.premise),
  column('hypothesis', 'second text', (row) => row.hypothesis),
  column(
    'split',
    'train, validation or holdout: as declared, else by the stable hash of the premise',
    (row) => row.split,
  ),
  column('declared_split', 'split declared at import; empty where none was', (row) => row.declaredSplit),
  column(
    'consensus',
    'the adjudicated score, else the current scores of raters not set aside by the rule that dataset.json names: ' +
      'mean, median, or rater-model (bias, scale use and precision of each rater taken out); 0–1; empty without one',
    (row) => row.consensus,
  ),
  column(
    'settled',
    'adjudicated where the consensus is a settled score, ambiguous where the spread was accepted; empty otherwise',
    (row) => row.settled,
  ),
  column('count', 'number of current scores, those of raters set aside left out', (row) => row.count),
  column('sd', 'standard deviation (n−1) of these scores; empty under two', (row) => row.deviation),
  column(
    'cannot_judge',
    'raters who currently say that they cannot judge the pair',
    (row) => row.cannotJudge,
  ),
  column('text_version', 'version of the texts, from 1; earlier ones are in texts', (row) => row.textVersion),
]

/** The columns of `ratings`: one row for everything that was ever said, replaced and retracted answers included. */
export const ratingColumns: readonly TableColumn<RatingOut>[] = [
  column('rating_id', 'id of this row (ULID); ids sort in the order of making', (row) => row.id),
  column('pair_id', 'id of the pair', (row) => row.pair.id),
  column('external_id', 'id the pair was imported under', (row) => row.pair.externalId),
  column('premise', 'first text', (row) => row.pair.premise),
  column('hypothesis', 'second text', (row) => row.pair.hypothesis),
  column('split', 'split of the pair', (row) => row.pair.split),
  column('rater', 'name of the rater', (row) => row.rater),
  column('current', "true where this is its rater's standing answer", (row) => row.current),
  column(
    'counted',
    'true where it counts towards the consensus: it is current, and its rater is not set aside',
    (row) => row.counted,
  ),
  column('answer_kind', 'score, range, cannot-judge or retraction', (row) => row.kind),
  column(
    'score',
    'the score, 0–1; for a range its middle; empty for cannot-judge and retraction',
    (row) => row.score,
  ),
  column('label', 'class that was imported as the answer; empty without one', (row) => row.label),
  column(
    'score_from_label',
    'true where the score is that of the class, false where the file gave its own; empty without a label',
    (row) => row.scoreFromLabel,
  ),
  column('low', 'lower end of a range', (row) => row.low),
  column('high', 'upper end of a range', (row) => row.high),
  column('raw_position', 'place on the track, 0–1; empty for imported scores', (row) => row.rawPosition),
  column(
    'confidence',
    'how sure the rater was: 1 unsure, 2 fairly sure, 3 sure; empty where nobody said',
    (row) => row.confidence,
  ),
  column('cannot_judge_reason', 'why the rater could not judge', (row) => row.reason),
  column('scale_kind', 'how a place on the track became a score', (row) => row.scaleKind),
  column(
    'time_to_first_touch_ms',
    'from showing to first touch, milliseconds',
    (row) => row.timeToFirstTouch,
  ),
  column(
    'time_to_commit_ms',
    'from showing to commit without idle time, milliseconds',
    (row) => row.timeToCommit,
  ),
  column('change_count', 'changes of the answer before the commit', (row) => row.changeCount),
  column('order_shown', 'how many pairs this rater was shown before', (row) => row.orderShown),
  column(
    'shown_because',
    'order, suggestion, chosen, revision, calibration, asked or retest',
    (row) => row.shownBecause,
  ),
  column('guideline_version', 'version of the guideline in force', (row) => row.guidelineVersion),
  column('pass_number', 'which pass over the pairs, from 1', (row) => row.passNumber),
  column('source', 'annotate, redo, import or command-line', (row) => row.source),
  column('supersedes', 'rating_id of the row that this one replaces', (row) => row.supersedes),
  column(
    'restates',
    'rating_id of the row whose answer a redo or undo brought back, or whose class got another score or name',
    (row) => row.restates,
  ),
  column(
    'retests',
    'rating_id of the answer that this one repeats blind; it takes nobody’s place',
    (row) => row.retests,
  ),
  column(
    'pair_version',
    'version of the texts that was rated; below text_version of the pair, they are in texts',
    (row) => row.pairVersion,
  ),
  column('note', "the rater's note", (row) => row.note),
  column('created_at', 'when the row was made (UTC)', (row) => row.createdAt),
]

export const disputeColumns: readonly TableColumn<DisputeOut>[] = [
  column('dispute_id', 'id of the dispute (ULID)', (row) => row.id),
  column('pair_id', 'id of the pair', (row) => row.pairId),
  column('external_id', 'id the pair was imported under', (row) => row.externalId),
  column('premise', 'first text', (row) => row.premise),
  column('hypothesis', 'second text', (row) => row.hypothesis),
  column('rater', 'who objects', (row) => row.rater),
  column('target', 'what is objected to: rating, prediction, consensus or gold', (row) => row.target),
  column('against', "whose score: a rater's name, model, consensus or gold", (row) => row.against),
  column('target_rating_id', 'the rating objected to', (row) => row.targetRatingId),
  column('target_run', 'number of the run whose prediction is objected to', (row) => row.targetRunNumber),
  column('disputed_score', 'the score objected to, 0–1, as it was then', (row) => row.disputedScore),
  column('own_rating_id', "the objecting rater's own rating then", (row) => row.ownRatingId),
  column('own_score', "the objecting rater's own score then, 0–1", (row) => row.ownScore),
  column('reason', 'why', (row) => row.reason),
  column('created_at', 'when the dispute was made (UTC)', (row) => row.createdAt),
]

function aboutPair<Row extends AboutPair>(texts: string): TableColumn<Row>[] {
  return [
    column('pair_id', 'id of the pair', (row) => row.pairId),
    column('external_id', 'id the pair was imported under', (row) => row.externalId),
    column('premise', `first text${texts}`, (row) => row.premise),
    column('hypothesis', `second text${texts}`, (row) => row.hypothesis),
  ]
}

/** The columns of `decisions`: everything that was decided about a pair; the latest of its group holds. */
export const decisionColumns: readonly TableColumn<DecisionOut>[] = [
  column('decision_id', 'id of the decision (ULID); ids sort in the order of making', (row) => row.id),
  ...aboutPair<DecisionOut>(', as it is now'),
  column(
    'kind',
    'adjudicated, ambiguous or reopened, of which the latest holds; binned or restored, likewise; another-rater; text-fixed',
    (row) => row.kind,
  ),
  column('score', 'the adjudicated score, 0–1; empty otherwise', (row) => row.score),
  column(
    'asked_rater',
    'who was asked for another rating; empty for whoever comes next',
    (row) => row.askedRater,
  ),
  column('decided_by', 'who decided', (row) => row.decidedBy),
  column('reason', 'why', (row) => row.reason),
  column('created_at', 'when it was decided (UTC)', (row) => row.createdAt),
]

/** The columns of `gold`: pairs whose right score is known. */
export const goldColumns: readonly TableColumn<GoldOut>[] = [
  ...aboutPair<GoldOut>(''),
  column('score', 'the right score, 0–1', (row) => row.score),
  column('tolerance', 'scores at most this far from it count as right', (row) => row.tolerance),
  column('explanation', 'why it has this score; may be empty', (row) => row.explanation),
]

/** The columns of `texts`: what pairs read before their text was fixed. */
export const textColumns: readonly TableColumn<TextOut>[] = [
  ...aboutPair<TextOut>(' of this version'),
  column('version', 'from 1; ratings name it in pair_version', (row) => row.version),
  column('replaced_at', 'when the next version took its place (UTC)', (row) => row.replacedAt),
]

/** Names with what they mean, for the description that travels with the files. */
export function describeColumns<Row>(columns: readonly TableColumn<Row>[]): Record<string, string> {
  return Object.fromEntries(columns.map(({ name, description }) => [name, description]))
}
