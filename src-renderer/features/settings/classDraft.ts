import {
  createLabelReader,
  fewestClasses,
  mostClasses,
  renamed,
  type ClassScore,
} from '#shared/domain/classes.ts'
import { groupingText } from '#shared/domain/pair.ts'
import { counted } from '../../format/numbers.ts'

/** A class as it stands in the form. */
export interface ClassDraft {
  /** Stays with the line while it is edited and moved. */
  readonly key: number
  readonly name: string
  /** Null while the field holds no number. */
  readonly score: number | null
  /** The class as the project has it; null for a new one. */
  readonly before: ClassScore | null
}

export function draftOf(classes: readonly ClassScore[]): ClassDraft[] {
  return classes.map((before, key) => ({ key, name: before.name, score: before.score, before }))
}

/** The draft with one more, empty class. */
export function withNewClass(draft: readonly ClassDraft[]): ClassDraft[] {
  const key = 1 + draft.reduce((most, line) => Math.max(most, line.key), -1)
  return [...draft, { key, name: '', score: null, before: null }]
}

/** The draft with the class at `place` moved by one, up (−1) or down (1). */
export function withMoved(draft: readonly ClassDraft[], place: number, by: -1 | 1): ClassDraft[] {
  const next = [...draft]
  const [moved] = next.splice(place, 1)
  if (moved !== undefined) next.splice(place + by, 0, moved)
  return next
}

/** What cannot be saved: of lines by key, and of all. */
export interface ClassProblems {
  readonly lines: ReadonlyMap<number, { readonly name?: string; readonly score?: string }>
  readonly all: string | null
}

export function problemsOf(draft: readonly ClassDraft[]): ClassProblems {
  const lines = new Map<number, { name?: string; score?: string }>()
  const names = draft.map(({ name }) => groupingText(name))
  for (const [place, { key, name, score }] of draft.entries()) {
    const about = nameProblem(name.trim(), names.indexOf(names[place] ?? '') < place)
    const problem = {
      ...(about === null ? {} : { name: about }),
      ...(score === null || score < 0 || score > 1 ? { score: '0 to 1' } : {}),
    }
    if (Object.keys(problem).length > 0) lines.set(key, problem)
  }
  const all =
    draft.length < fewestClasses
      ? `At least ${fewestClasses} classes`
      : draft.length > mostClasses
        ? `At most ${mostClasses} classes`
        : null
  return { lines, all }
}

function nameProblem(name: string, isTaken: boolean): string | null {
  if (name === '') return 'Cannot be empty'
  if (name === '-') return '“-” stands for no label'
  if (name.length > 60) return 'At most 60 characters'
  return isTaken ? 'There is a class of this name' : null
}

/** The classes as they are to be saved; null where something cannot be saved. */
export function classesOf(draft: readonly ClassDraft[]): ClassScore[] | null {
  const problems = problemsOf(draft)
  if (problems.all !== null || problems.lines.size > 0) return null
  return draft.map(({ name, score, before }) => {
    const given = { name: name.trim(), score: score ?? 0 }
    return before === null ? given : renamed({ ...before, score: given.score }, given.name)
  })
}

/** True where the form differs from the project, saved or not. */
export function differs(draft: readonly ClassDraft[], classes: readonly ClassScore[]): boolean {
  return (
    draft.length !== classes.length ||
    draft.some(({ name, score, before }, place) => {
      const present = classes[place]
      return before?.name !== present?.name || name.trim() !== present?.name || score !== present.score
    })
  )
}

/** How many present ratings carry a label; `scored`: those whose score is that of the class. */
export interface LabelCount {
  readonly label: string
  readonly ratings: number
  readonly scored: number
}

/** What a change means for the labels that were imported, in sentences. */
export function effectOf(
  counts: readonly LabelCount[],
  present: readonly ClassScore[],
  wanted: readonly ClassScore[],
): string {
  const readings = [createLabelReader(present), createLabelReader(wanted)] as const
  let rescored = 0
  let renamedLabels = 0
  let left = 0
  for (const { label, ratings, scored } of counts) {
    const [before, after] = [readings[0](label), readings[1](label)]
    if (after.kind !== 'class') left += before.kind === 'class' ? ratings : 0
    else if (before.kind === 'class' && before.found.score === after.found.score)
      renamedLabels += before.found.name === after.found.name ? 0 : scored
    else rescored += scored
  }
  const sentences = [
    ...(rescored === 0
      ? []
      : [
          rescored === 1
            ? 'The score of 1 imported label changes.'
            : `Scores of ${counted(rescored, 'imported label')} change.`,
        ]),
    ...(renamedLabels === 0
      ? []
      : [
          `${counted(renamedLabels, 'imported label')} ${renamedLabels === 1 ? 'gets' : 'get'} another name.`,
        ]),
    ...(left === 0
      ? []
      : [
          `${counted(left, 'imported label')} ${left === 1 ? 'keeps its' : 'keep their'} score, but ${left === 1 ? 'names' : 'name'} no class any more.`,
        ]),
  ]
  return sentences.length === 0 ? 'No imported label changes.' : sentences.join(' ')
}
