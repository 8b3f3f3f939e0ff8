import { z } from 'zod'
import { interval } from './interval.ts'
import { trainingConfiguration } from './run.ts'

/** How points of the search space are drawn: spread evenly, or by chance. */
export const searchMethod = z.enum(['sobol', 'random'])
export type SearchMethod = z.infer<typeof searchMethod>

/** Configurations that one search may try, the given one among them. */
export const searchCount = z.number().int().min(2).max(200)

/** The settings of the regression heads that a search varies; all others stay as they are given. */
export const searchedSettings = trainingConfiguration.pick({
  learningRate: true,
  hiddenWidth: true,
  dropout: true,
  loss: true,
  weightDecay: true,
})
export type SearchedSettings = z.infer<typeof searchedSettings>

/** One configuration and how well heads trained with it do on premises that they have not seen. */
export const triedConfiguration = z.object({
  /** 0 is the configuration that was given; the others follow in the order they were drawn. */
  number: z.number().int().nonnegative(),
  settings: searchedSettings,
  /** Pearson of the out-of-fold scores with its 95% interval; null where it is not defined, `reason` says why. */
  pearson: interval.nullable(),
  /** Standard deviation of that Pearson over the resamples of premise groups. */
  standardError: z.number().nonnegative().nullable(),
  mae: z.number().nullable(),
  rmse: z.number().nullable(),
  /** Epochs after which the heads of the folds were best: the median. */
  epochs: z.number().nullable(),
  /** Seconds of training that it took, shared evenly with what was trained in the same graph. */
  seconds: z.number(),
  /** Why there are no figures; null where there are. */
  reason: z.string().nullable(),
})
export type TriedConfiguration = z.infer<typeof triedConfiguration>

/** What a search of settings found. */
export const searchReport = z.object({
  method: searchMethod,
  seed: z.number().int(),
  /** Labelled pairs outside the holdout. */
  rows: z.number().int(),
  folds: z.number().int(),
  /** In the order of their numbers. */
  tried: z.array(triedConfiguration),
  /** Number of the configuration with the highest Pearson; null where none has one. */
  best: z.number().int().nullable(),
  /**
   * How far each configuration is behind the best, by number: the difference of their Pearson and its standard error, over
   * the same resamples and from head to head; null where either has none.
   */
  behind: z.array(z.object({ value: z.number(), standardError: z.number() }).nullable()),
  /** Whether the given configuration is within one standard error of the best; null where that cannot be said. */
  givenIsEnough: z.boolean().nullable(),
  seconds: z.number(),
  /** What was done differently, and why: one sentence each. */
  remarks: z.array(z.string()),
})
export type SearchReport = z.infer<typeof searchReport>

/** The last search of a project, kept with it. */
export const keptSearch = z.object({ report: searchReport, createdAt: z.iso.datetime() })
export type KeptSearch = z.infer<typeof keptSearch>

/** Whether settings are those that the program ships with. */
function areShipped(settings: SearchedSettings): boolean {
  const shipped = searchedSettings.parse(trainingConfiguration.parse({}))
  return Object.entries(shipped).every(([key, value]) => settings[key as keyof SearchedSettings] === value)
}

/** What people call the settings that a search began with. */
export function givenTitle({ tried }: Pick<SearchReport, 'tried'>): 'default' | 'given' {
  const [given] = tried
  return given !== undefined && areShipped(given.settings) ? 'default' : 'given'
}

/**
 * Whether the settings that a search began with will do, in one sentence.
 * @param figure a Pearson, or a difference of two, as people read it.
 */
export function searchVerdict(report: SearchReport, figure: (value: number) => string): string {
  const { tried, best, behind, givenIsEnough } = report
  const lead = behind[0] ?? null
  const settings = `The ${givenTitle(report)} settings`
  const bestPearson = best === null ? undefined : tried[best]?.pearson?.value
  if (bestPearson === undefined) return 'None of the settings gave scores that could be judged.'
  const givenPearson = tried[0]?.pearson?.value
  if (lead === null || givenPearson === undefined)
    return `${settings} gave no scores that could be judged; the best reach r ${figure(bestPearson)}.`
  if (best === 0) return `${settings} are the best of those tried: r ${figure(givenPearson)}.`
  const place =
    givenIsEnough === true ? 'within one standard error of' : 'more than one standard error behind'
  return `${settings} are ${place} the best: r ${figure(givenPearson)} against ${figure(bestPearson)}, a difference of ${figure(lead.value)} with a standard error of ${figure(lead.standardError)}.`
}
