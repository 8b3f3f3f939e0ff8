import { lossName, type LossName } from '#shared/domain/losses.ts'
import { trainingConfiguration, type TrainingConfiguration } from '#shared/domain/run.ts'
import { lossWords } from './modelWords.ts'

type ConfigurationKey = keyof TrainingConfiguration
type SwitchKey = 'densityWeighting' | 'interaction'
type NumberKey = Exclude<ConfigurationKey, SwitchKey | 'loss'>

interface FieldWords {
  readonly label: string
  /** Range and meaning, in a few words. */
  readonly hint: string
}

/** One field of the advanced settings. */
export type ConfigurationField =
  | (FieldWords & { readonly kind: 'number'; readonly key: NumberKey; readonly whole: boolean })
  | (FieldWords & { readonly kind: 'switch'; readonly key: SwitchKey })
  | (FieldWords & { readonly kind: 'loss'; readonly key: 'loss' })

export interface ConfigurationGroup {
  readonly title: string
  readonly fields: readonly ConfigurationField[]
}

function whole(key: NumberKey, label: string, hint: string): ConfigurationField {
  return { kind: 'number', key, label, hint, whole: true }
}

function decimal(key: NumberKey, label: string, hint: string): ConfigurationField {
  return { kind: 'number', key, label, hint, whole: false }
}

export const configurationGroups: readonly ConfigurationGroup[] = [
  {
    title: 'Regression heads',
    fields: [
      whole('hiddenWidth', 'Hidden width', '8–2048'),
      decimal('dropout', 'Dropout', '0–0.9'),
      decimal('learningRate', 'Learning rate', 'Above 0, to 1'),
      whole('batchSize', 'Batch size', 'Rows, 4–1024'),
      whole('maximumEpochs', 'Epochs', 'At most, 1–500'),
    ],
  },
  {
    title: 'Interaction heads',
    fields: [
      {
        kind: 'switch',
        key: 'interaction',
        label: 'Train them',
        hint: 'Compares the words of both texts; takes most of the time',
      },
      whole('interactionWidth', 'Width', '8–1024'),
      decimal('interactionDropout', 'Dropout', '0–0.9'),
      decimal('interactionLearningRate', 'Learning rate', 'Above 0, to 1'),
      whole('interactionBatchSize', 'Batch size', 'Rows, 4–1024'),
      whole('interactionEpochs', 'Epochs', '1–200'),
    ],
  },
  {
    title: 'Both',
    fields: [
      { kind: 'loss', key: 'loss', label: 'Loss', hint: 'What training makes small' },
      {
        kind: 'switch',
        key: 'densityWeighting',
        label: 'Weigh rare scores more',
        hint: 'For scores heaped at the ends',
      },
      whole('ensembleSize', 'Ensemble size', 'Heads of each kind, 2–20'),
      whole('patience', 'Patience', 'Epochs, 1–100'),
      decimal('minimumDelta', 'Smallest gain', 'Of r, 0–1'),
      decimal('weightDecay', 'Weight decay', '0–1'),
      decimal('validationShare', 'Validation share', '0.05–0.5'),
      decimal('tolerance', 'Tolerance', '0.01–1; empty: as people differ'),
      whole('seed', 'Seed', 'Same seed, same result'),
    ],
  },
]

export const configurationFields: readonly ConfigurationField[] = configurationGroups.flatMap(
  ({ fields }) => fields,
)

/** What stands in the fields: numbers as they are typed. */
export type ConfigurationDraft = Readonly<
  Record<NumberKey, string> & Record<SwitchKey, boolean> & { loss: LossName }
>

/** The losses to choose from, the shipped one first. */
export const lossOptions = lossName.options.map((value) => ({ value, ...lossWords[value] }))

/** The shipped settings. */
export function defaultDraft(): ConfigurationDraft {
  const shipped = trainingConfiguration.parse({})
  const texts = configurationFields.flatMap((field) =>
    field.kind === 'number' ? [[field.key, String(shipped[field.key] ?? '')] as const] : [],
  )
  const { loss, densityWeighting, interaction } = shipped
  return { ...(Object.fromEntries(texts) as Record<NumberKey, string>), loss, densityWeighting, interaction }
}

/** Fields of the interaction head mean nothing while it is not trained. */
export function isIdle(field: ConfigurationField, { interaction }: ConfigurationDraft): boolean {
  return !interaction && field.key !== 'interaction' && field.key.startsWith('interaction')
}

export type ReadConfiguration =
  | { readonly kind: 'valid'; readonly configuration: TrainingConfiguration }
  | {
      readonly kind: 'invalid'
      readonly problems: Readonly<Partial<Record<ConfigurationKey, string>>>
    }

/** A number as it was typed: a decimal comma is read as a point; null where the field is empty. */
function readNumber(text: string): number | null {
  const trimmed = text.trim().replace(',', '.')
  return trimmed === '' ? null : Number(trimmed)
}

/** Reads the fields; each bad one is named with what it takes. */
export function readConfiguration(draft: ConfigurationDraft): ReadConfiguration {
  const problems: Partial<Record<ConfigurationKey, string>> = {}
  const values: Partial<Record<ConfigurationKey, unknown>> = {}
  for (const field of configurationFields) {
    const { key, hint } = field
    const value = field.kind === 'number' ? readNumber(draft[field.key]) : draft[key]
    const parsed = trainingConfiguration.shape[key].safeParse(value)
    if (parsed.success) values[key] = parsed.data
    // What is not used may not stand in the way.
    else if (!isIdle(field, draft))
      problems[key] = key === 'seed' ? 'A whole number from 0 to 4294967295' : hint
  }
  const parsed = trainingConfiguration.safeParse(values)
  return Object.keys(problems).length === 0 && parsed.success
    ? { kind: 'valid', configuration: parsed.data }
    : { kind: 'invalid', problems }
}

/** How many fields differ from the shipped settings. */
export function changedFields(draft: ConfigurationDraft): number {
  const shipped = defaultDraft()
  const plain = (value: string | boolean): string | boolean =>
    typeof value === 'string' ? value.trim() : value
  return configurationFields.filter(({ key }) => plain(draft[key]) !== shipped[key]).length
}
