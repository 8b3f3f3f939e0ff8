import { join } from 'node:path'
import {
  summariseReplay,
  type ReplayCell,
  type ReplayPlan,
  type ReplayReference,
} from '#shared/domain/replay.ts'
import { askedCells } from '#shared/domain/replayPlan.ts'
import { createAtomicFile, type AtomicFile, type WrittenFile } from '../../formats/atomicFile.ts'
import { drawCurves } from '../../learning/replay/drawCurves.ts'
import { curvesAsCsv } from '../../learning/replay/replayTable.ts'

/** What a replay has worked with, as the head of its table and of its drawing. */
export function replayTitle({ pairs }: Pick<ReplayPlan, 'pairs'>): string {
  return `${pairs.pool} pairs to choose from, ${pairs.holdout} in the holdout`
}

/**
 * Writes `curves.csv`, every point of every curve, and `curves.svg`, the curves with their intervals.
 * @throws GradusError `disk-full`, `file-unwritable`; neither file is there then.
 */
export async function writeReplayFiles(
  folder: string,
  plan: Pick<ReplayPlan, 'asked' | 'pairs'>,
  {
    cells,
    reference,
  }: { readonly cells: readonly ReplayCell[]; readonly reference: Pick<ReplayReference, 'pearson'> },
): Promise<WrittenFile[]> {
  const asked = askedCells(cells, plan.asked)
  const contents = {
    'curves.csv': curvesAsCsv(asked),
    'curves.svg': drawCurves(replayTitle(plan), summariseReplay(asked, reference), reference),
  }
  const files: AtomicFile[] = []
  try {
    for (const [name, content] of Object.entries(contents)) {
      const file = await createAtomicFile(join(folder, name))
      files.push(file)
      await file.write(content)
    }
    const written: WrittenFile[] = []
    for (const file of files) written.push(await file.publish())
    return written
  } finally {
    for (const file of files) await file.abandon()
  }
}
