import { setTimeout as wait } from 'node:timers/promises'
import { GradusError, toErrorShape } from '#shared/contract/errors.ts'
import { backendName, type BackendName, type Rung } from '#shared/domain/backend.ts'
import { runInWorker } from '../../jobs/runInWorker.ts'
import type { StartWorker } from '../../jobs/worker.ts'
import { findCudaRuntime, runtimeWords } from './installedRuntime.ts'
import { findAbsences, type MachineOptions } from './presence.ts'
import { probeContract, type ProbeResult } from './probeContract.ts'
import { expectedLosses } from './probeTrajectory.ts'

/** What became of one rung's probe. */
export type ProbeOutcome =
  | ({ readonly kind: 'ran' } & ProbeResult)
  /** Not started: it cannot be there. */
  | { readonly kind: 'absent'; readonly reason: string }
  /** It crashed, hung or threw. */
  | { readonly kind: 'failed'; readonly reason: string }

export interface LadderOptions {
  readonly startWorker: StartWorker
  readonly machine: MachineOptions
  /** Processors that may be used. */
  readonly threads: number
  readonly signal: AbortSignal
  /** Told before a rung is probed, with the share of rungs done, 0–1. */
  readonly onRung?: (name: BackendName, share: number) => void
}

/** How long one probe may last, in milliseconds: the first use of a card loads and compiles much. */
const longestProbe = 45_000
/**
 * How far a loss may lie from the one expected, relative to it. The back ends here agree to 10⁻⁶; the tensor cores of
 * NVIDIA round factors to 11 bits, and what is really wrong is off by far more after ten steps.
 */
const tolerance = 5e-3

/** Probes all rungs, one after the other, and judges them. @throws GradusError `cancelled`. */
export async function climb(options: LadderOptions): Promise<Rung[]> {
  const absences = findAbsences(options.machine)
  const outcomes = new Map<BackendName, ProbeOutcome>()
  const names = backendName.options.toReversed()
  for (const [index, name] of names.entries()) {
    const reason = absences[name]
    if (reason === null) options.onRung?.(name, index / names.length)
    outcomes.set(name, reason === null ? await probeRung(name, options) : { kind: 'absent', reason })
  }
  return judge(outcomes)
}

/**
 * Probes one rung in a process of its own, which is ended afterwards.
 * @param longest how long it may take, in milliseconds.
 * @throws GradusError `cancelled`.
 */
export async function probeRung(
  name: BackendName,
  { startWorker, machine, threads, signal }: LadderOptions,
  longest = longestProbe,
): Promise<ProbeOutcome> {
  const { gpuFolder } = machine
  const words = name === 'cuda' ? runtimeWords(findCudaRuntime(gpuFolder)) : []
  const over = new AbortController()
  const ended = AbortSignal.any([signal, over.signal])
  const hung = wait(longest, 'hung' as const, { signal: ended }).catch(() => 'stopped' as const)
  try {
    const answer = await Promise.race([
      runInWorker(
        { startWorker, name: 'probe', title: 'probe', contract: probeContract, signal: ended, words },
        (client) => client.call('probe', { name, gpuFolder, threads }, { signal: ended }),
      ),
      hung,
    ])
    if (answer === 'hung') return { kind: 'failed', reason: `It gave no answer within ${longest / 1000} s.` }
    if (answer === 'stopped') throw new GradusError('cancelled', 'Cancelled.')
    return 'failure' in answer ? { kind: 'failed', reason: answer.failure } : { kind: 'ran', ...answer }
  } catch (thrown) {
    if (thrown instanceof GradusError && thrown.code === 'worker-died')
      return { kind: 'failed', reason: describeDeath(thrown.details) }
    if (signal.aborted) throw new GradusError('cancelled', 'Cancelled.', undefined, thrown)
    return { kind: 'failed', reason: toErrorShape(thrown).message }
  } finally {
    over.abort()
  }
}

function describeDeath(exit: Readonly<Record<string, unknown>> = {}): string {
  const { how, code, signal, reason } = exit
  if (how === 'killed') return `Its process was ended by ${String(signal)}.`
  return how === 'exited'
    ? `Its process ended with code ${String(code)}.`
    : `Its process did not start: ${String(reason)}.`
}

/** Judges what the probes found, in the order of the ladder: a rung fits that is right and faster than cpu. */
export function judge(outcomes: ReadonlyMap<BackendName, ProbeOutcome>): Rung[] {
  const cpu = outcomes.get('cpu')
  const cpuMilliseconds = cpu?.kind === 'ran' ? cpu.millisecondsPerStep : Infinity
  return backendName.options.map((name): Rung => {
    const outcome = outcomes.get(name)
    if (outcome === undefined)
      return { name, verdict: 'unknown', reason: 'It has not been probed yet.', millisecondsPerStep: null }
    if (outcome.kind !== 'ran')
      return { name, verdict: outcome.kind, reason: outcome.reason, millisecondsPerStep: null }
    const { losses, millisecondsPerStep, threads } = outcome
    const wrong = findWrongLoss(losses)
    if (wrong !== null) return { name, verdict: 'wrong', reason: wrong, millisecondsPerStep }
    if (name === 'cpu') {
      const reason = `It is always there; ${threads === 1 ? 'one thread was' : `${threads} threads were`} fastest.`
      return { name, verdict: 'fit', reason, millisecondsPerStep }
    }
    if (millisecondsPerStep >= cpuMilliseconds) {
      const reason = `Right, but slower than cpu (${times(millisecondsPerStep / cpuMilliseconds)} the time).`
      return { name, verdict: 'slower', reason, millisecondsPerStep }
    }
    const reason =
      cpuMilliseconds === Infinity
        ? 'Right; cpu could not be timed.'
        : `Right, and ${times(cpuMilliseconds / millisecondsPerStep)} as fast as cpu.`
    return { name, verdict: 'fit', reason, millisecondsPerStep }
  })
}

function times(ratio: number): string {
  return `${ratio.toFixed(ratio < 10 ? 1 : 0)} times`
}

/** Where a trajectory leaves the expected one, as a sentence; null where it does not. */
function findWrongLoss(losses: ProbeResult['losses']): string | null {
  if (losses.length !== expectedLosses.length)
    return `It gave ${losses.length} losses instead of ${expectedLosses.length}.`
  const index = expectedLosses.findIndex(
    (expected, at) => Math.abs((losses[at] ?? Infinity) - expected) > tolerance * expected,
  )
  if (index === -1) return null
  const found = losses[index]?.toPrecision(4) ?? 'no number'
  return `Wrong numbers: loss ${index + 1} is ${found} instead of ${expectedLosses[index]?.toPrecision(4) ?? ''}.`
}

/** The first rung that fits; cpu where none does. */
export function firstFit(rungs: readonly Rung[]): BackendName {
  return rungs.find(({ verdict }) => verdict === 'fit')?.name ?? 'cpu'
}
