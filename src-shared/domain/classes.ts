import { z } from 'zod'
import { groupingText } from './pair.ts'
import { score } from './score.ts'

/** The name of a class; "-" is none, since data sets write it where there is no label. */
export const className = z
  .string()
  .trim()
  .min(1)
  .max(60)
  .refine((name) => name !== '-', 'A class cannot be named "-": it stands for no label.')

/** A class, and the score that a label of it stands for. */
export const classScore = z.object({
  name: className,
  score,
  /** Names this class had before: files, and labels that an undo brings back, may still say them. */
  formerly: z.array(className).max(50).optional(),
})
export type ClassScore = z.infer<typeof classScore>

export const fewestClasses = 2
export const mostClasses = 20

/** True where no two names are the same but for case and white space. */
export function haveOwnNames(classes: readonly { readonly name: string }[]): boolean {
  return new Set(classes.map(({ name }) => groupingText(name))).size === classes.length
}

/** The declared mapping of class labels to scores, in the order in which the project shows its classes. */
export const classScores = z
  .array(classScore)
  .min(fewestClasses)
  .max(mostClasses)
  .refine(haveOwnNames, 'Two classes have the same name.')

export const defaultClassScores: ClassScore[] = [
  { name: 'entailment', score: 1 },
  { name: 'neutral', score: 0.5 },
  { name: 'contradiction', score: 0 },
]

/** What the user says of one label of a file: the class it means, or null for no label. */
export const labelMeaning = z.object({ label: z.string(), className: className.nullable() })
export type LabelMeaning = z.infer<typeof labelMeaning>

/** What stands in a label's cell. */
export type LabelReading =
  | { readonly kind: 'class'; readonly found: ClassScore }
  | { readonly kind: 'none' }
  | { readonly kind: 'unknown' }

/** Spellings of one class in published data sets. Numbers are not among them: data sets count classes in different orders. */
const spellings: readonly (readonly string[])[] = [
  ['entailment', 'entails', 'entail', 'entailed', 'e'],
  ['neutral', 'n'],
  ['contradiction', 'contradicts', 'contradict', 'contradictory', 'c'],
]

/**
 * Makes the reading of labels, in which case, white space at the ends and repeated white space do not count. What the
 * user says comes first, then the names of the classes, their former names, and other spellings of the same class. An
 * empty cell, and "-" as SNLI writes it where its raters found no majority, is no label.
 */
export function createLabelReader(
  classes: readonly ClassScore[],
  meanings: readonly LabelMeaning[] = [],
): (label: string) => LabelReading {
  const readings = new Map<string, LabelReading>()
  const know = (label: string, reading: LabelReading): void => {
    const key = groupingText(label)
    if (!readings.has(key)) readings.set(key, reading)
  }
  for (const { label, className } of meanings) {
    const found = classes.find(
      ({ name }) => className !== null && groupingText(name) === groupingText(className),
    )
    if (found !== undefined) know(label, { kind: 'class', found })
    else if (className === null) know(label, { kind: 'none' })
  }
  for (const label of ['', '-']) know(label, { kind: 'none' })
  for (const found of classes) know(found.name, { kind: 'class', found })
  for (const found of classes) for (const name of found.formerly ?? []) know(name, { kind: 'class', found })
  for (const group of spellings)
    for (const found of classes)
      if (group.includes(groupingText(found.name)))
        for (const name of group) know(name, { kind: 'class', found })
  return (label) => readings.get(groupingText(label)) ?? { kind: 'unknown' }
}

/** A class under another name: it remembers those it had. */
export function renamed(before: ClassScore, name: string): ClassScore {
  const { formerly = [], ...rest } = before
  const kept = [...formerly, before.name].filter((former) => groupingText(former) !== groupingText(name))
  return kept.length === 0 ? { ...rest, name } : { ...rest, name, formerly: [...new Set(kept)].slice(-50) }
}
