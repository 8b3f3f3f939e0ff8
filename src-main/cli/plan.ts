import { Option, type Command } from 'commander'
import { decimal, wholeNumber } from './optionValues.ts'

interface PlanOptions {
  readonly every?: number
  readonly share?: number
  readonly raters?: number
  readonly off?: true
  readonly deal?: true
  readonly calibration?: number
  readonly json?: true
}

/** `gradus plan`: who rates what. */
export function addPlanCommand(program: Command): void {
  program
    .command('plan')
    .summary('say how many raters a pair gets, and deal the pairs')
    .description(
      'Show who is to rate what, or decide it: with --every each pair gets so many raters; with --share and --raters ' +
        'that share of the pairs does and the rest one. Pairs are dealt so that raters have equally many.',
    )
    .argument('<project>', 'a .gradus file')
    .addOption(
      new Option('--every <raters>', 'so many raters for each pair')
        .argParser(wholeNumber(1, 20))
        .conflicts(['share', 'off']),
    )
    .addOption(
      new Option('--share <share>', 'share of the pairs that several raters get, 0 to 1')
        .argParser(decimal(0, 1))
        .conflicts('off'),
    )
    .option('--raters <number>', 'how many raters those get (2)', wholeNumber(2, 20))
    .option('--off', 'everybody rates everything')
    .option('--deal', 'deal anew what nobody has answered')
    .option(
      '--calibration <pairs>',
      'so many pairs that everybody rates first; 0 ends it',
      wholeNumber(0, 200),
    )
    .option('--json', 'print the plan as one JSON document')
    .action(plan)
}

async function plan(path: string, options: PlanOptions): Promise<void> {
  const { every, share, raters, off, deal, calibration, json } = options
  const { followJob, withProject } = await import('./session.ts')
  const { formatTable, note, printResult } = await import('./terminal.ts')
  await withProject(path, async (session) => {
    const { call } = session
    if (calibration !== undefined) await call('calibration.choose', { pairs: calibration })
    const overlap =
      every !== undefined
        ? ({ kind: 'every', raters: every } as const)
        : share !== undefined
          ? ({ kind: 'share', share, raters: raters ?? 2 } as const)
          : null
    const { jobId } =
      overlap !== null || off === true
        ? await call('plan.set', { overlap })
        : deal === true
          ? await call('plan.deal', {})
          : { jobId: null }
    if (jobId !== null) {
      const { detail } = await followJob(session, jobId)
      if (detail.kind === 'deal' && detail.short > 0)
        note(`${detail.short} pairs got fewer raters than the plan wants, since there are no more.`)
    }
    const known = await call('plan.read', {})
    await printResult(json === true, known, () => {
      const words =
        known.overlap === null
          ? 'Everybody rates everything.'
          : known.overlap.kind === 'every'
            ? `Every pair gets ${known.overlap.raters} raters.`
            : `${(known.overlap.share * 100).toFixed(0)}% of the pairs get ${known.overlap.raters} raters, the rest one.`
      const table = formatTable([
        ['Rater', 'To rate', 'Done'],
        ...known.raters.map(({ name, assigned, answered, setAside }) => [
          setAside ? `${name} (set aside)` : name,
          String(assigned),
          String(answered),
        ]),
      ])
      const rest = `Gold pairs: ${known.gold.length}. Calibration round: ${known.calibration} pairs.`
      return [words, ...(known.overlap === null ? [] : [table]), rest].join('\n')
    })
  })
}
