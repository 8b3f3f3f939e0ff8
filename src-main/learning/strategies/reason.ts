/** Why a candidate was chosen, in numbers. Distances are Euclidean, of the pool's vectors. */
export type Because =
  | { readonly kind: 'drawn' }
  | { readonly kind: 'members'; readonly members: number; readonly low: number; readonly high: number }
  | { readonly kind: 'spread'; readonly deviation: number }
  | {
      readonly kind: 'unlike'
      /** To the nearest rated pair; null where nothing is rated. */
      readonly nearest: number | null
      /** The median of that over the candidates compared. */
      readonly usual: number | null
    }
  | {
      readonly kind: 'unlike-in-both'
      /** To the rated pair that is nearest in text and score together. */
      readonly nearest: number
      /** Between its score and the predicted one. */
      readonly difference: number
    }
  | {
      readonly kind: 'stands-for'
      /** Candidates in its cluster, itself included. */
      readonly pairs: number
      readonly nearest: number | null
    }
  | { readonly kind: 'threshold'; readonly score: number; readonly threshold: number }

/** A reason in words, for the person who will rate the pair. */
export function describeReason(because: Because): string {
  switch (because.kind) {
    case 'drawn':
      return 'Drawn at random.'
    case 'members':
      return describeMemberRange(because.members, because.low, because.high)
    case 'spread':
      return `Raters are expected to differ: standard deviation ${because.deviation.toFixed(2)}.`
    case 'unlike': {
      const { nearest, usual } = because
      if (nearest === null) return 'Unlike the other pairs; nothing is rated yet.'
      const beside = usual === null ? '' : ` (half of all pairs: within ${usual.toFixed(2)})`
      return `Unlike anything rated so far: nearest rated pair at ${nearest.toFixed(2)}${beside}.`
    }
    case 'unlike-in-both':
      return `Unlike what is rated, in text and in score: nearest rated pair at ${because.nearest.toFixed(2)}, its score ${because.difference.toFixed(2)} away.`
    case 'stands-for': {
      const { pairs, nearest } = because
      const others = pairs === 2 ? '1 unrated pair' : `${pairs - 1} unrated pairs`
      const stands = pairs < 2 ? 'Stands alone' : `Stands for ${others} around it`
      return nearest === null ? `${stands}.` : `${stands}: nearest rated pair at ${nearest.toFixed(2)}.`
    }
    case 'threshold':
      return `The score ${because.score.toFixed(2)} is next to the threshold ${because.threshold.toFixed(2)}.`
  }
}

/** Why a candidate was chosen, in words, from the lowest and highest score among the members. */
export function describeMemberRange(members: number, low: number, high: number): string {
  return `The ${members} heads range from ${low.toFixed(2)} to ${high.toFixed(2)}.`
}
