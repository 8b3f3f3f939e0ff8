import { Option, type Command } from 'commander'
import type { SettlingKind, SettlingRow } from '#shared/contract/settling.ts'
import { wholeNumber } from './optionValues.ts'

interface DisagreementOptions {
  readonly limit: number
  readonly kind: SettlingKind
  readonly settled?: true
  readonly json?: true
}

/** `gradus disagreements`: the pairs most worth settling. */
export function addDisagreementsCommand(program: Command): void {
  program
    .command('disagreements')
    .summary('list the pairs that people, or people and the model, disagree on')
    .description(
      'List the pairs most worth settling: two camps, wide spreads and outliers among the raters, disputed scores, and ' +
        'a model far from what people say. Settled pairs come back once they are rated again.',
    )
    .argument('<project>', 'a .gradus file')
    .option('--limit <number>', 'how many, at most', wholeNumber(1, 500), 20)
    .addOption(
      new Option('--kind <kind>', 'only those of one kind')
        .choices(['any', 'one-outlier', 'two-camps', 'wide', 'agree'] satisfies SettlingKind[])
        .default('any'),
    )
    .option('--settled', 'list settled ones, too')
    .option('--json', 'print the pairs as one JSON document')
    .action(listDisagreements)
}

function toDocument(row: SettlingRow): unknown {
  const { pairId, externalId, premise, hypothesis, kind, weight, reasons, scores, consensus } = row
  return {
    pair: pairId,
    externalId,
    premise,
    hypothesis,
    kind,
    weight,
    reasons,
    ratings: scores.map(({ raterName, score, range }) => ({ rater: raterName, score, range })),
    consensus,
    predicted: row.prediction?.score ?? null,
    settled:
      row.settled === null
        ? null
        : { kind: row.settled.kind, by: row.settled.decidedByName, reason: row.settled.reason },
  }
}

async function listDisagreements(path: string, options: DisagreementOptions): Promise<void> {
  const { withProject } = await import('./session.ts')
  const { printResult } = await import('./terminal.ts')
  await withProject(path, async ({ call }) => {
    const { total, rows, counts } = await call('settling.queue', {
      offset: 0,
      limit: options.limit,
      kind: options.kind,
      includeSettled: options.settled === true,
    })
    const document = { total, counts, disagreements: rows.map(toDocument) }
    await printResult(options.json === true, document, () => {
      if (rows.length > 0)
        return [
          ...rows.map(
            ({ position, pairId, premise, hypothesis, reasons, settled }) =>
              `${position + 1}. ${pairId}${settled === null ? '' : ` (${settled.kind})`}\n   ${premise}\n   ${hypothesis}\n   ${reasons.join('; ')}`,
          ),
          `${rows.length} of ${total}.`,
        ].join('\n')
      return counts.compared === 0
        ? 'Nothing to compare yet: it takes scores of two raters on the same pair, a dispute, or a model far from a score.'
        : `Nothing to settle. Pairs with scores of two raters or more: ${counts.compared}; settled: ${counts.settled}.`
    })
  })
}
