import type { Command } from 'commander'

/** `gradus split-work` and `gradus merge`: raters at machines of their own. */
export function addWorkCommands(program: Command): void {
  program
    .command('split-work')
    .summary('write a file for each rater to work in elsewhere')
    .description(
      'Write a project file for each rater, with the pairs they are to rate and nobody else’s ratings. They open it on ' +
        'their own machine; "gradus merge" brings their ratings back.',
    )
    .argument('<project>', 'a .gradus file')
    .option(
      '--rater <name>',
      'for whom; may be given several times (all raters who are not set aside)',
      collect,
      [],
    )
    .requiredOption('--to <folder>', 'where the files go; it must be there')
    .option('--json', 'print the files as one JSON document')
    .action(splitWork)
  program
    .command('merge')
    .summary('bring ratings back from the files of raters')
    .description(
      'Bring the ratings back from files made by "gradus split-work". The order does not matter, and a file can be merged ' +
        'as often as one likes: only what is new is added.',
    )
    .argument('<project>', 'the .gradus file that the work was split off')
    .argument('<files...>', 'files made by split-work')
    .option('--json', 'print what was added as one JSON document')
    .action(merge)
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value]
}

async function splitWork(
  path: string,
  { rater: names, to, json }: { rater: readonly string[]; to: string; json?: true },
): Promise<void> {
  const { GradusError } = await import('#shared/contract/errors.ts')
  const { userPath, withProject } = await import('./session.ts')
  const { printResult } = await import('./terminal.ts')
  await withProject(path, async ({ context, call }) => {
    const { raters } = await call('plan.read', {})
    const wanted =
      names.length === 0
        ? raters.filter(({ setAside }) => !setAside)
        : names.map((name) => {
            const found = raters.find((rater) => rater.name.toLowerCase() === name.toLowerCase())
            if (found === undefined)
              throw new GradusError(
                'not-found',
                `There is no rater ${name}: there are ${raters.map((rater) => rater.name).join(', ') || 'none'}.`,
              )
            return found
          })
    if (wanted.length === 0)
      throw new GradusError('nothing-to-do', 'The project has no rater to split work for: add some first.')
    const folderToken = context.files.allow(userPath(to))
    const { files } = await call('work.split', {
      raterIds: wanted.map(({ raterId }) => raterId),
      folderToken,
    })
    await printResult(json === true, { files }, () =>
      files.map(({ rater, fileName, pairs }) => `${rater}: ${fileName}, ${pairs} pairs`).join('\n'),
    )
  })
}

async function merge(path: string, files: readonly string[], { json }: { json?: true }): Promise<void> {
  const { userFile, withProject } = await import('./session.ts')
  const { printResult } = await import('./terminal.ts')
  await withProject(path, async ({ context, call }) => {
    const fileTokens = files.map((file) =>
      context.files.allow(userFile(file, 'name a file made by "gradus split-work"')),
    )
    const merged = await call('work.merge', { fileTokens })
    await printResult(json === true, merged, () =>
      merged.files
        .map(({ fileName, rater, added, known, leftOut }) => {
          const without = leftOut === 0 ? '' : `, ${leftOut} of pairs that are not in the project left out`
          return `${fileName}: ${added} new ratings of ${rater}, ${known} known${without}`
        })
        .join('\n'),
    )
  })
}
