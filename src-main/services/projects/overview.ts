import type { ProjectOverview } from '#shared/contract/project.ts'
import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import type { ProjectStore } from '../../store/projectStore.ts'
import { modelChange } from './modelChange.ts'

/** Retraining is offered from so many new ratings on; where it comes by itself, only once it should long have come. */
const offerAfter = 20

/** All that the window's frame shows of a project. Cheap enough to be made after every rating. */
export function projectOverview(store: ProjectStore): ProjectOverview {
  const { id, title, settings, workRaterId } = store.project.read()
  const tally = store.tally.read()
  const run = store.runs.inUse()
  const planned = settings.overlap === null || workRaterId !== null ? null : store.assignments.planned()
  return {
    id,
    title,
    fileName: basename(store.path),
    fileKey: createHash('sha256').update(store.path).digest('base64url').slice(0, 16),
    settings,
    guideline: store.guidelines.latest(),
    isWorkFile: workRaterId !== null,
    raters: store.raters
      .list()
      .filter(({ id: raterId }) => workRaterId === null || raterId === workRaterId)
      .map((rater) => ({
        ...rater,
        ratings: 0,
        cannotJudge: 0,
        ...tally.raters.get(rater.id),
        planned: planned === null ? null : (planned.get(rater.id) ?? 0),
      })),
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
            retrainOffered:
              tally.newRatings >= (settings.retrainAfter === null ? offerAfter : 2 * settings.retrainAfter),
            change: modelChange(store, run),
          },
  }
}
