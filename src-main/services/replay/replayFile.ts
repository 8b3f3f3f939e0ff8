import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import { replayCell, replayReference, type ReplaySettings } from '#shared/domain/replay.ts'
import type { ReplayData } from '../../learning/replay/replayContract.ts'
import type { ReplayState } from '../../learning/replay/runReplay.ts'
import { writeFileAtomically } from '../writeFileAtomically.ts'

/** Raised whenever replays come out differently: what older ones found is then not gone on with. */
const version = 1

const replayFile = z.object({
  /** What the cells belong to. */
  key: z.string(),
  reference: replayReference.nullable(),
  cells: z.array(replayCell),
})

/** Names data and settings: cells of other ones do not belong together. */
export function replayKey(data: ReplayData, settings: ReplaySettings): string {
  const hash = createHash('sha256').update(JSON.stringify([version, settings, data.threshold]))
  for (const { premise, hypothesis, target, group } of [data.pool, data.holdout])
    for (const column of [premise, hypothesis, target, group])
      hash.update(new Uint8Array(column.buffer, column.byteOffset, column.byteLength))
  if (data.ratings !== null)
    for (const column of [data.ratings.starts, data.ratings.scores])
      hash.update(new Uint8Array(column.buffer, column.byteOffset, column.byteLength))
  return hash.digest('hex')
}

/** What a file holds of the replay with this key; nothing where it is absent, unreadable or of another replay. */
export function readReplay(path: string, key: string): ReplayState {
  const nothing: ReplayState = { reference: null, cells: [] }
  if (!existsSync(path)) return nothing
  try {
    const found = replayFile.parse(JSON.parse(readFileSync(path, 'utf8')))
    return found.key === key ? found : nothing
  } catch {
    // A damaged file costs the cells in it, which are made again.
    return nothing
  }
}

/** Keeps what a replay has found, so that a crash leaves either the old or the new file. */
export function keepReplay(path: string, key: string, { reference, cells }: ReplayState): void {
  writeFileAtomically(path, JSON.stringify({ key, reference, cells }))
}
