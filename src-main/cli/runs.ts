import type { Command } from 'commander'
import type { Run } from '#shared/domain/run.ts'
import { addCompareRunsCommand } from './compareRuns.ts'
import { textOfLength, wholeNumber } from './optionValues.ts'
import type { Session } from './session.ts'

interface JsonOption {
  readonly json?: true
}

const runNumber = wholeNumber(1, Number.MAX_SAFE_INTEGER)

/** `gradus runs`: what was trained, and what becomes of it. */
export function addRunsCommand(program: Command): void {
  const runs = program
    .command('runs')
    .summary('list, compare, name, restore and bin runs')
    .description('List the runs of a project (gradus runs <project>), or change one of them.')
  runs
    .command('list', { isDefault: true })
    .summary('list the runs, newest first')
    .description('List the runs of a project, newest first. Those in the bin are marked.')
    .argument('<project>', 'a .gradus file')
    .option('--json', 'print the runs as one JSON document')
    .action(list)
  addCompareRunsCommand(runs)
  ofOneRun(runs, 'restore', "make an earlier run the project's model again").action(restore)
  ofOneRun(runs, 'name', 'give a run a name')
    .argument('[name]', 'without it the run loses its name', textOfLength(0, 80))
    .action((path: string, number: number, name: string | undefined, options: JsonOption) =>
      change(path, number, options, (session, { id: runId }) =>
        session.call('train.rename', { runId, name: name === undefined || name === '' ? null : name }),
      ),
    )
  ofOneRun(runs, 'pin', 'keep a run from the bin').action(
    changer((session, { id: runId }) => session.call('train.pin', { runId, pinned: true })),
  )
  ofOneRun(runs, 'unpin', 'let a run go into the bin again').action(
    changer((session, { id: runId }) => session.call('train.pin', { runId, pinned: false })),
  )
  ofOneRun(runs, 'bin', 'put a run into the bin').action(
    changer((session, { id: runId }) => session.call('train.bin', { runId })),
  )
  ofOneRun(runs, 'unbin', 'take a run back from the bin').action(
    changer((session, { id: runId }) => session.call('train.takeFromBin', { runId })),
  )
  runs
    .command('empty-bin')
    .summary('delete the runs in the bin for good')
    .description('Delete the runs in the bin, with their weights, for good.')
    .argument('<project>', 'a .gradus file')
    .requiredOption('--title <title>', "the project's title, as a confirmation")
    .option('--json', 'print how many were deleted as one JSON document')
    .action(emptyBin)
}

/** A command about one run. */
function ofOneRun(runs: Command, name: string, summary: string): Command {
  return runs
    .command(name)
    .summary(summary)
    .description(`${summary[0]?.toUpperCase() ?? ''}${summary.slice(1)}.`)
    .argument('<project>', 'a .gradus file')
    .argument('<run>', "the run's number", runNumber)
    .option('--json', 'print the run as one JSON document')
}

/** The run of this number. @throws GradusError `not-found`. */
async function findRun(session: Session, number: number): Promise<Run> {
  const { GradusError } = await import('#shared/contract/errors.ts')
  const runs = await session.call('train.runs', {})
  const run = runs.find((known) => known.number === number)
  if (run === undefined)
    throw new GradusError('not-found', `There is no run ${number}: "gradus runs" lists those there are.`)
  return run
}

/** What one run is, in short. */
function toDocument(run: Run): object {
  const { number, name, status, pinned, inUse, binnedAt, labelledPairs, configuration, report } = run
  const { createdAt, failure, resumable } = run
  return {
    number,
    name,
    status,
    pinned,
    inUse,
    inBin: binnedAt !== null,
    resumable,
    labels: labelledPairs,
    used: report?.used ?? null,
    holdout: report?.holdout?.used ?? null,
    seed: configuration.seed,
    backend: report?.backend.name ?? null,
    seconds: report === null ? null : secondsOf(report.seconds),
    createdAt,
    failure,
  }
}

function secondsOf(seconds: Record<string, number>): number {
  return Object.values(seconds).reduce((sum, part) => sum + part, 0)
}

function stateOf({ status, inUse, pinned, binnedAt }: Run): string {
  const state = inUse ? 'in use' : binnedAt === null ? status : `${status}, in the bin`
  return pinned ? `${state}, pinned` : state
}

function toRow(run: Run): string[] {
  const { number, name, labelledPairs, configuration, report, createdAt } = run
  const pearson = report?.holdout?.used.pearson
  return [
    `${number}`,
    stateOf(run),
    `${labelledPairs}`,
    report?.used ?? '-',
    pearson == null ? '-' : pearson.value.toFixed(3),
    `${configuration.seed}`,
    report?.backend.name ?? '-',
    report === null ? '-' : `${secondsOf(report.seconds).toFixed(1)} s`,
    createdAt.slice(0, 16).replace('T', ' '),
    name ?? '',
  ]
}

async function list(path: string, { json }: JsonOption): Promise<void> {
  const { withProject } = await import('./session.ts')
  const { formatTable, printResult } = await import('./terminal.ts')
  await withProject(path, async ({ call }) => {
    const runs = await call('train.runs', {})
    const head = ['run', 'status', 'labels', 'used', 'holdout r', 'seed', 'back end', 'time', 'when', 'name']
    await printResult(json === true, { runs: runs.map(toDocument) }, () =>
      runs.length === 0 ? 'No run yet: "gradus train" makes one.' : formatTable([head, ...runs.map(toRow)]),
    )
  })
}

type Change = (session: Session, run: Run) => Promise<Run>

function changer(make: Change): (path: string, number: number, options: JsonOption) => Promise<void> {
  return (path, number, options) => change(path, number, options, make)
}

/** Changes one run and says how it is now. */
async function change(path: string, number: number, { json }: JsonOption, make: Change): Promise<void> {
  const { withProject } = await import('./session.ts')
  const { printResult } = await import('./terminal.ts')
  await withProject(path, async (session) => {
    const changed = await make(session, await findRun(session, number))
    await printResult(json === true, toDocument(changed), () => describe(changed))
  })
}

function describe(run: Run): string {
  return `Run ${run.number}${run.name === null ? '' : ` "${run.name}"`}: ${stateOf(run)}.`
}

async function restore(path: string, number: number, { json }: JsonOption): Promise<void> {
  const { followJob, withProject } = await import('./session.ts')
  const { printResult } = await import('./terminal.ts')
  await withProject(path, async (session) => {
    const { id: runId } = await findRun(session, number)
    const { jobId } = await session.call('train.restore', { runId })
    await followJob(session, jobId)
    const restored = await findRun(session, number)
    await printResult(json === true, toDocument(restored), () => describe(restored))
  })
}

async function emptyBin(path: string, { title, json }: JsonOption & { title: string }): Promise<void> {
  const { withProject } = await import('./session.ts')
  const { printResult } = await import('./terminal.ts')
  await withProject(path, async ({ call }) => {
    const emptied = await call('train.emptyBin', { typed: title })
    await printResult(json === true, emptied, () =>
      emptied.deleted === 1 ? 'Deleted 1 run.' : `Deleted ${emptied.deleted} runs.`,
    )
  })
}
