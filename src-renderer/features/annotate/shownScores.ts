import type { RevealedScores } from '#shared/contract/annotate.ts'
import type { DisputeTarget } from '#shared/domain/dispute.ts'
import type { ScaleKind } from '#shared/domain/score.ts'
import { coefficient, scoreOn } from '../../format/numbers.ts'

/** A score that was revealed beside the rater's own, in words. */
export interface ShownScore {
  readonly key: string
  /** Whose it is, as it stands before the score: "Ines", "model", "consensus", "adjudicated", "gold". */
  readonly who: string
  /** The score alone. */
  readonly score: string
  /** What goes with it: an interval, a tolerance; "" without any. */
  readonly span: string
  /** Whether the own score lies within the tolerance of gold; null where that is no question. */
  readonly within: boolean | null
  /** A rater's note, or the explanation of gold; "" without one. */
  readonly about: string
  readonly disputed: boolean
  readonly target: DisputeTarget
}

/** All scores of the pair that are shown beside the own one and can be disputed: what settles it first, then the others. */
export function shownScores(revealed: RevealedScores, scale: ScaleKind): ShownScore[] {
  const { others, prediction, consensus, gold } = revealed
  const text = (score: number): string => scoreOn(scale, score)
  const plain = { span: '', within: null, about: '' }
  return [
    ...(gold === null
      ? []
      : [
          {
            key: 'gold',
            who: 'gold',
            score: text(gold.score),
            span: `± ${coefficient(gold.tolerance)}`,
            within: gold.within,
            about: gold.explanation,
            disputed: gold.disputed,
            target: { kind: 'gold' } as const,
          },
        ]),
    ...(consensus === null
      ? []
      : [
          {
            ...plain,
            key: 'consensus',
            who: consensus.adjudicated ? 'adjudicated' : 'consensus',
            score: text(consensus.score),
            disputed: consensus.disputed,
            target: { kind: 'consensus' } as const,
          },
        ]),
    ...others.map((other) => ({
      ...plain,
      key: other.ratingId,
      who: other.raterName,
      score: text(other.score),
      about: other.note ?? '',
      disputed: other.disputed,
      target: { kind: 'rating', ratingId: other.ratingId } as const,
    })),
    ...(prediction === null
      ? []
      : [
          {
            ...plain,
            key: prediction.runId,
            who: 'model',
            score: text(prediction.score),
            span: `[${text(prediction.low)}–${text(prediction.high)}]`,
            disputed: prediction.disputed,
            target: { kind: 'prediction', runId: prediction.runId } as const,
          },
        ]),
  ]
}

/** Whether two targets are the same score. */
export function isSameTarget(one: DisputeTarget, other: DisputeTarget): boolean {
  switch (one.kind) {
    case 'rating':
      return other.kind === 'rating' && other.ratingId === one.ratingId
    case 'prediction':
      return other.kind === 'prediction' && other.runId === one.runId
    case 'consensus':
    case 'gold':
      return other.kind === one.kind
  }
}

/** The same scores with one of them disputed. */
export function markDisputed(revealed: RevealedScores, target: DisputeTarget): RevealedScores {
  const disputed = { disputed: true }
  switch (target.kind) {
    case 'rating':
      return {
        ...revealed,
        others: revealed.others.map((other) =>
          other.ratingId === target.ratingId ? { ...other, ...disputed } : other,
        ),
      }
    case 'prediction':
      return {
        ...revealed,
        prediction: revealed.prediction === null ? null : { ...revealed.prediction, ...disputed },
      }
    case 'consensus':
      return {
        ...revealed,
        consensus: revealed.consensus === null ? null : { ...revealed.consensus, ...disputed },
      }
    case 'gold':
      return { ...revealed, gold: revealed.gold === null ? null : { ...revealed.gold, ...disputed } }
  }
}
