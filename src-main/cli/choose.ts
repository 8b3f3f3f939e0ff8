import type { Command } from 'commander'
import type { StrategyName } from '#shared/domain/suggestion.ts'
import { decimal, wholeNumber } from './optionValues.ts'

interface ChooseOptions {
  readonly strategy?: string
  readonly batch?: number
  readonly randomShare?: number
  readonly retrainAfter?: number | 'off'
  readonly json?: true
}

const ratingsOrOff = (text: string): number | 'off' => (text === 'off' ? text : wholeNumber(5, 1000)(text))

/** `gradus choose`: how pairs are chosen for people. */
export function addChooseCommand(program: Command): void {
  program
    .command('choose')
    .summary('say how pairs are chosen, and when to train again')
    .description(
      'Show how a project chooses pairs for people, or decide it. Pairs drawn at random are what chosen ones are ' +
        'compared with: without them nobody can tell what choosing gains.',
    )
    .argument('<project>', 'a .gradus file')
    .option('--strategy <name>', 'what chooses')
    .option('--batch <pairs>', 'pairs in a batch, 5 to 100', wholeNumber(5, 100))
    .option('--random-share <share>', 'share of each batch drawn at random, 0 to 0.9', decimal(0, 0.9))
    .option(
      '--retrain-after <ratings>',
      'new ratings after which the open window trains by itself, 5 to 1000, or off',
      ratingsOrOff,
    )
    .option('--json', 'print the settings as one JSON document')
    .action(choose)
}

async function choose(path: string, options: ChooseOptions): Promise<void> {
  const { batch: batchSize, randomShare, retrainAfter, json } = options
  const { strategyDescriptions } = await import('#shared/domain/suggestion.ts')
  const { withProject } = await import('./session.ts')
  const { printResult } = await import('./terminal.ts')
  const strategy = options.strategy === undefined ? undefined : await readStrategy(options.strategy)
  const wanted = {
    ...(strategy === undefined ? {} : { strategy }),
    ...(batchSize === undefined ? {} : { batchSize }),
    ...(randomShare === undefined ? {} : { randomShare }),
    ...(retrainAfter === undefined ? {} : { retrainAfter: retrainAfter === 'off' ? null : retrainAfter }),
  }
  await withProject(path, async ({ call }) => {
    if (Object.keys(wanted).length > 0) await call('project.configure', { settings: wanted })
    const overview = await call('project.current', {})
    if (overview === null) throw new Error('The project that was opened is not open.')
    const { settings } = overview
    const present = {
      strategy: settings.strategy,
      batchSize: settings.batchSize,
      randomShare: settings.randomShare,
      retrainAfter: settings.retrainAfter,
    }
    await printResult(json === true, present, () =>
      [
        `Strategy: ${present.strategy}. ${strategyDescriptions[present.strategy]}`,
        `Batches of ${present.batchSize} pairs, ${(present.randomShare * 100).toFixed(0)}% of them drawn at random.`,
        present.retrainAfter === null
          ? 'Trained only when somebody asks for it.'
          : `Trained by itself after ${present.retrainAfter} new ratings, while the project is open in a window.`,
      ].join('\n'),
    )
  })
}

/** @throws GradusError `bad-options` where there is no strategy of this name. */
async function readStrategy(name: string): Promise<StrategyName> {
  const { GradusError } = await import('#shared/contract/errors.ts')
  const { strategyName } = await import('#shared/domain/suggestion.ts')
  const { data } = strategyName.safeParse(name)
  if (data !== undefined) return data
  throw new GradusError(
    'bad-options',
    `There is no strategy ${name}: name one of ${strategyName.options.join(', ')}.`,
  )
}
