import type { ProjectOverview } from '#shared/contract/project.ts'
import { coefficient, count, counted } from './numbers.ts'

/** What the run in use has changed: "Run 9: r .81 → .83, 3 pairs left the queue, 17 new". */
export function modelChangeInWords(model: NonNullable<ProjectOverview['model']>): string | null {
  const { change, runNumber, pearson } = model
  if (change === null) return null
  const { before, caution, left, entered } = change
  const figures = [
    ...(pearson === null && before.pearson === null
      ? []
      : [
          `r ${coefficient(before.pearson)} → ${coefficient(pearson)}${caution === null ? '' : ` (${caution})`}`,
        ]),
    `${counted(left, 'pair')} left the queue`,
    `${count(entered)} new`,
  ]
  return `Run ${runNumber}: ${figures.join(', ')}`
}
