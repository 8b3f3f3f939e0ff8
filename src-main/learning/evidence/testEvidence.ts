import type { LabelArm } from '#shared/domain/evidence.ts'
import { syntheticRows } from '../testRows.ts'
import type { EvidenceRequest, ReplayPairs } from '../replay/replayContract.ts'
import { armCodes } from './arms.ts'
import type { measureEvidence } from './measureEvidence.ts'

const dimension = 8

/** For tests: pairs whose score follows their cosine, two of a premise. */
export function testPairs(rows: number, seed: number): ReplayPairs {
  const { premise, hypothesis, target, group } = syntheticRows(rows, dimension, seed)
  return { dimension, premise, hypothesis, target, group }
}

/** For tests: a request over such pairs. @param armOf of each label by its place. */
export function testRequest(
  labels: ReplayPairs,
  holdout: ReplayPairs,
  armOf: (place: number) => LabelArm,
): EvidenceRequest {
  return {
    labels: { ...labels, arm: Int32Array.from(labels.target, (_, place) => armCodes.indexOf(armOf(place))) },
    holdout,
    given: {
      labels: labels.target.length,
      holdout: holdout.target.length,
      premises: new Set(holdout.group).size,
    },
    seed: 42,
    threads: 1,
  }
}

/** For tests: nobody cancels, nobody watches. */
export const alone: Parameters<typeof measureEvidence>[1] = {
  signal: new AbortController().signal,
  onShare: (): void => undefined,
}
