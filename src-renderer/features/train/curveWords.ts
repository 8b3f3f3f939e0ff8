import type { HeadCurves } from '#shared/domain/run.ts'

/** Title of a chart of curves. */
export function headTitle(what: string, runNumber: number): string {
  return `${what}, run ${runNumber}`
}

/** How the training of a head ended: "stopped early after epoch 14, best was 9"; "" while it goes on. */
export function curveNote({ epochs, bestEpoch, stoppingReason }: Partial<HeadCurves>): string {
  if (bestEpoch === undefined) return ''
  const last = epochs?.at(-1)?.epoch ?? bestEpoch
  return stoppingReason === 'early-stopping'
    ? `stopped early after epoch ${last}, best was ${bestEpoch}`
    : `all ${last} epochs, best was ${bestEpoch}`
}
