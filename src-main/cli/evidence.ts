import type { Command } from 'commander'

/** `gradus evidence`: what labels are worth. */
export function addEvidenceCommand(program: Command): void {
  program
    .command('evidence')
    .summary('measure what labels are worth')
    .description(
      'Measure what labels are worth, on the holdout: the learning curve, chosen pairs against random ones, labels saved so ' +
        'far, what more labels would give, and whether to stop; with 95% intervals.',
    )
    .argument('<project>', 'a .gradus file')
    .option('--json', 'print the figures as one JSON document')
    .action(measure)
}

async function measure(path: string, { json }: { readonly json?: true }): Promise<void> {
  const { followJob, withProject } = await import('./session.ts')
  const { printResult } = await import('./terminal.ts')
  const { formatEvidence } = await import('./evidenceText.ts')
  await withProject(path, async (session) => {
    const { jobId } = await session.call('evidence.measure', {})
    await followJob(session, jobId)
    const { report, pace } = await session.call('evidence.read', {})
    if (report === null) throw new Error('A finished measuring left no report.')
    await printResult(json === true, { ...report, pace }, () => formatEvidence(report, pace))
  })
}
