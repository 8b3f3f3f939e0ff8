import { basename } from 'node:path'
import type { Command } from 'commander'
import { decimal } from './optionValues.ts'

interface NewOptions {
  readonly title?: string
  readonly lowLabel?: string
  readonly highLabel?: string
  readonly holdoutShare?: number
  readonly json?: true
}

/** `gradus new`: an empty project file. */
export function addNewCommand(program: Command): void {
  program
    .command('new')
    .summary('make a project')
    .description('Make an empty project. A file that is there already is left alone.')
    .argument('<project>', 'the file to make; its name ends in .gradus')
    .option('--title <title>', 'what the project is called (the name of the file)')
    .option('--low-label <words>', 'the end of the scale at 0 (unrelated)')
    .option('--high-label <words>', 'the end of the scale at 1 (equivalent)')
    .option(
      '--holdout-share <share>',
      'share of premises kept as holdout where an import declares none (0.15)',
      decimal(0, 0.5),
    )
    .option('--json', 'print the project as one JSON document')
    .action(makeProject)
}

async function makeProject(path: string, options: NewOptions): Promise<void> {
  const { GradusError } = await import('#shared/contract/errors.ts')
  const { projectSettings } = await import('#shared/domain/project.ts')
  const { createProjectFile } = await import('../services/projects/projects.ts')
  const { projectSuffix } = await import('../services/projects/projectFileName.ts')
  const { userPath } = await import('./session.ts')
  const { printResult } = await import('./terminal.ts')
  const file = userPath(path)
  if (!file.endsWith(projectSuffix))
    throw new GradusError(
      'bad-options',
      `The name of a project ends in ${projectSuffix}: write ${path}${projectSuffix}.`,
    )
  const title = (options.title ?? basename(file, projectSuffix)).trim()
  if (title === '' || title.length > 120)
    throw new GradusError('bad-options', 'A title has 1 to 120 characters: give another one with --title.')
  const { lowLabel, highLabel, holdoutShare } = options
  const chosen = projectSettings.partial().safeParse({
    ...(lowLabel === undefined ? {} : { lowLabel }),
    ...(highLabel === undefined ? {} : { highLabel }),
    ...(holdoutShare === undefined ? {} : { holdoutShare }),
  })
  if (!chosen.success)
    throw new GradusError(
      'bad-options',
      'The words at an end of the scale have 1 to 60 characters: give other ones.',
    )
  const store = createProjectFile(file, title)
  try {
    const { id, settings } = store.project.read()
    store.project.writeSettings(projectSettings.parse({ ...settings, ...chosen.data }))
    await printResult(options.json === true, { project: id, title, file }, () => `Made ${file}.`)
  } finally {
    store.close()
  }
}
