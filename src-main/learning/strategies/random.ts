import { createRandom } from '../random.ts'
import type { Pool, Ranking } from './strategy.ts'

/** Draws at random: what every other strategy is compared with. Seed and number of labels fix the draw. */
export function drawAtRandom({ candidates, labelled, seed, count }: Pool): Ranking {
  const random = createRandom(seed, 'random strategy', labelled.length)
  const places = random.shuffle(Uint32Array.from({ length: candidates.length }, (_, place) => place))
  return {
    choices: Array.from(places.subarray(0, count), (candidate) => ({
      candidate,
      because: { kind: 'drawn' },
    })),
    considered: candidates.length,
    remark: null,
  }
}
