import { coreSet } from './coreSet.ts'
import { allEqual, highestFirst, type Pool, type Ranking } from './strategy.ts'

/** Predicted spread: where raters are expected to differ most. */
export function predictedSpread(pool: Pool): Ranking {
  const { predictions, candidates, count } = pool
  const spread = predictions?.spread ?? null
  if (spread === null || (spread.length > 1 && allEqual(spread)))
    return { ...coreSet(pool), remark: obstacle(spread) }
  return {
    choices: Array.from(highestFirst(spread, count), (candidate) => ({
      candidate,
      because: { kind: 'spread', deviation: spread[candidate] ?? 0 },
    })),
    considered: candidates.length,
    remark: null,
  }
}

function obstacle(spread: Float32Array | null): string {
  return spread === null
    ? 'No model predicts yet where raters differ, so the pairs least like the rated ones are chosen.'
    : 'Raters are expected to differ equally on every pair, so the pairs least like the rated ones are chosen.'
}
