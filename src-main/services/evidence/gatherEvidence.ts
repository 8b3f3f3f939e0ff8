import { setImmediate as yieldToOthers } from 'node:timers/promises'
import type { LabelArm } from '#shared/domain/evidence.ts'
import { trainingConfiguration } from '#shared/domain/run.ts'
import { throwIfCancelled } from '../../jobs/jobs.ts'
import { armCodes } from '../../learning/evidence/arms.ts'
import { drawHoldout, drawLabels } from '../../learning/evidence/draw.ts'
import { numberGroups } from '../../learning/metrics/groups.ts'
import type { EvidenceRequest, ReplayPairs } from '../../learning/replay/replayContract.ts'
import type { ProjectStore } from '../../store/projectStore.ts'
import type { LabelOrigin } from '../../store/repositories/evidence.ts'
import type { ServiceContext } from '../context.ts'
import { encodePairs, openCache } from '../model/encoderAccess.ts'
import { embedLabelled, gatherTrainingData, readTexts, type LabelledRow } from '../training/trainingData.ts'

/** Labels whose origins are read before other work gets its turn: some milliseconds. */
const labelsPerPage = 250

/** The arm of a label, by what is known of the pair's first rating. */
export function armOf({
  isImported,
  shownBecause,
  strategy,
}: Omit<LabelOrigin, 'pairId' | 'firstId'>): LabelArm {
  // Files come whole: nothing of this project has chosen from them.
  if (isImported) return 'random'
  switch (shownBecause) {
    case 'order':
    case 'calibration':
      return 'random'
    case 'suggestion':
      if (strategy === null) return 'other'
      return strategy === 'random' ? 'random-suggestion' : 'chosen'
    default:
      return 'other'
  }
}

/** A labelled pair with when and how its label came. */
interface OriginalRow {
  readonly row: LabelledRow
  readonly firstId: string
  readonly arm: LabelArm
}

/**
 * The labelled pairs of a project as evidence is measured on them: those outside the holdout in the order in which their first
 * ratings came, and those of the holdout. Where they are many some are drawn; texts without vectors are encoded.
 * @throws GradusError `cancelled`.
 */
export async function gatherEvidence(
  context: Pick<ServiceContext, 'folders' | 'startWorker' | 'threads'>,
  store: ProjectStore,
  signal: AbortSignal,
  onProgress: (phase: string, share: number | null) => void,
): Promise<Omit<EvidenceRequest, 'threads'>> {
  const { settings } = store.project.read()
  onProgress('Reading labels', null)
  const { validationShare } = trainingConfiguration.parse({})
  const { train, validation, holdout } = await gatherTrainingData(store, settings, validationShare, signal)
  const ordered = await inOrder(store, [...train, ...validation], signal)
  const drawn = Array.from(drawLabels(ordered.length), (place) => ordered[place]).filter(
    (one) => one !== undefined,
  )
  const heldOutGroups = holdout.map(({ premiseGroup }) => premiseGroup)
  const judged = Array.from(drawHoldout(heldOutGroups, settings.seed), (place) => holdout[place]).filter(
    (row) => row !== undefined,
  )
  const rows = drawn.map(({ row }) => row)
  await encodePairs(context, await readTexts(store, [...rows, ...judged]), signal, (share) =>
    onProgress('Encoding texts', share),
  )
  const cache = openCache(context)
  try {
    const embed = async (side: readonly LabelledRow[]): Promise<ReplayPairs> => {
      const { dimension, premise, hypothesis, target, group } = await embedLabelled(store, cache, side, {
        tokens: false,
        classes: [],
      })
      return { dimension, premise, hypothesis, target, group }
    }
    return {
      labels: { ...(await embed(rows)), arm: Int32Array.from(drawn, ({ arm }) => armCodes.indexOf(arm)) },
      holdout: await embed(judged),
      given: {
        labels: ordered.length,
        holdout: holdout.length,
        premises: numberGroups(heldOutGroups).count,
      },
      seed: settings.seed,
    }
  } finally {
    cache.close()
  }
}

/** Labelled pairs in the order in which their first ratings came. */
async function inOrder(
  store: ProjectStore,
  rows: readonly LabelledRow[],
  signal: AbortSignal,
): Promise<OriginalRow[]> {
  const byId = rows.toSorted((left, right) => (left.pairId < right.pairId ? -1 : 1))
  const origins = new Map<string, LabelOrigin>()
  let after = ''
  for (let start = 0; start < byId.length; start += labelsPerPage) {
    const last = byId[Math.min(byId.length, start + labelsPerPage) - 1]?.pairId ?? after
    for (const origin of store.evidence.origins({ after, last })) origins.set(origin.pairId, origin)
    after = last
    await yieldToOthers()
    throwIfCancelled(signal)
  }
  return byId
    .map((row): OriginalRow => {
      const origin = origins.get(row.pairId)
      // Rated while labels were read: it came last.
      if (origin === undefined) return { row, firstId: '~', arm: 'other' }
      return { row, firstId: origin.firstId, arm: armOf(origin) }
    })
    .sort((left, right) => (left.firstId < right.firstId ? -1 : 1))
}
