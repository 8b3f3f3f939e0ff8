import { basename } from 'node:path'
import { GradusError } from '#shared/contract/errors.ts'
import type { AppContract } from '#shared/contract/index.ts'
import type { CalibrationResult, MergedFile } from '#shared/contract/plan.ts'
import type { Handlers } from '#shared/rpc/contract.ts'
import type { ProjectStore } from '../../store/projectStore.ts'
import { writing } from '../../store/writing.ts'
import { hashText } from '../annotation/hashText.ts'
import type { ServiceContext } from '../context.ts'
import { openDestination } from '../exports/downloads.ts'
import { requireRater, requireStillOpen, requireWholeProject, withProject } from '../withProject.ts'
import { startDealing } from './dealing.ts'
import { mergeWork, splitWork } from './workFiles.ts'

export type PlanHandlers = Pick<
  Handlers<AppContract>,
  | 'plan.read'
  | 'plan.set'
  | 'plan.takePart'
  | 'plan.deal'
  | 'calibration.choose'
  | 'calibration.result'
  | 'work.split'
  | 'work.merge'
>

/** Pairs looked at for the calibration round; more say no more about what is in the project. */
const pairsPerPage = 5000

/** The handlers of contract/plan.ts. */
export function createPlanHandlers(context: ServiceContext): PlanHandlers {
  const changed = (store: ProjectStore): Record<string, never> => {
    store.wrote()
    context.projectChanged()
    return {}
  }

  return {
    'plan.read': () =>
      withProject(context, (store) => {
        const { settings, workRaterId } = store.project.read()
        const setAside = store.raters.setAside()
        const takingPart = store.raters.takingPart()
        const counts = new Map(store.assignments.counts().map((row) => [row.raterId, row]))
        return {
          overlap: settings.overlap,
          raters: store.raters.list().map(({ id, name }) => ({
            raterId: id,
            name,
            setAside: setAside.has(id),
            takesPart: takingPart.has(id),
            assigned: counts.get(id)?.assigned ?? 0,
            answered: counts.get(id)?.answered ?? 0,
          })),
          calibration: store.assignments.calibrationPairs().length,
          gold: store.gold.list(),
          workOf: workRaterId === null ? null : (store.raters.byId(workRaterId)?.name ?? ''),
        }
      }),

    'plan.set': ({ overlap }) =>
      withProject(context, (store) => {
        requireWholeProject(store, 'the plan is made')
        writing(store.database, () => {
          const { settings } = store.project.read()
          store.project.writeSettings({ ...settings, overlap })
          store.assignments.planChanged()
        })()
        changed(store)
        return { jobId: overlap === null ? null : startDealing(context, store) }
      }),

    'plan.takePart': ({ raterId, takesPart }) =>
      withProject(context, (store) => {
        requireWholeProject(store, 'the plan is made')
        requireRater(store, raterId)
        store.raters.setTakesPart(raterId, takesPart)
        startDealing(context, store)
        return changed(store)
      }),

    'plan.deal': () =>
      withProject(context, (store) => {
        requireWholeProject(store, 'pairs are dealt')
        const jobId = startDealing(context, store)
        if (jobId === null)
          throw new GradusError(
            'nothing-to-do',
            'Everybody rates everything: choose a plan first, then pairs are dealt by it.',
          )
        return { jobId }
      }),

    'calibration.choose': ({ pairs }) =>
      withProject(context, (store) => {
        requireWholeProject(store, 'the calibration round is chosen')
        const chosen = chooseCalibration(store, pairs)
        store.assignments.writeCalibration(chosen)
        changed(store)
        return { pairs: chosen.length }
      }),

    'calibration.result': ({ raterId }) =>
      withProject(context, (store) => {
        requireRater(store, raterId)
        return calibrationResult(store, raterId)
      }),

    'work.split': ({ raterIds, folderToken }) =>
      withProject(context, async (store) => {
        requireWholeProject(store, 'work is split')
        const { folder, offer } = await openDestination(context, folderToken)
        requireStillOpen(store)
        for (const raterId of raterIds) requireRater(store, raterId)
        const files = raterIds.map((raterId) => {
          const { path, rater, pairs } = splitWork(store, raterId, folder)
          return { rater, fileName: basename(path), pairs, download: offer === null ? null : offer(path) }
        })
        return { files }
      }),

    'work.merge': ({ fileTokens }) =>
      withProject(context, (store) => {
        requireWholeProject(store, 'work files are merged')
        const files: MergedFile[] = []
        try {
          for (const token of fileTokens) files.push(mergeWork(store, context.files.path(token)))
        } finally {
          store.tally.recount()
          store.assignments.planChanged()
          changed(store)
        }
        return { files }
      }),
  }
}

/** So many pairs, those of the lowest hashes: the same ones for the same seed, whatever their order in the file. */
function chooseCalibration(store: ProjectStore, count: number): string[] {
  const { seed } = store.project.read().settings
  const chosen: { id: string; chance: number }[] = []
  for (let after = 0; count > 0;) {
    const keys = store.pairs.keys(after, pairsPerPage)
    for (const { id } of keys) chosen.push({ id, chance: hashText(`${id} calibration`, seed) })
    chosen.sort((left, right) => left.chance - right.chance)
    chosen.length = Math.min(chosen.length, count)
    if (keys.length < pairsPerPage) break
    after = keys.at(-1)?.place ?? after
  }
  return chosen.map(({ id }) => id)
}

/** What the rater gave beside gold or the others' mean, those furthest apart first. Only pairs they have answered. */
function calibrationResult(store: ProjectStore, raterId: string): CalibrationResult {
  const rows = store.assignments.calibrationPairs().flatMap(({ pairId }) => {
    const answer = store.ratings.current(pairId, raterId)
    const pair = store.pairs.byId(pairId)
    if (answer === null || pair === null) return []
    const gold = store.gold.ofPair(pairId)
    const others = store.ratings.standingScores(pairId).filter((rating) => rating.raterId !== raterId)
    const mean =
      others.length === 0 ? null : others.reduce((sum, { score }) => sum + score, 0) / others.length
    const { premise, hypothesis } = pair
    const against = gold?.score ?? mean
    return { pairId, premise, hypothesis, own: answer.score, against, isGold: gold !== null }
  })
  const differences = rows.flatMap(({ own, against }) =>
    own === null || against === null ? [] : own - against,
  )
  const meanOf = (values: readonly number[]): number | null =>
    values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length
  const apart = ({ own, against }: (typeof rows)[number]): number =>
    own === null || against === null ? -1 : Math.abs(own - against)
  return {
    rows: rows.toSorted((left, right) => apart(right) - apart(left)),
    bias: meanOf(differences),
    mae: meanOf(differences.map(Math.abs)),
  }
}
