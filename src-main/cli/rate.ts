import { Option, type Command } from 'commander'
import { confidenceWords, type CannotJudgeReason } from '#shared/domain/rating.ts'
import { parseRange } from './fileOptions.ts'
import { decimal, textOfLength } from './optionValues.ts'
import type { RateOptions } from './ratings.ts'

/** `gradus rate`: on a terminal pair by pair; else one given rating, or JSON Lines on stdin. */
export function addRateCommand(program: Command): void {
  program
    .command('rate')
    .summary('score pairs, one by one or from stdin')
    .description(
      'Score pairs. On a terminal it shows one pair at a time and asks; with --pair it stores one rating; otherwise ' +
        'it reads JSON Lines from stdin, such as {"pair":"…","score":0.7}, {"pair":"…","low":0.2,"high":0.5} or ' +
        '{"pair":"…","cannotJudge":"needs-context"}, each with a "note" if wanted, and where the project asks for it with ' +
        'a "confidence". A pair is named by its id, or by ' +
        'the id it was imported with.',
    )
    .argument('<project>', 'a .gradus file')
    .requiredOption(
      '--rater <name>',
      'who rates; made where the project has no such rater',
      textOfLength(1, 80),
    )
    .option('--pair <id>', 'the pair to rate')
    .addOption(
      new Option('--score <number>', 'from 0 to 1')
        .argParser(decimal(0, 1))
        .conflicts(['range', 'cannotJudge']),
    )
    .addOption(
      new Option('--range <low..high>', 'a range within 0..1').argParser(parseRange).conflicts('cannotJudge'),
    )
    .addOption(
      new Option('--cannot-judge <reason>', 'no score, and why').choices([
        'not-understandable',
        'needs-context',
        'outside-my-knowledge',
        'other',
      ] satisfies CannotJudgeReason[]),
    )
    .addOption(
      new Option('--confidence <words>', 'how sure the rater is, where the project asks')
        .choices(confidenceWords)
        .conflicts('cannotJudge'),
    )
    .option('--note <text>', 'a remark kept with the rating', textOfLength(0, 4000))
    .addOption(
      new Option(
        '--queue <queue>',
        "the rater's own random order, or the model's suggestions: what a terminal shows, and why else a suggested pair counts as rated",
      )
        .choices(['order', 'review'])
        .default('order'),
    )
    .option('--json', 'print what was stored as one JSON document')
    .action(rate)
}

async function rate(path: string, options: RateOptions): Promise<void> {
  const { withProject } = await import('./session.ts')
  const { printResult } = await import('./terminal.ts')
  const { findRater, readGivenRating, readRatings, storeRating } = await import('./ratings.ts')
  await withProject(path, async (session) => {
    const raterId = await findRater(session, options.rater)
    if (options.pair === undefined && process.stdin.isTTY && options.json !== true) {
      const { rateOnTerminal } = await import('./rateOnTerminal.ts')
      await rateOnTerminal(session, raterId, options.queue)
      return
    }
    const stored: { pair: string; rating: string }[] = []
    const given = options.pair === undefined ? readRatings(process.stdin) : [readGivenRating(options)]
    for await (const rating of given)
      stored.push(await storeRating(session, raterId, rating, stored.length, options.queue))
    await printResult(options.json === true, { rater: options.rater, ratings: stored }, () =>
      stored.length === 1 ? 'Stored 1 rating.' : `Stored ${stored.length} ratings.`,
    )
  })
}
