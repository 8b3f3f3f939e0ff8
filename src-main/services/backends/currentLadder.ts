import { join } from 'node:path'
import type { Ladder } from '#shared/contract/backends.ts'
import { GradusError, toErrorShape } from '#shared/contract/errors.ts'
import { backendTitles, type BackendChoice, type BackendName, type Rung } from '#shared/domain/backend.ts'
import { findCudaRuntime, runtimeWords } from '../../learning/runtime/installedRuntime.ts'
import { climb, firstFit, judge, probeRung, type ProbeOutcome } from '../../learning/runtime/ladder.ts'
import { describeMachine, findAbsences, type MachineOptions } from '../../learning/runtime/presence.ts'
import type { ServiceContext } from '../context.ts'
import { openLadderFile, type LadderFile } from './ladderFile.ts'

/** Told what is probed now, and the share done, 0–1. */
type OnProbe = (phase: string, share: number) => void
type LadderContext = Pick<ServiceContext, 'folders' | 'log' | 'startWorker' | 'threads' | 'version'>

/** Where `npm run gpu:install` puts what it installs. */
export function gpuFolder({ folders }: Pick<ServiceContext, 'folders'>): string {
  return join(folders.data, 'gpu')
}

function machineOf(context: Pick<ServiceContext, 'folders'>): MachineOptions {
  return { gpuFolder: gpuFolder(context) }
}

/** The back ends as they are known now; probes nothing. */
export function currentLadder(context: LadderContext): Ladder {
  const file = openFile(context)
  const machine = machineOf(context)
  const known = file.probed(describeMachine(machine, context.version))
  const rungs = known?.rungs ?? judge(absentOnes(machine))
  const choice = file.choice()
  return {
    rungs,
    probedAt: known?.at ?? null,
    choice,
    inUse: choice === 'automatic' ? firstFit(rungs) : choice,
  }
}

/** Keeps what people choose. @throws GradusError `bad-options` where it is known not to work. */
export function chooseBackend(context: LadderContext, choice: BackendChoice): Ladder {
  const known = currentLadder(context).rungs.find(({ name }) => name === choice)
  if (known !== undefined && isKnownBad(known)) throw refusal(known)
  openFile(context).choose(choice)
  return currentLadder(context)
}

/** Probes every rung and keeps what was found. @throws GradusError `cancelled`. */
export async function probeLadder(
  context: LadderContext,
  signal: AbortSignal,
  onProbe: OnProbe,
): Promise<Rung[]> {
  const { startWorker, threads } = context
  const machine = machineOf(context)
  const rungs = await climb({
    startWorker,
    threads,
    machine,
    signal,
    onRung: (name, share) => onProbe(`Probing ${backendTitles[name]}`, share),
  })
  openFile(context).keep(describeMachine(machine, context.version), { at: new Date().toISOString(), rungs })
  return rungs
}

/**
 * The back end of a training: the given one, else what was chosen in Settings. One that is asked for by name has to
 * work and is probed where that is not known; `automatic` probes the ladder at the first training on this machine,
 * which starts nothing where the machine can have cpu only.
 * @param wanted undefined leaves it to Settings.
 * @throws GradusError `bad-options` where the one that was asked for does not work, `cancelled`.
 */
export async function resolveBackend(
  context: LadderContext,
  wanted: BackendChoice | undefined,
  signal: AbortSignal,
  onProbe: OnProbe,
): Promise<BackendName> {
  const { rungs, probedAt, choice } = currentLadder(context)
  const asked = wanted ?? choice
  if (asked === 'automatic') {
    const others = rungs.filter(({ name }) => name !== 'cpu')
    if (probedAt !== null || others.every(({ verdict }) => verdict === 'absent')) return firstFit(rungs)
    return firstFit(await probeLadder(context, signal, onProbe))
  }
  if (asked === 'cpu') return asked
  const known = rungs.find(({ name }) => name === asked)
  if (known?.verdict === 'fit' || known?.verdict === 'slower') return asked
  // Whatever was in its way before may have gone.
  const found = await judgeAlone(context, asked, signal, onProbe)
  if (isKnownBad(found)) throw refusal(found)
  return asked
}

/**
 * Remembers that a training ended with its back end, so that the next one takes another rung until somebody probes
 * again; cpu is always there and is left alone.
 * @param thrown what ended the training.
 * @returns what to throw instead: the same, and where its process died, what it ran on.
 */
export function noteBackendFailure(context: LadderContext, name: BackendName, thrown: unknown): unknown {
  const { code, message, details } = toErrorShape(thrown)
  if (name === 'cpu' || (code !== 'worker-died' && code !== 'unexpected')) return thrown
  const machine = describeMachine(machineOf(context), context.version)
  const file = openFile(context)
  const known = file.probed(machine)
  if (known !== null) {
    const reason = `A training on it failed: ${message}`
    const rungs = known.rungs.map((rung) =>
      rung.name === name ? { ...rung, verdict: 'failed' as const, reason } : rung,
    )
    file.keep(machine, { at: known.at, rungs })
  }
  if (code !== 'worker-died') return thrown
  const told = `${message} It ran on ${backendTitles[name]}, which is left out from now on until back ends are probed again.`
  return new GradusError(code, told, details, thrown)
}

/** The command line of a training process that can run this back end. */
export function trainerWords(context: Pick<ServiceContext, 'folders'>, backend: BackendName): string[] {
  return backend === 'cuda' ? runtimeWords(findCudaRuntime(gpuFolder(context))) : []
}

async function judgeAlone(
  context: LadderContext,
  name: BackendName,
  signal: AbortSignal,
  onProbe: OnProbe,
): Promise<Rung> {
  const { startWorker, threads } = context
  const machine = machineOf(context)
  const reason = findAbsences(machine)[name]
  if (reason === null) onProbe(`Probing ${backendTitles[name]}`, 0)
  const outcome: ProbeOutcome =
    reason === null
      ? await probeRung(name, { startWorker, threads, machine, signal })
      : { kind: 'absent', reason }
  const found = judge(new Map([[name, outcome]])).find((rung) => rung.name === name)
  if (found === undefined) throw new RangeError(`The ladder has no rung ${name}`)
  return found
}

function absentOnes(machine: MachineOptions): Map<BackendName, ProbeOutcome> {
  const outcomes = new Map<BackendName, ProbeOutcome>()
  for (const [name, reason] of Object.entries(findAbsences(machine)) as [BackendName, string | null][])
    if (reason !== null) outcomes.set(name, { kind: 'absent', reason })
  return outcomes
}

function isKnownBad({ name, verdict }: Rung): boolean {
  return name !== 'cpu' && (verdict === 'absent' || verdict === 'failed' || verdict === 'wrong')
}

function refusal({ name, reason }: Rung): GradusError {
  return new GradusError(
    'bad-options',
    `${backendTitles[name]} (${name}) cannot train here: ${reason} Choose automatic or cpu.`,
    { backend: name },
  )
}

function openFile({ folders, log }: Pick<ServiceContext, 'folders' | 'log'>): LadderFile {
  return openLadderFile(folders.data, log)
}
