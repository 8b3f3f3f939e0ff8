import { statSync } from 'node:fs'
import type { Command } from 'commander'

/** `gradus agreement`: how far raters agree. */
export function addAgreementCommand(program: Command): void {
  program
    .command('agreement')
    .summary('measure how far raters agree')
    .description(
      "Measure how far raters agree: Krippendorff's α, intraclass correlations, each rater against the others, what more " +
        'raters would buy, and what other rules would do to the consensus; with 95% intervals over pairs.',
    )
    .argument('<project>', 'a .gradus file')
    .option('--csv <folder>', 'also write every table as CSV into this folder; made where it is missing')
    .option('--json', 'print the figures as one JSON document')
    .action(measure)
}

interface AgreementOptions {
  readonly csv?: string
  readonly json?: true
}

async function measure(path: string, { csv, json }: AgreementOptions): Promise<void> {
  const { followJob, userPath, withProject } = await import('./session.ts')
  const { note, printResult } = await import('./terminal.ts')
  const { formatAgreement } = await import('./agreementText.ts')
  const { GradusError } = await import('#shared/contract/errors.ts')
  const folder = csv === undefined ? null : userPath(csv)
  if (folder !== null && statSync(folder, { throwIfNoEntry: false })?.isDirectory() === false)
    throw new GradusError('bad-options', `${csv ?? ''} is a file, not a folder: choose another one.`)
  await withProject(path, async (session) => {
    const { overlapping } = await session.call('agreement.report', {})
    if (overlapping > 0) {
      const { jobId } = await session.call('agreement.intervals', {})
      await followJob(session, jobId)
    }
    const report = await session.call('agreement.report', {})
    if (folder !== null) {
      const folderToken = session.context.files.allow(folder)
      const { jobId } = await session.call('agreement.export', { folderToken })
      const { detail } = await followJob(session, jobId)
      if (detail.kind === 'export') note(`${detail.files.length} tables are in ${folder}.`)
    }
    await printResult(json === true, report, () => formatAgreement(report))
  })
}
