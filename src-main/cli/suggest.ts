import type { Command } from 'commander'
import { wholeNumber } from './optionValues.ts'

/** `gradus suggest`: the unrated pairs most worth a person's time. */
export function addSuggestCommand(program: Command): void {
  program
    .command('suggest')
    .summary('list the unrated pairs most worth rating')
    .description(
      'List the unrated pairs that the heads of the model in use differ on most, never from the holdout.',
    )
    .argument('<project>', 'a .gradus file')
    .option('--count <number>', 'how many, at most', wholeNumber(1, 500), 20)
    .option('--json', 'print the suggestions as one JSON document')
    .action(suggest)
}

async function suggest(path: string, { count, json }: { count: number; json?: true }): Promise<void> {
  const { withProject } = await import('./session.ts')
  const { printResult } = await import('./terminal.ts')
  const { modelInUse } = await import('../services/model/modelInUse.ts')
  await withProject(path, async ({ context, call }) => {
    const { run } = modelInUse(context.session.store())
    const { rows } = await call('review.suggestions', { offset: 0, limit: count, includeRated: false })
    const document = {
      run: run.number,
      suggestions: rows.map(({ rank, pairId, premise, hypothesis, prediction, strategy, reason }) => ({
        rank,
        pair: pairId,
        premise,
        hypothesis,
        ...prediction,
        strategy,
        reason,
      })),
    }
    await printResult(json === true, document, () =>
      rows.length === 0
        ? 'Nothing to suggest: every pair outside the holdout is rated.'
        : rows
            .map(
              ({ rank, pairId, premise, hypothesis, reason }) =>
                `${rank}. ${pairId}\n   ${premise}\n   ${hypothesis}\n   ${reason}`,
            )
            .join('\n'),
    )
  })
}
