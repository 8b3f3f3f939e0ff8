import type { Command } from 'commander'
import { decimal, textOfLength } from './optionValues.ts'

interface GoldOptions {
  readonly pair?: string
  readonly score?: number
  readonly tolerance: number
  readonly explanation: string
  readonly remove?: string
  readonly json?: true
}

/** `gradus gold`: pairs whose right score is known. */
export function addGoldCommand(program: Command): void {
  program
    .command('gold')
    .summary('list, add and remove gold pairs')
    .description('Show the pairs whose right score is known, or make a pair gold: everybody rates those.')
    .argument('<project>', 'a .gradus file')
    .option('--pair <id>', 'the pair to make gold, by its id or the one it was imported with')
    .option('--score <number>', 'its right score, from 0 to 1', decimal(0, 1))
    .option('--tolerance <number>', 'scores at most this far from it are right', decimal(0, 1), 0.1)
    .option('--explanation <text>', 'why, for raters who are told', textOfLength(0, 2000), '')
    .option('--remove <id>', 'a pair that is gold no more')
    .option('--json', 'print the gold pairs as one JSON document')
    .action(gold)
}

async function gold(path: string, options: GoldOptions): Promise<void> {
  const { GradusError } = await import('#shared/contract/errors.ts')
  const { withProject } = await import('./session.ts')
  const { printResult } = await import('./terminal.ts')
  const { findPair } = await import('./ratings.ts')
  await withProject(path, async (session) => {
    const { call } = session
    const { pair, score, tolerance, explanation, remove, json } = options
    if (pair !== undefined) {
      if (score === undefined) throw new GradusError('bad-options', 'Give the right score with --score.')
      await call('settling.gold', {
        pairId: findPair(session, pair),
        gold: { score, tolerance, explanation },
      })
    }
    if (remove !== undefined) await call('settling.gold', { pairId: findPair(session, remove), gold: null })
    const { gold: rows } = await call('plan.read', {})
    await printResult(json === true, { gold: rows }, () =>
      rows.length === 0
        ? 'No pair is gold.'
        : rows
            .map(
              ({ pairId, premise, hypothesis, score: right, tolerance: off }) =>
                `${pairId}  ${right.toFixed(2)} ± ${off.toFixed(2)}\n   ${premise}\n   ${hypothesis}`,
            )
            .join('\n'),
    )
  })
}
