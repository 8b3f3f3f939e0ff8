import type { SettlingKind, SettlingOrder, SettlingRow } from '#shared/contract/settling.ts'
import type { ProjectStore } from '../../store/projectStore.ts'
import { reasonsOf } from './reasons.ts'
import { hasLargeGap, isDisagreement, type WeighedPair } from './weighPair.ts'

/** Which pairs the queue is to show, and in which order. */
export interface WantedQueue {
  readonly kind: SettlingKind
  readonly disputed: boolean
  readonly modelGap: boolean
  readonly includeSettled: boolean
  readonly order: SettlingOrder
}

const sortedBy: Readonly<Record<SettlingOrder, (pair: WeighedPair) => number>> = {
  weight: ({ weight }) => weight,
  spread: ({ deviation }) => deviation ?? -1,
  'model-gap': ({ modelGap }) => modelGap ?? -1,
  ratings: ({ raters }) => raters,
}

function fits(pair: WeighedPair, { kind, disputed, modelGap, includeSettled }: WantedQueue): boolean {
  if (pair.settled && !includeSettled) return false
  // What was settled is shown on request whatever has become of its scores.
  if (kind === 'any' ? !isDisagreement(pair) && !pair.settled : pair.kind !== kind) return false
  return (!disputed || pair.disputes > 0) && (!modelGap || hasLargeGap(pair))
}

/** The pairs wanted, most worth settling first; equal ones in the order they came into the project. */
export function orderQueue(pairs: ReadonlyMap<string, WeighedPair>, wanted: WantedQueue): WeighedPair[] {
  const value = sortedBy[wanted.order]
  return [...pairs.values()]
    .filter((pair) => fits(pair, wanted))
    .sort(
      (one, other) =>
        value(other) - value(one) || other.weight - one.weight || (one.pairId < other.pairId ? -1 : 1),
    )
}

/** Rows by the pair they are about. */
export function grouped<Row extends { readonly pairId: string }>(rows: readonly Row[]): Map<string, Row[]> {
  const groups = new Map<string, Row[]>()
  for (const row of rows) {
    const known = groups.get(row.pairId)
    if (known === undefined) groups.set(row.pairId, [row])
    else known.push(row)
  }
  return groups
}

/** The pairs as rows of the queue. `offset`: the place of the first. */
export function toRows(store: ProjectStore, pairs: readonly WeighedPair[], offset: number): SettlingRow[] {
  const { runId } = store.tally.read()
  const ids = pairs.map(({ pairId }) => pairId)
  const texts = store.labels.texts(ids)
  const answers = grouped(store.disagreements.answers(ids))
  const disputes = grouped(store.disagreements.disputes(ids))
  return pairs.flatMap((pair, index) => {
    const { pairId, kind, weight, consensus } = pair
    const text = texts[index]
    if (text === undefined) return []
    const decisions = store.decisions.ofPair(pairId)
    const given = answers.get(pairId) ?? []
    const prediction = runId === null ? null : store.predictions.ofPair(runId, pairId)
    const settled = store.decisions.settled(pairId)
    const known = {
      answers: given,
      disputes: disputes.get(pairId) ?? [],
      predicted: prediction?.score ?? null,
      decisions,
      isSettled: settled !== null,
      isAdjudicated: settled?.kind === 'adjudicated',
    }
    return {
      position: offset + index,
      pairId,
      ...text,
      kind,
      weight,
      reasons: reasonsOf(pair, known),
      scores: given.flatMap(({ raterName, score, range, counts }) =>
        counts && score !== null ? [{ raterName, score, range }] : [],
      ),
      consensus,
      prediction,
      settled,
    }
  })
}
