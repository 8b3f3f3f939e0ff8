import { Option, type Command } from 'commander'
import { GradusError } from '#shared/contract/errors.ts'
import type { MadeChoice } from '#shared/contract/settling.ts'
import { decimal, textOfLength } from './optionValues.ts'

interface SettleOptions {
  readonly pair: string
  readonly by: string
  readonly reason: string
  readonly adjudicate?: number
  readonly ambiguous?: true
  readonly reopen?: true
  readonly bin?: true
  readonly restore?: true
  readonly json?: true
}

const decisions = ['adjudicate', 'ambiguous', 'reopen', 'bin', 'restore'] as const

/** `gradus settle`: decides about one pair. */
export function addSettleCommand(program: Command): void {
  const option = (flags: string, about: string): Option => {
    const made = new Option(flags, about)
    return made.conflicts(decisions.filter((name) => name !== made.attributeName()))
  }
  program
    .command('settle')
    .summary('settle a pair that people disagree on')
    .description(
      'Decide about one pair: give it a settled score, accept its spread, reopen it, or put it into the bin and back. ' +
        'Ratings stay as they are, and a later decision takes the place of this one.',
    )
    .argument('<project>', 'a .gradus file')
    .requiredOption('--pair <id>', 'its id, or the id it was imported with')
    .requiredOption('--by <name>', 'who decides: a rater of the project', textOfLength(1, 80))
    .requiredOption('--reason <text>', 'why', textOfLength(1, 2000))
    .addOption(option('--adjudicate <score>', 'the settled score, from 0 to 1').argParser(decimal(0, 1)))
    .addOption(option('--ambiguous', 'more raters would not remove this spread'))
    .addOption(option('--reopen', 'neither settled nor accepted any more'))
    .addOption(option('--bin', 'out of every list, with its ratings'))
    .addOption(option('--restore', 'out of the bin'))
    .option('--json', 'print the decision as one JSON document')
    .action(settle)
}

/** @throws GradusError `bad-options` where nothing is to be decided. */
function toChoice({ adjudicate, ambiguous, reopen, bin, restore }: SettleOptions): MadeChoice {
  if (adjudicate !== undefined) return { kind: 'adjudicated', score: adjudicate }
  if (ambiguous === true) return { kind: 'ambiguous' }
  if (reopen === true) return { kind: 'reopened' }
  if (bin === true) return { kind: 'binned' }
  if (restore === true) return { kind: 'restored' }
  throw new GradusError(
    'bad-options',
    'Say what is decided: --adjudicate SCORE, --ambiguous, --reopen, --bin or --restore.',
  )
}

async function settle(path: string, options: SettleOptions): Promise<void> {
  const choice = toChoice(options)
  const { withProject } = await import('./session.ts')
  const { printResult } = await import('./terminal.ts')
  await withProject(path, async ({ context, call }) => {
    const store = context.session.store()
    const rater = store.raters.byName(options.by)
    if (rater === null)
      throw new GradusError('not-found', `No rater of this project is called "${options.by}".`)
    const pairId =
      (store.pairs.byId(options.pair) ?? store.pairs.byExternalId(options.pair))?.id ??
      store.decisions.findBinned(options.pair)
    if (pairId === null)
      throw new GradusError('not-found', `No pair of this project has the id "${options.pair}".`)
    const { reason } = options
    const { decision, told } = await call('settling.decide', { pairId, decidedBy: rater.id, reason, choice })
    await printResult(options.json === true, { decision, told }, () => told)
  })
}
