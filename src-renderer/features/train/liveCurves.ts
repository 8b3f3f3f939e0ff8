import type { EpochRecord } from '#shared/domain/run.ts'

/** The curves of a training under way. */
export interface LiveCurves {
  readonly runNumber: number
  readonly epochs: readonly EpochRecord[]
  readonly maximumEpochs: number
}
