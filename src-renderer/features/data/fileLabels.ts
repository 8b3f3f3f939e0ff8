import type { ImportOptions, LabelCounts } from '#shared/contract/imports.ts'
import { createLabelReader, type ClassScore } from '#shared/domain/classes.ts'
import { groupingText } from '#shared/domain/pair.ts'

/** What the person says of a label: one of the project's classes, a new class of its own name, or no label. */
export type LabelChoice =
  | { readonly kind: 'class'; readonly name: string }
  /** The score is null while the field holds no number. */
  | { readonly kind: 'new'; readonly score: number | null }
  | { readonly kind: 'none' }

/** By label, as it stands in the file. */
export type LabelChoices = Readonly<Record<string, LabelChoice>>

/** What an import or a preview is told of labels. */
type ToldLabels = Pick<ImportOptions, 'labelMeanings' | 'newClasses'>

function isScore(score: number | null): score is number {
  return score !== null && score >= 0 && score <= 1
}

/** The choices as the backend takes them; a new class without a score is not there yet. */
export function toldLabels(choices: LabelChoices): ToldLabels {
  const labelMeanings: NonNullable<ToldLabels['labelMeanings']> = []
  const newClasses = new Map<string, { name: string; score: number }>()
  for (const [label, choice] of Object.entries(choices)) {
    if (choice.kind === 'none') labelMeanings.push({ label, className: null })
    else if (choice.kind === 'class') labelMeanings.push({ label, className: choice.name })
    else if (isScore(choice.score) && !newClasses.has(groupingText(label)))
      newClasses.set(groupingText(label), { name: label, score: choice.score })
  }
  return {
    ...(labelMeanings.length === 0 ? {} : { labelMeanings }),
    ...(newClasses.size === 0 ? {} : { newClasses: [...newClasses.values()] }),
  }
}

/** True where a new class has no score yet. */
export function lacksScore(choices: LabelChoices): boolean {
  return Object.values(choices).some((choice) => choice.kind === 'new' && !isScore(choice.score))
}

/** One label of the file, and what becomes of its rows. */
export interface LabelLine {
  readonly label: string
  readonly rows: number
  /** What the person has said, else what it is read as; null where it is no class and its rows are left out. */
  readonly choice: LabelChoice | null
  /** It would be read without anything being said of it. */
  readonly isKnown: boolean
}

/** The labels of a file with what becomes of them under the choices made so far. */
export function labelLines(
  { found }: LabelCounts,
  classes: readonly ClassScore[],
  choices: LabelChoices,
): LabelLine[] {
  const { newClasses = [] } = toldLabels(choices)
  const read = createLabelReader([...classes, ...newClasses])
  return found.map(({ label, rows }) => {
    const reading = read(label)
    const own = Object.hasOwn(choices, label) ? (choices[label] ?? null) : null
    const readAs: LabelChoice | null =
      reading.kind === 'class'
        ? { kind: 'class', name: reading.found.name }
        : reading.kind === 'none'
          ? { kind: 'none' }
          : null
    const isKnown = createLabelReader(classes)(label).kind !== 'unknown'
    return { label, rows, choice: own ?? readAs, isKnown }
  })
}
