import { askedCells } from '#shared/domain/replayPlan.ts'
import type { ReplayPlan } from '#shared/domain/replay.ts'
import { runReplay, type ReplayState } from '../../learning/replay/runReplay.ts'
import type { ProjectStore } from '../../store/projectStore.ts'
import type { ServiceContext } from '../context.ts'
import { embedReplay, type ReplayRows } from './projectReplay.ts'
import { replayKey } from './replayFile.ts'

/** Where the parts of a replay are kept, so that it can go on. */
export interface ReplayKeeper {
  /** Takes up the replay of this key. @returns what is known of it. */
  begin(key: string): ReplayState
  /** Is told the whole state after each part. */
  keep(key: string, state: ReplayState): void
}

/** How far a replay is. */
export interface ReplayProgress {
  readonly phase: string
  /** Share done of what this phase began with, 0–1. */
  readonly share: number
  /** Parts that are done, one for each strategy and seed, those done before included; null before that is known. */
  readonly done: number | null
}

export interface ReplayWork {
  readonly plan: ReplayPlan
  readonly rows: ReplayRows
  readonly keeper: ReplayKeeper
  /** Processes side by side. */
  readonly processes: number
  readonly signal: AbortSignal
  readonly onProgress: (progress: ReplayProgress) => void
}

/**
 * Encodes what has no vectors, and replays what the keeper does not know yet.
 * @returns what is known then, of other strategies and seeds, too, where those were asked for before.
 * @throws GradusError `cancelled`, `worker-died`; what was done by then is kept.
 */
export async function carryOutReplay(
  context: ServiceContext,
  store: ProjectStore,
  { plan, rows, keeper, processes, signal, onProgress }: ReplayWork,
): ReturnType<typeof runReplay> {
  const { start, batch, to, randomShare, threshold, strategies, seeds } = plan.asked
  const embedded = await embedReplay(context, store, rows, signal, (share) =>
    onProgress({ phase: 'Encoding texts', share, done: null }),
  )
  const data = { ...embedded, threshold }
  const settings = { start, batch, to, buys: { kind: 'consensus' }, randomShare } as const
  const key = replayKey(data, settings)
  const known = keeper.begin(key)
  let last = 0
  let done = askedCells(known.cells, plan.asked).length
  const tell = (): void => onProgress({ phase: 'Replaying', share: last, done })
  tell()
  return runReplay({
    data,
    strategies,
    seeds: Array.from({ length: seeds }, (_, seed) => seed),
    settings,
    known,
    startWorker: context.startWorker,
    processes,
    signal,
    onState: (state) => {
      keeper.keep(key, state)
      done = askedCells(state.cells, plan.asked).length
      tell()
    },
    onShare: (share) => {
      last = share
      tell()
    },
  })
}
