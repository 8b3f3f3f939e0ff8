import type { ReplayCell, ReplayReference, ReplaySettings } from '#shared/domain/replay.ts'
import type { StrategyName } from '#shared/domain/suggestion.ts'
import { runInWorker } from '../../jobs/runInWorker.ts'
import type { StartWorker } from '../../jobs/worker.ts'
import { replayContract, type ReplayData } from './replayContract.ts'

/** What is known of a replay so far: kept by whoever runs it, so that it can go on. */
export interface ReplayState {
  readonly reference: ReplayReference | null
  readonly cells: readonly ReplayCell[]
}

export interface ReplayRequest {
  readonly data: ReplayData
  readonly strategies: readonly StrategyName[]
  readonly seeds: readonly number[]
  readonly settings: ReplaySettings
  /** What an earlier run of the same replay has found; it is not done again. */
  readonly known: ReplayState
  readonly startWorker: StartWorker
  /** Processes side by side. */
  readonly processes: number
  readonly signal: AbortSignal
  /** Told the state after each part that is done. */
  readonly onState: (state: ReplayState) => void
  /** Told the share of what was left to do at the start, 0–1. */
  readonly onShare: (share: number) => void
}

/**
 * Replays every strategy with every seed, in several processes, each taking the next cell when it is done with one; and
 * fits the reference.
 * @returns all cells, those known before included, and the reference.
 * @throws GradusError `cancelled`, `worker-died`, `not-enough-labels`; what was done by then has been told.
 */
export async function runReplay(
  request: ReplayRequest,
): Promise<ReplayState & { reference: ReplayReference }> {
  const { data, strategies, seeds, settings, processes, onState, onShare } = request
  let { reference } = request.known
  const cells = [...request.known.cells]
  const isKnown = (strategy: StrategyName, seed: number): boolean =>
    cells.some((cell) => cell.strategy === strategy && cell.seed === seed)
  // Seed by seed, so that a replay that is stopped early has all strategies with some seeds.
  const waiting = seeds.flatMap((seed) =>
    strategies.flatMap((strategy) => (isKnown(strategy, seed) ? [] : [{ strategy, seed }])),
  )
  const labels = new Map<string, number>()
  const whole = waiting.length * settings.to
  let done = 0
  const tellShare = (): void => {
    const running = [...labels.values()].reduce((sum, own) => sum + own, 0)
    onShare(Math.min(1, (done * settings.to + running) / whole))
  }
  let referenceIsWanted = reference === null
  const failed = new AbortController()
  const signal = AbortSignal.any([request.signal, failed.signal])
  const work = (): Promise<void> =>
    runInWorker(
      {
        startWorker: request.startWorker,
        name: 'replay',
        title: 'replaying',
        contract: replayContract,
        signal,
      },
      async (client) => {
        client.on('step', ({ strategy, seed, labels: own }) => {
          labels.set(`${strategy} ${seed}`, own)
          tellShare()
        })
        await client.call('load', { data, threads: 1 }, { signal })
        if (referenceIsWanted) {
          referenceIsWanted = false
          reference = await client.call('reference', {}, { signal })
          onState({ reference, cells: [...cells] })
        }
        for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
          const cell = await client.call('replay', { ...next, settings }, { signal })
          labels.delete(`${next.strategy} ${next.seed}`)
          cells.push(cell)
          done += 1
          onState({ reference, cells: [...cells] })
          tellShare()
        }
      },
    )
  const needed = Math.min(processes, waiting.length + (referenceIsWanted ? 1 : 0))
  const ended = await Promise.allSettled(
    Array.from({ length: needed }, () =>
      work().catch((thrown: unknown) => {
        // The others have nothing to wait for.
        failed.abort()
        throw thrown
      }),
    ),
  )
  const reasons = ended.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []))
  if (reasons.length > 0) throw firstCause(reasons)
  if (reference === null) throw new Error('A replay has ended without its reference.')
  return { reference, cells }
}

/** What broke off the replay, rather than what that cancelled. */
function firstCause(reasons: readonly unknown[]): unknown {
  const isCancelled = (reason: unknown): boolean =>
    reason instanceof Error && 'code' in reason && reason.code === 'cancelled'
  return reasons.find((reason) => !isCancelled(reason)) ?? reasons[0]
}
