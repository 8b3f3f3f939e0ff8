import type { WorkedExample } from '#shared/domain/project.ts'

/** A worked example as it stands in the form. */
export interface ExampleDraft {
  /** Stays with the example while it is edited. */
  readonly key: number
  /** Null while the field holds no number. */
  readonly score: number | null
  readonly premise: string
  readonly hypothesis: string
  readonly note: string
}

export function draftOf(examples: readonly WorkedExample[]): ExampleDraft[] {
  return examples.map((example, key) => ({ key, ...example }))
}

/** The draft with one more, empty example. */
export function withNewExample(draft: readonly ExampleDraft[]): ExampleDraft[] {
  const key = 1 + draft.reduce((most, line) => Math.max(most, line.key), -1)
  return [...draft, { key, score: null, premise: '', hypothesis: '', note: '' }]
}

export type ExampleProblems = Readonly<Partial<Record<'score' | 'premise' | 'hypothesis' | 'note', string>>>

/** What cannot be saved of an example, by field. */
export function problemsOf({ score, premise, hypothesis, note }: ExampleDraft): ExampleProblems {
  return {
    ...(score === null || score < 0 || score > 1 ? { score: '0 to 1' } : {}),
    ...textProblem('premise', premise),
    ...textProblem('hypothesis', hypothesis),
    ...(note.trim().length > 1000 ? { note: 'At most 1,000 characters' } : {}),
  }
}

function textProblem(field: 'premise' | 'hypothesis', text: string): ExampleProblems {
  if (text.trim() === '') return { [field]: 'Cannot be empty' }
  return text.trim().length > 2000 ? { [field]: 'At most 2,000 characters' } : {}
}

/** The examples as they are to be saved, by score; null where one of them cannot be saved. */
export function examplesOf(draft: readonly ExampleDraft[]): WorkedExample[] | null {
  if (draft.some((line) => Object.keys(problemsOf(line)).length > 0)) return null
  return draft
    .map(({ score, premise, hypothesis, note }) => ({
      score: score ?? 0,
      premise: premise.trim(),
      hypothesis: hypothesis.trim(),
      note: note.trim(),
    }))
    .toSorted((left, right) => left.score - right.score)
}

/** True where the form differs from the guideline in force, whether it can be saved or not. */
export function differs(draft: readonly ExampleDraft[], examples: readonly WorkedExample[]): boolean {
  return JSON.stringify(draftOf(examples)) !== JSON.stringify(draft.map((line, key) => ({ ...line, key })))
}
