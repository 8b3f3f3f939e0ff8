import type { ProjectOverview } from '#shared/contract/project.ts'
import type { ProjectSettings } from '#shared/domain/project.ts'
import type { ScaleKind } from '#shared/domain/score.ts'

/** The project's settings as they stand in the form. */
export interface ProjectDraft {
  readonly title: string
  readonly lowLabel: string
  readonly highLabel: string
  readonly scaleKind: ScaleKind
  readonly askConfidence: boolean
  readonly showOthersAfterCommit: boolean
  readonly showPredictionAfterCommit: boolean
  /** null while the field holds no number. */
  readonly holdoutShare: number | null
}

/** Settings that are saved as they stand in the form. */
const plainSettings = [
  'scaleKind',
  'askConfidence',
  'showOthersAfterCommit',
  'showPredictionAfterCommit',
] as const

export function draftOf(overview: ProjectOverview): ProjectDraft {
  const { settings, title } = overview
  const { lowLabel, highLabel, scaleKind, askConfidence, holdoutShare } = settings
  const { showOthersAfterCommit, showPredictionAfterCommit } = settings
  return {
    title,
    lowLabel,
    highLabel,
    scaleKind,
    askConfidence,
    showOthersAfterCommit,
    showPredictionAfterCommit,
    holdoutShare,
  }
}

export type ProjectProblems = Readonly<
  Partial<Record<'title' | 'lowLabel' | 'highLabel' | 'holdoutShare', string>>
>

/** What cannot be saved, by field. */
export function problemsOf(draft: ProjectDraft): ProjectProblems {
  const share = draft.holdoutShare
  return {
    ...textProblem('title', draft.title, 120),
    ...textProblem('lowLabel', draft.lowLabel, 60),
    ...textProblem('highLabel', draft.highLabel, 60),
    ...(share === null || share < 0 || share > 0.5 ? { holdoutShare: 'A share from 0 to 0.5' } : {}),
  }
}

function textProblem(
  field: 'title' | 'lowLabel' | 'highLabel',
  text: string,
  longest: number,
): Partial<Record<typeof field, string>> {
  if (text.trim() === '') return { [field]: 'Cannot be empty' }
  return text.trim().length > longest ? { [field]: `At most ${longest} characters` } : {}
}

/** What `project.configure` takes. */
export interface ProjectChange {
  readonly title?: string
  readonly settings?: Partial<ProjectSettings>
}

/** Only what differs from the project as it is; null where nothing does or something cannot be saved. */
export function changeOf(draft: ProjectDraft, overview: ProjectOverview): ProjectChange | null {
  if (Object.keys(problemsOf(draft)).length > 0 || draft.holdoutShare === null) return null
  const { settings } = overview
  const next: Partial<ProjectSettings> = {
    ...(draft.lowLabel.trim() === settings.lowLabel ? {} : { lowLabel: draft.lowLabel.trim() }),
    ...(draft.highLabel.trim() === settings.highLabel ? {} : { highLabel: draft.highLabel.trim() }),
    ...Object.fromEntries(
      plainSettings.filter((name) => draft[name] !== settings[name]).map((name) => [name, draft[name]]),
    ),
    ...(draft.holdoutShare === settings.holdoutShare ? {} : { holdoutShare: draft.holdoutShare }),
  }
  const change: ProjectChange = {
    ...(draft.title.trim() === overview.title ? {} : { title: draft.title.trim() }),
    ...(Object.keys(next).length === 0 ? {} : { settings: next }),
  }
  return Object.keys(change).length === 0 ? null : change
}

/** True where the form differs from the project, saved or not. */
export function differs(draft: ProjectDraft, overview: ProjectOverview): boolean {
  const present = draftOf(overview)
  return (Object.keys(present) as (keyof ProjectDraft)[]).some((key) => draft[key] !== present[key])
}
