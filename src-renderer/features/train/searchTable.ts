import type { SearchedSettings, SearchReport, TriedConfiguration } from '#shared/domain/search.ts'
import { givenTitle } from '#shared/domain/search.ts'
import type { ChartTable } from '../../components/charts/chartTable.ts'
import { coefficient, noValue, withInterval } from '../../format/numbers.ts'
import type { ConfigurationDraft } from './configurationForm.ts'
import { lossWords } from './modelWords.ts'

/** A search as far as it has come: `best` is null until all are tried. */
export type SearchSoFar = Pick<SearchReport, 'tried' | 'best'>

/** What was tried, the highest r first; what has no r comes last. */
export function searchTable({ tried, best }: SearchSoFar): ChartTable {
  const highest = ({ pearson }: TriedConfiguration): number => pearson?.value ?? -Infinity
  const given = tried.filter(({ number }) => number === 0)
  const title = ({ number }: TriedConfiguration): string => {
    const marks = [number === 0 ? givenTitle({ tried: given }) : '', number === best ? 'best' : '']
    const words = marks.filter((mark) => mark !== '').join(', ')
    return words === '' ? String(number) : `${number} (${words})`
  }
  return {
    columns: ['settings', 'r', 'MAE', 'learning rate', 'width', 'dropout', 'weight decay', 'loss', 'epochs'],
    rows: tried
      .toSorted((one, other) => highest(other) - highest(one))
      .map((one) => {
        const { learningRate, hiddenWidth, dropout, weightDecay, loss } = one.settings
        return [
          title(one),
          withInterval(one.pearson, 3),
          coefficient(one.mae, 3),
          ...[learningRate, hiddenWidth, dropout, weightDecay].map(String),
          lossWords[loss].label,
          one.epochs === null ? noValue : String(one.epochs),
        ]
      }),
  }
}

/** Why some of what was tried has no figures: one sentence each. */
export function searchFailures({ tried }: Pick<SearchSoFar, 'tried'>): string[] {
  return tried.flatMap(({ number, reason }) => (reason === null ? [] : [`${number}: ${reason}`]))
}

/** The form with these settings in its fields; all others stay as they are. */
export function withSettings(draft: ConfigurationDraft, settings: SearchedSettings): ConfigurationDraft {
  const { learningRate, hiddenWidth, dropout, weightDecay, loss } = settings
  return {
    ...draft,
    learningRate: String(learningRate),
    hiddenWidth: String(hiddenWidth),
    dropout: String(dropout),
    weightDecay: String(weightDecay),
    loss,
  }
}
