import type { BackendChoice } from '#shared/domain/backend.ts'
import type { TrainingConfiguration } from '#shared/domain/run.ts'
import type { SearchMethod, SearchReport, TriedConfiguration } from '#shared/domain/search.ts'
import { formatFigure } from './judgements.ts'
import { followJob, type Session } from './session.ts'
import { formatTable } from './terminal.ts'

/** Tries settings around a configuration, and returns what was found. */
export async function searchSettings(
  session: Session,
  wanted: {
    readonly count: number
    readonly method: SearchMethod | undefined
    readonly configuration: TrainingConfiguration
    readonly backend: BackendChoice | undefined
  },
): Promise<SearchReport> {
  const { jobId } = await session.call('train.search', wanted)
  await followJob(session, jobId)
  const kept = await session.call('train.lastSearch', {})
  if (kept === null) throw new Error('A finished search left no report.')
  return kept.report
}

/** The configuration with the settings of the best that was tried. @throws GradusError where none could be judged. */
export async function bestConfiguration(
  { tried, best }: SearchReport,
  configuration: TrainingConfiguration,
): Promise<TrainingConfiguration> {
  const found = best === null ? undefined : tried[best]
  if (found !== undefined) return { ...configuration, ...found.settings }
  const { GradusError } = await import('#shared/contract/errors.ts')
  throw new GradusError(
    'bad-options',
    'None of the settings gave scores that could be judged, so there is no best to train with.',
  )
}

/** A line for each configuration, the best first, and what that says of the settings that were given. */
export async function formatSearch(report: SearchReport): Promise<string> {
  const { givenTitle, searchVerdict } = await import('#shared/domain/search.ts')
  const { tried, best, rows, folds, seconds, remarks, seed, method } = report
  const highest = (one: TriedConfiguration): number => one.pearson?.value ?? -Infinity
  const title = ({ number }: TriedConfiguration): string => {
    const marks = [number === 0 ? givenTitle(report) : '', number === best ? 'best' : '']
    return [number, ...marks.filter((mark) => mark !== '')].join(' ')
  }
  return [
    `${tried.length} configurations on ${rows} pairs, ${folds} folds by premise, ${method}, seed ${seed}; ${seconds.toFixed(1)} s.`,
    ...remarks,
    '',
    formatTable([
      ['', 'learning rate', 'width', 'dropout', 'weight decay', 'loss', 'r', 'MAE', 'RMSE', 'epochs'],
      ...tried.toSorted((left, right) => highest(right) - highest(left)).map((one) => toRow(title(one), one)),
    ]),
    '',
    ...tried.flatMap(({ number, reason }) => (reason === null ? [] : [`${number}: ${reason}`])),
    searchVerdict(report, (value) => value.toFixed(3)),
  ].join('\n')
}

function toRow(title: string, { settings, pearson, mae, rmse, epochs }: TriedConfiguration): string[] {
  const { learningRate, hiddenWidth, dropout, weightDecay, loss } = settings
  return [
    title,
    ...[learningRate, hiddenWidth, dropout, weightDecay, loss].map(String),
    formatFigure(pearson),
    mae?.toFixed(3) ?? '-',
    rmse?.toFixed(3) ?? '-',
    epochs === null ? '-' : String(epochs),
  ]
}
