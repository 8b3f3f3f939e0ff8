import { GradusError } from '#shared/contract/errors.ts'
import { trainingConfiguration } from '#shared/domain/run.ts'
import type { EmbeddingCache } from '../../encoder/embeddingCache.ts'
import type { ReplayData, ReplayPairs } from '../../learning/replay/replayContract.ts'
import type { ServiceContext } from '../context.ts'
import { encodePairs, openCache } from '../model/encoderAccess.ts'
import { embedLabelled, gatherTrainingData, readTexts, type LabelledRow } from '../training/trainingData.ts'

/**
 * The labelled pairs of the open project as a replay takes them: what a training would learn from or validate with is the
 * pool, the project's own holdout judges. Texts without vectors are encoded.
 * @throws GradusError `not-enough-labels` where no pair of the holdout is labelled, `cancelled`.
 */
export async function gatherReplay(
  context: ServiceContext,
  signal: AbortSignal,
  onProgress: (phase: string, share: number | null) => void,
): Promise<Omit<ReplayData, 'threshold'>> {
  const store = context.session.store()
  const { settings } = store.project.read()
  onProgress('Reading labels', null)
  const { validationShare } = trainingConfiguration.parse({})
  const { train, validation, holdout } = await gatherTrainingData(store, settings, validationShare, signal)
  if (holdout.length === 0)
    throw new GradusError(
      'not-enough-labels',
      'No pair of the holdout is rated, so nothing could be judged. Rate pairs of the holdout first.',
    )
  const cache = openCache(context)
  try {
    const side = async (rows: readonly LabelledRow[], phase: string): Promise<ReplayPairs> => {
      await encodePairs(context, await readTexts(store, rows), signal, (share) => onProgress(phase, share))
      return toReplayPairs(await embed(store, cache, rows))
    }
    return {
      pool: await side([...train, ...validation], 'Encoding texts'),
      holdout: await side(holdout, 'Encoding the holdout'),
      ratings: null,
    }
  } finally {
    cache.close()
  }
}

function embed(
  store: Parameters<typeof embedLabelled>[0],
  cache: EmbeddingCache,
  rows: readonly LabelledRow[],
): ReturnType<typeof embedLabelled> {
  return embedLabelled(store, cache, rows, { tokens: false, classes: [] })
}

function toReplayPairs({ dimension, premise, hypothesis, target, group }: ReplayPairs): ReplayPairs {
  return { dimension, premise, hypothesis, target, group }
}
