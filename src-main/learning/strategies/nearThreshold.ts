import { coreSet } from './coreSet.ts'
import { allEqual, highestFirst, type Pool, type Ranking } from './strategy.ts'

/** Near threshold: the scores closest to where yes and no part. It sharpens decisions there and little else. */
export function nearThreshold(pool: Pool): Ranking {
  const { predictions, candidates, count, threshold } = pool
  if (predictions === null)
    return {
      ...coreSet(pool),
      remark: 'There is no model yet, so the pairs least like the rated ones are chosen.',
    }
  const { score } = predictions
  if (score.length > 1 && allEqual(score))
    return {
      ...coreSet(pool),
      remark: 'The model gives every pair the same score, so the pairs least like the rated ones are chosen.',
    }
  const nearness = Float64Array.from(score, (value) => -Math.abs(value - threshold))
  return {
    choices: Array.from(highestFirst(nearness, count), (candidate) => ({
      candidate,
      because: { kind: 'threshold', score: score[candidate] ?? 0, threshold },
    })),
    considered: candidates.length,
    remark: null,
  }
}
