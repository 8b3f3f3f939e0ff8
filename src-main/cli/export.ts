import { statSync } from 'node:fs'
import { Argument, type Command } from 'commander'
import type { ExportKind } from '#shared/contract/exports.ts'

/** `gradus export`: the dataset or the weights, as files. */
export function addExportCommand(program: Command): void {
  program
    .command('export')
    .summary('write the dataset or the weights into a folder')
    .description(
      'Write the dataset (every rating, and one row per pair with its consensus, as JSON Lines and CSV) or the weights ' +
        'of the model in use (safetensors, config.json, ONNX) into a folder. The same project gives the same bytes.',
    )
    .argument('<project>', 'a .gradus file')
    .addArgument(
      new Argument('<what>', 'what to write').choices(['dataset', 'weights'] satisfies ExportKind[]),
    )
    .requiredOption('--to <folder>', 'the folder to write into; made where it is missing')
    .option('--json', 'print the written files as one JSON document')
    .action(exportFiles)
}

async function exportFiles(
  path: string,
  kind: ExportKind,
  options: { readonly to: string; readonly json?: true },
): Promise<void> {
  const { followJob, userPath, withProject } = await import('./session.ts')
  const { formatTable, printResult } = await import('./terminal.ts')
  const { GradusError } = await import('#shared/contract/errors.ts')
  const folder = userPath(options.to)
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === false)
    throw new GradusError('bad-options', `${options.to} is a file, not a folder: choose another one.`)
  await withProject(path, async (session) => {
    const folderToken = session.context.files.allow(folder)
    const { jobId } = await session.call('exports.start', { kind, folderToken })
    const { detail } = await followJob(session, jobId)
    if (detail.kind !== 'export') throw new Error('An export ended as another kind of job.')
    const files = detail.files.map(({ name, bytes, sha256 }) => ({ name, bytes, sha256 }))
    await printResult(options.json === true, { kind, folder, files }, () =>
      formatTable([
        [folder, 'bytes', 'sha256'],
        ...files.map(({ name, bytes, sha256 }) => [name, String(bytes), sha256.slice(0, 12)]),
      ]),
    )
  })
}
