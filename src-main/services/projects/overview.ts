import type { ProjectOverview } from '#shared/contract/project.ts'
import { basename } from 'node:path'
import type { ProjectStore } from '../../store/projectStore.ts'

/** Retraining is offered from so many new ratings on. */
const retrainAfter = 20

/** All that the window's frame shows of a project. Cheap enough to be made after every rating. */
export function projectOverview(store: ProjectStore): ProjectOverview {
  const { id, title, settings } = store.project.read()
  const tally = store.tally.read()
  const run = store.runs.inUse()
  return {
    id,
    title,
    fileName: basename(store.path),
    settings,
    guideline: store.guidelines.latest(),
    raters: store.raters
      .list()
      .map((rater) => ({ ...rater, ratings: 0, cannotJudge: 0, ...tally.raters.get(rater.id) })),
    counts: {
      pairs: tally.pairs,
      labelledPairs: tally.labelledPairs,
      ratings: tally.ratings,
      disputes: store.disputes.count(),
      suggestions: tally.suggestions,
    },
    model:
      run === null
        ? null
        : {
            runId: run.id,
            runNumber: run.number,
            pearson: run.report?.holdout?.used.pearson?.value ?? null,
            newRatings: tally.newRatings,
            retrainOffered: tally.newRatings >= retrainAfter,
          },
  }
}
