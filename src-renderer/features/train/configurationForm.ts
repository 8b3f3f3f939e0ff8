import { trainingConfiguration, type TrainingConfiguration } from '#shared/domain/run.ts'

/** One field of the advanced settings. */
export interface ConfigurationField {
  readonly key: keyof TrainingConfiguration
  readonly label: string
  /** Range and meaning, in a few words. */
  readonly hint: string
  readonly whole: boolean
}

export const configurationFields: readonly ConfigurationField[] = [
  { key: 'seed', label: 'Seed', hint: 'Same seed, same result', whole: true },
  { key: 'ensembleSize', label: 'Ensemble size', hint: 'Heads, 2–20', whole: true },
  { key: 'hiddenWidth', label: 'Hidden width', hint: '8–2048', whole: true },
  { key: 'dropout', label: 'Dropout', hint: '0–0.9', whole: false },
  { key: 'learningRate', label: 'Learning rate', hint: 'Above 0, to 1', whole: false },
  { key: 'weightDecay', label: 'Weight decay', hint: '0–1', whole: false },
  { key: 'batchSize', label: 'Batch size', hint: 'Rows, 4–1024', whole: true },
  { key: 'maximumEpochs', label: 'Maximum epochs', hint: '1–500', whole: true },
  { key: 'patience', label: 'Patience', hint: 'Epochs without gain, 1–100', whole: true },
  { key: 'minimumDelta', label: 'Smallest gain', hint: 'Of validation r, 0–1', whole: false },
  { key: 'validationShare', label: 'Validation share', hint: '0.05–0.5', whole: false },
]

/** What stands in the fields. */
export type ConfigurationTexts = Record<keyof TrainingConfiguration, string>

/** The shipped settings, as texts. */
export function defaultTexts(): ConfigurationTexts {
  return textsOf(trainingConfiguration.parse({}))
}

function textsOf(configuration: TrainingConfiguration): ConfigurationTexts {
  const texts = configurationFields.map(({ key }) => [key, String(configuration[key])] as const)
  return Object.fromEntries(texts) as ConfigurationTexts
}

export type ReadConfiguration =
  | { readonly kind: 'valid'; readonly configuration: TrainingConfiguration }
  | {
      readonly kind: 'invalid'
      readonly problems: Readonly<Partial<Record<keyof TrainingConfiguration, string>>>
    }

/** Reads the fields; each bad one is named with what it takes. A decimal comma is read as a point. */
export function readConfiguration(texts: ConfigurationTexts): ReadConfiguration {
  const problems: Partial<Record<keyof TrainingConfiguration, string>> = {}
  const values: Partial<Record<keyof TrainingConfiguration, number>> = {}
  for (const { key, hint } of configurationFields) {
    const text = texts[key].trim().replace(',', '.')
    const value = text === '' ? Number.NaN : Number(text)
    const parsed = trainingConfiguration.shape[key].safeParse(value)
    if (parsed.success) values[key] = parsed.data
    else problems[key] = key === 'seed' ? 'A whole number from 0 to 4294967295' : hint
  }
  const parsed = trainingConfiguration.safeParse(values)
  return Object.keys(problems).length === 0 && parsed.success
    ? { kind: 'valid', configuration: parsed.data }
    : { kind: 'invalid', problems }
}

/** How many fields differ from the shipped settings. */
export function changedFields(texts: ConfigurationTexts): number {
  const shipped = defaultTexts()
  return configurationFields.filter(({ key }) => texts[key].trim() !== shipped[key]).length
}
