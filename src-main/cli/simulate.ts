import { join } from 'node:path'
import { InvalidArgumentError, type Command } from 'commander'
import type { ReplayReference } from '#shared/domain/replay.ts'
import type { StrategyName } from '#shared/domain/suggestion.ts'
import { decimal, wholeNumber } from './optionValues.ts'

interface SimulateOptions {
  readonly strategies?: readonly string[]
  readonly seeds: number
  readonly start: number
  readonly batch: number
  readonly to: number
  readonly randomShare: number
  readonly threshold: number
  readonly out: string
  readonly processes?: number
  readonly json?: true
}

/** `gradus simulate`: what strategies would have done with the labels that a project has. */
export function addSimulateCommand(program: Command): void {
  program
    .command('simulate')
    .summary('replay the labels of a project with several strategies')
    .description(
      'Replay the labels of a project as if they were bought batch by batch, chosen by several strategies, and judge a quick model on the holdout after each. Finished parts are kept, so the same command goes on after Ctrl+C.',
    )
    .argument('<project>', 'a .gradus file')
    .option('--strategies <names>', 'which, with commas between (all)', names)
    .option('--seeds <count>', 'replays of each strategy', wholeNumber(1, 100), 10)
    .option('--start <labels>', 'labels drawn at random at first', wholeNumber(3, 10_000), 20)
    .option('--batch <labels>', 'labels chosen at once', wholeNumber(1, 10_000), 20)
    .option('--to <labels>', 'labels at the end', wholeNumber(4, 20_000), 1000)
    .requiredOption('--out <folder>', 'where curves.csv, curves.svg and replay.json are put')
    .option('--random-share <share>', 'share of each batch that is drawn at random', decimal(0, 1), 0)
    .option('--threshold <score>', 'the score that near-threshold looks around', decimal(0, 1), 0.5)
    .option('--processes <count>', 'processes side by side (one a processor)', wholeNumber(1, 64))
    .option('--json', 'print the summary as one JSON document')
    .action(simulate)
}

function names(text: string): string[] {
  const found = text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
  if (found.length === 0) throw new InvalidArgumentError('Give at least one name.')
  return [...new Set(found)]
}

async function simulate(path: string, options: SimulateOptions): Promise<void> {
  const { GradusError } = await import('#shared/contract/errors.ts')
  const { summariseReplay } = await import('#shared/domain/replay.ts')
  const { askedCells } = await import('#shared/domain/replayPlan.ts')
  const { replayVerdict } = await import('#shared/domain/replayWords.ts')
  const { userPath, withProject } = await import('./session.ts')
  const { createProgressLine, formatTable, note, printResult } = await import('./terminal.ts')
  const { carryOutReplay } = await import('../services/replay/carryOutReplay.ts')
  const { gatherReplayRows, planReplay } = await import('../services/replay/projectReplay.ts')
  const { keepReplay, readReplay } = await import('../services/replay/replayFile.ts')
  const { replayTitle, writeReplayFiles } = await import('../services/replay/replayFiles.ts')
  const { replayRows } = await import('../learning/replay/replayTable.ts')
  const { makeFolder } = await import('../formats/atomicFile.ts')
  const strategies = await knownStrategies(options.strategies)
  const { seeds, start, batch, to, randomShare, threshold } = options
  if (start >= to)
    throw new GradusError('bad-options', `--start ${start} leaves nothing to choose before --to ${to}.`)
  const folder = userPath(options.out)
  await withProject(path, async ({ context, signal }) => {
    const line = createProgressLine()
    try {
      const store = context.session.store()
      line.show('Reading labels', null, null)
      const rows = await gatherReplayRows(context, store, signal)
      const planned = planReplay({ strategies, seeds, start, batch, to, randomShare, threshold }, rows)
      // Here random is replayed only where it is asked for.
      const plan = { ...planned, asked: { ...planned.asked, strategies } }
      await makeFolder(folder)
      const file = join(folder, 'replay.json')
      let begun: number | null = null
      const { reference, cells } = await carryOutReplay(context, store, {
        plan,
        rows,
        keeper: {
          begin: (key) => readReplay(file, key),
          keep: (key, state) => keepReplay(file, key, state),
        },
        processes: options.processes ?? context.threads,
        signal,
        onProgress: ({ phase, share, done }) => {
          if (done !== null) begun ??= Date.now()
          const seconds = begun === null ? 0 : (Date.now() - begun) / 1000
          line.show(phase, share, begun === null || share === 0 ? null : (seconds / share) * (1 - share))
        },
      })
      line.clear()
      const summaries = summariseReplay(askedCells(cells, plan.asked), reference)
      const written = await writeReplayFiles(folder, plan, { cells, reference })
      for (const remark of plan.remarks) note(remark)
      const result = { settings: plan.asked, pairs: plan.pairs, reference, strategies: summaries }
      await printResult(options.json === true, result, () =>
        [
          `${replayTitle(plan)}.`,
          describeReference(reference),
          '',
          formatTable(replayRows(summaries)),
          '',
          replayVerdict(summaries, plan.pairs.pool, reference.pearson, (value) => value.toFixed(3)),
        ].join('\n'),
      )
      note(`Written: ${written.map(({ name }) => join(options.out, name)).join(', ')}.`)
    } finally {
      line.clear()
    }
  })
}

/** What the curves are measured against. */
function describeReference({ pearson, lambda, pairs }: ReplayReference): string {
  return pearson === null
    ? 'With all labels r is not defined: the holdout or the scores do not vary.'
    : `Ridge on all ${pairs} labels reaches r ${pearson.toFixed(4)} (λ ${lambda}). ± and brackets are 95% intervals over seeds.`
}

/** The strategies of these names, all without any. @throws GradusError `bad-options` for a name that is none. */
async function knownStrategies(wanted: readonly string[] | undefined): Promise<StrategyName[]> {
  const { GradusError } = await import('#shared/contract/errors.ts')
  const { strategyName } = await import('#shared/domain/suggestion.ts')
  return (wanted ?? strategyName.options).map((name) => {
    const found = strategyName.safeParse(name)
    if (found.success) return found.data
    throw new GradusError(
      'bad-options',
      `There is no strategy ${name}: there are ${strategyName.options.join(', ')}.`,
    )
  })
}
