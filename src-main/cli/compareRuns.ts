import type { Command } from 'commander'
import type { Judgement, Run } from '#shared/domain/run.ts'
import { wholeNumber } from './optionValues.ts'

/** `gradus runs compare`: runs side by side. */
export function addCompareRunsCommand(runs: Command): void {
  runs
    .command('compare')
    .summary('put runs side by side')
    .description('Put two to four runs side by side: what differs between them, and how well each does.')
    .argument('<project>', 'a .gradus file')
    .argument('<run...>', 'the numbers of two to four runs', addNumber)
    .option('--json', 'print the comparison as one JSON document')
    .action(compare)
}

const most = 4
const readNumber = wholeNumber(1, Number.MAX_SAFE_INTEGER)

function addNumber(text: string, before: readonly number[] = []): number[] {
  return [...before, readNumber(text)]
}

async function compare(path: string, given: readonly number[], { json }: { json?: true }): Promise<void> {
  const { GradusError } = await import('#shared/contract/errors.ts')
  const { withProject } = await import('./session.ts')
  const { formatTable, printResult } = await import('./terminal.ts')
  const numbers = [...new Set(given)]
  if (numbers.length < 2 || numbers.length > most)
    throw new GradusError('bad-options', `Name two to ${most} different runs.`)
  await withProject(path, async ({ call }) => {
    const known = await call('train.runs', {})
    const runs = numbers.map((number) => {
      const run = known.find((candidate) => candidate.number === number)
      if (run === undefined)
        throw new GradusError('not-found', `There is no run ${number}: "gradus runs" lists those there are.`)
      return run
    })
    const { differingConfiguration, differingLibraries, sameDataAs } =
      await import('#shared/domain/compareRuns.ts')
    const { formatFigure } = await import('./judgements.ts')
    const configuration = differingConfiguration(runs)
    const libraries = differingLibraries(runs)
    const data = sameDataAs(runs)
    const document = {
      runs: runs.map(({ number, name, labelledPairs, report }, index) => ({
        number,
        name,
        labels: labelledPairs,
        sameDataAs: data[index],
        backend: report?.backend ?? null,
        used: report?.used ?? null,
        validationPearson: report?.validationPearson ?? null,
        holdout: report?.holdout?.used ?? null,
        seconds: report?.seconds ?? null,
      })),
      configuration,
      libraries,
    }
    const figures = (pick: (judgement: Judgement) => Judgement['pearson']): string[] =>
      runs.map(({ report }) => (report?.holdout == null ? '-' : formatFigure(pick(report.holdout.used))))
    const facts = (tell: (report: NonNullable<Run['report']>) => string): string[] =>
      runs.map(({ report }) => (report === null ? '-' : tell(report)))
    const different = [...configuration, ...libraries].map(({ key, values }) => [
      key,
      ...values.map((value) => value ?? '-'),
    ])
    await printResult(json === true, document, () =>
      formatTable([
        ['', ...runs.map(({ number, name }) => `run ${number}${name === null ? '' : ` "${name}"`}`)],
        ...different.slice(0, configuration.length),
        ['labels', ...runs.map(({ labelledPairs }) => `${labelledPairs}`)],
        [
          'data',
          ...runs.map(({ number }, index) =>
            data[index] === number ? 'its own' : `as run ${data[index] ?? ''}`,
          ),
        ],
        ['back end', ...facts(({ backend }) => `${backend.name}, ${backend.threads} threads`)],
        ...different.slice(configuration.length),
        ['used', ...facts(({ used }) => used)],
        [
          'validation r',
          ...facts(({ used, validationPearson }) => validationPearson[used]?.toFixed(3) ?? 'not defined'),
        ],
        ['holdout pairs', ...facts(({ rows }) => `${rows.holdout}`)],
        ['Pearson', ...figures(({ pearson }) => pearson)],
        ['Spearman', ...figures(({ spearman }) => spearman)],
        ['RMSE', ...figures(({ rmse }) => rmse)],
        ['MAE', ...figures(({ mae }) => mae)],
      ]),
    )
  })
}
