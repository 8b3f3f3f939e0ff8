import type { AskedReplay } from '#shared/domain/replay.ts'
import { cutReplay, replayObstacle, replayRemarks, withRandom } from '#shared/domain/replayPlan.ts'
import { GradusError } from '#shared/contract/errors.ts'
import type { ReplayPlan } from '#shared/domain/replay.ts'
import { trainingConfiguration } from '#shared/domain/run.ts'
import type { ReplayData, ReplayPairs } from '../../learning/replay/replayContract.ts'
import type { ProjectStore } from '../../store/projectStore.ts'
import type { PairTexts } from '../../store/repositories/labels.ts'
import { refitForConsensus } from '../agreement/raterModel.ts'
import type { ServiceContext } from '../context.ts'
import { embedPairs, encodePairs, openCache } from '../model/encoderAccess.ts'
import { gatherTrainingData, readTexts, type LabelledRow } from '../training/trainingData.ts'
import { requireStillOpen } from '../withProject.ts'

/** The labelled pairs of a project as a replay divides them. */
export interface ReplayRows {
  /** What a training would learn from or validate with. */
  readonly pool: readonly LabelledRow[]
  /** The project's own holdout judges. */
  readonly holdout: readonly LabelledRow[]
  /** Tells these labels from later ones. */
  readonly labels: string
}

/** Changes whenever a label may have: by ratings, decisions, or how scores become one. */
export function labelsStamp(store: ProjectStore): string {
  const { consensus, holdoutShare } = store.project.read().settings
  return [store.consensus.ratingsStamp(), store.replays.decisionsStamp(), consensus, holdoutShare].join(' ')
}

/** Reads the labels of the open project. @throws GradusError `cancelled`. */
export async function gatherReplayRows(
  context: ServiceContext,
  store: ProjectStore,
  signal: AbortSignal,
): Promise<ReplayRows> {
  await refitForConsensus(context, store, signal)
  requireStillOpen(store)
  const labels = labelsStamp(store)
  const { validationShare } = trainingConfiguration.parse({})
  const { settings } = store.project.read()
  const { train, validation, holdout } = await gatherTrainingData(store, settings, validationShare, signal)
  return { pool: [...train, ...validation], holdout, labels }
}

/**
 * What will be replayed of what is asked for: random is added and the end cut to the labels there are.
 * @throws GradusError `not-enough-labels` where these labels cannot be replayed so.
 */
export function planReplay(asked: AskedReplay, rows: ReplayRows): ReplayPlan {
  const pairs = { pool: rows.pool.length, holdout: rows.holdout.length }
  const obstacle = replayObstacle(asked, pairs)
  if (obstacle !== null) throw new GradusError('not-enough-labels', obstacle)
  return {
    asked: { ...cutReplay(asked, pairs), strategies: withRandom(asked.strategies) },
    pairs,
    remarks: replayRemarks(asked, pairs),
  }
}

/**
 * The labelled pairs as a replay takes them; texts without vectors are encoded.
 * @param onShare is told the share encoded, 0–1.
 * @throws GradusError `cancelled`, `worker-died`.
 */
export async function embedReplay(
  context: ServiceContext,
  store: ProjectStore,
  { pool, holdout }: ReplayRows,
  signal: AbortSignal,
  onShare: (share: number) => void,
): Promise<Omit<ReplayData, 'threshold'>> {
  // Read once: a text that is fixed meanwhile has no vector yet.
  const texts = { pool: await readTexts(store, pool), holdout: await readTexts(store, holdout) }
  const cache = openCache(context)
  try {
    await encodePairs(context, [...texts.pool, ...texts.holdout], signal, onShare)
    const side = async (rows: readonly LabelledRow[], own: readonly PairTexts[]): Promise<ReplayPairs> => {
      const { dimension, premise, hypothesis } = await embedPairs(cache, own)
      return {
        dimension,
        premise,
        hypothesis,
        target: Float32Array.from(rows, ({ target }) => target),
        group: numbersOf(rows.map(({ premiseGroup }) => premiseGroup)),
      }
    }
    return {
      pool: await side(pool, texts.pool),
      holdout: await side(holdout, texts.holdout),
      ratings: null,
    }
  } finally {
    cache.close()
  }
}

/** Premise groups, which need 48 bits, numbered in the order they occur. */
function numbersOf(groups: readonly number[]): Int32Array {
  const numbers = new Map<number, number>()
  return Int32Array.from(groups, (group) => {
    const number = numbers.get(group) ?? numbers.size
    numbers.set(group, number)
    return number
  })
}
