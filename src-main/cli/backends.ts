import type { Command } from 'commander'
import type { Ladder } from '#shared/contract/backends.ts'

/** `gradus backends`: what heads can be trained on here, and how fast. */
export function addBackendsCommand(program: Command): void {
  program
    .command('backends')
    .summary('list what the heads can be trained on')
    .description('List what the heads can be trained on, in the order tried, with verdict, reason and time.')
    .option('--probe', 'probe each of them anew, which takes seconds')
    .option('--json', 'print the list as one JSON document')
    .action(listBackends)
}

async function listBackends({ probe, json }: { probe?: true; json?: true }): Promise<void> {
  const { followJob, withBackend } = await import('./session.ts')
  const { printResult } = await import('./terminal.ts')
  await withBackend(async (session) => {
    if (probe === true) await followJob(session, (await session.call('backends.probe', {})).jobId)
    const ladder = await session.call('backends.list', {})
    await printResult(json === true, ladder, () => describeLadder(ladder))
  })
}

/** One line for each rung. */
function describeLadder({ rungs, choice, inUse }: Ladder): string {
  const lines = rungs.map(({ name, verdict, reason, millisecondsPerStep }) => {
    const time = millisecondsPerStep === null ? '' : `${millisecondsPerStep.toFixed(2)} ms`
    return `${name.padEnd(15)}${verdict.padEnd(9)}${time.padStart(12)}  ${reason}`
  })
  const why = choice === 'automatic' ? 'chosen automatically' : 'as chosen in Settings'
  return [...lines, `In use: ${inUse}, ${why}. Times are of one step of the default heads.`].join('\n')
}
