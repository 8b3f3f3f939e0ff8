import { Option, type Command } from 'commander'
import type { SuggestionRow } from '#shared/contract/review.ts'
import type { Ranking, StrategyName } from '#shared/domain/suggestion.ts'
import { wholeNumber } from './optionValues.ts'
import type { Session } from './session.ts'

interface SuggestOptions {
  readonly count: number
  readonly strategy?: StrategyName
  readonly refresh?: true
  readonly json?: true
}

/** `gradus suggest`: the pairs most worth a person's time. */
export function addSuggestCommand(program: Command): void {
  program
    .command('suggest')
    .summary('list the pairs most worth rating')
    .description(
      "List the pairs most worth rating, never from the holdout: unrated ones as the project's strategy chooses them, some drawn at random, and rated ones in doubt that another rater should score.",
    )
    .argument('<project>', 'a .gradus file')
    .option('--count <number>', 'how many, at most', wholeNumber(1, 500), 20)
    .addOption(
      new Option(
        '--strategy <name>',
        'let the project choose pairs by this strategy from now on, and rank anew',
      ).choices([
        'hybrid',
        'random',
        'ensemble-variance',
        'predicted-spread',
        'core-set',
        'igs',
        'lcmd',
        'near-threshold',
      ] satisfies StrategyName[]),
    )
    .option('--refresh', 'rank anew with the model in use, as settings and ratings are now')
    .option('--json', 'print the suggestions as one JSON document')
    .action(suggest)
}

async function suggest(path: string, { count, strategy, refresh, json }: SuggestOptions): Promise<void> {
  const { withProject } = await import('./session.ts')
  const { printResult } = await import('./terminal.ts')
  const { modelInUse } = await import('../services/model/modelInUse.ts')
  await withProject(path, async (session) => {
    const { run } = modelInUse(session.context.session.store())
    if (strategy !== undefined) await session.call('project.configure', { settings: { strategy } })
    if (refresh === true || strategy !== undefined) await rankAnew(session)
    const asked = { offset: 0, limit: count, includeRated: false }
    const { rows, ranking } = await session.call('review.suggestions', asked)
    const document = {
      run: run.number,
      ranking,
      suggestions: rows.map((row) => ({
        rank: row.rank,
        ask: row.ask,
        pair: row.pairId,
        premise: row.premise,
        hypothesis: row.hypothesis,
        ...row.prediction,
        strategy: row.strategy,
        reason: row.reason,
      })),
    }
    await printResult(json === true, document, () => describeSuggestions(rows, ranking))
  })
}

async function rankAnew(session: Session): Promise<void> {
  const { followJob } = await import('./session.ts')
  const { jobId } = await session.call('review.refresh', {})
  await followJob(session, jobId)
}

/** The suggestions for people, with how they came about. */
export function describeSuggestions(
  rows: readonly Pick<
    SuggestionRow,
    'rank' | 'ask' | 'pairId' | 'premise' | 'hypothesis' | 'strategy' | 'reason'
  >[],
  ranking: Ranking | null,
): string {
  const list =
    rows.length === 0
      ? ['Nothing to suggest: every suggestion is rated.']
      : rows.map(({ rank, ask, pairId, premise, hypothesis, strategy, reason }) => {
          const asked = ask === 'new-pair' ? 'new pair' : 'another rating'
          return `${rank}. ${pairId} (${asked}, ${strategy})\n   ${premise}\n   ${hypothesis}\n   ${reason}`
        })
  if (ranking === null) return list.join('\n')
  const { strategy, batchSize, randomShare, remark } = ranking
  const drawn = `${Math.round(100 * randomShare)}% of the new pairs drawn at random`
  const how =
    strategy === 'random'
      ? `Drawn at random, in batches of ${batchSize}.`
      : `Chosen by ${strategy} in batches of ${batchSize}, ${drawn}.`
  return [remark === null ? how : `${how} ${remark}`, '', ...list].join('\n')
}
