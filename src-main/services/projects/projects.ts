import { existsSync, realpathSync, rmSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { GradusError } from '#shared/contract/errors.ts'
import type { AppContract } from '#shared/contract/index.ts'
import type { ProjectOverview } from '#shared/contract/project.ts'
import { defaultProjectSettings, projectSettings, type ProjectSettings } from '#shared/domain/project.ts'
import type { Handlers } from '#shared/rpc/contract.ts'
import { openProjectStore, type ProjectStore } from '../../store/projectStore.ts'
import { writing } from '../../store/writing.ts'
import type { ServiceContext } from '../context.ts'
import { finishRescoring, prepareRescoring } from './rescoring.ts'
import { closedMeanwhile } from '../../jobs/jobs.ts'
import { giveWay } from '../training/giveWay.ts'
import { failInterruptedRuns } from '../training/interruptedRuns.ts'
import { projectOverview } from './overview.ts'
import { freeProjectPath } from './projectFileName.ts'
import { createRecentProjects } from './recentProjects.ts'
import { ensureSampleProject } from './sampleProject.ts'
import { startDealing } from '../plan/dealing.ts'
import { requireWholeProject, withProject } from '../withProject.ts'

export type ProjectHandlers = Pick<
  Handlers<AppContract>,
  | 'project.current'
  | 'project.recent'
  | 'project.create'
  | 'project.open'
  | 'project.labels'
  | 'project.close'
  | 'project.configure'
  | 'project.writeGuideline'
  | 'project.guidelines'
  | 'rater.create'
>

/** The guideline a project begins with. */
export const firstGuideline = `How strongly does the second text belong to the first? Give 0 where it does not belong at all and 1 where it fully does.`

/**
 * Makes a project file with its settings and its first guideline.
 * @throws GradusError `already-exists`, `file-unwritable`, `disk-full`; no file is left behind then.
 */
export function createProjectFile(
  path: string,
  title: string,
  onSlowStatement?: (message: string) => void,
): ProjectStore {
  const store = openProjectStore(path, { create: true, onSlowStatement })
  try {
    store.database.transaction(() => {
      store.project.create(title, defaultProjectSettings)
      store.guidelines.write(firstGuideline)
    })()
    return store
  } catch (thrown) {
    store.close()
    rmSync(path, { force: true })
    throw thrown
  }
}

/**
 * Opens a project file and clears away what a killed program has left half done in it; that stays where another process
 * has the project open, since it may still be at it.
 */
export function openProjectFile(path: string, onSlowStatement?: (message: string) => void): ProjectStore {
  const store = openProjectStore(path, { create: false, onSlowStatement })
  try {
    if (!store.project.exists())
      throw new GradusError('not-a-project', 'The making of this project was interrupted: make it anew.')
    if (store.alone) {
      failInterruptedRuns(store)
      finishRescoring(store)
    }
    return store
  } catch (thrown) {
    store.close()
    throw thrown
  }
}

/** Settings that decide what has happened already: fixed from the first rating or run on. */
function refuseLateChanges(store: ProjectStore, present: ProjectSettings, wanted: ProjectSettings): void {
  const changed = (['holdoutShare', 'seed'] as const).filter((name) => wanted[name] !== present[name])
  if (changed.length === 0) return
  const obstacle = store.ratings.any() ? 'ratings' : store.runs.list().length > 0 ? 'trainings' : null
  if (obstacle === null) return
  const words = { holdoutShare: 'The share of the holdout', seed: 'The seed' }
  throw new GradusError(
    'bad-options',
    `${changed.map((name) => words[name]).join(' and ')} cannot change any more: the project has ${obstacle} made ` +
      'under the present value, and pairs would move between training and holdout. Make a new project for another one.',
  )
}

/** Where a file really lies: one project must not be opened twice under two names. */
function realPath(path: string): string {
  return existsSync(path) ? realpathSync(path) : path
}

/** Creating, opening and configuring projects: one is open at a time. */
export function createProjectHandlers(context: ServiceContext): ProjectHandlers {
  const recent = createRecentProjects(context.folders.data, (thrown, where) => context.log(thrown, where))

  const noteSlow = (message: string): void => context.log(message, 'slow statement')
  const requireNoJobs = (): void => {
    for (const kind of [
      'import',
      'train',
      'search',
      'replay',
      'restore',
      'rank',
      'predict',
      'rescore',
      'deal',
      'export',
    ] as const)
      context.jobs.requireIdle(kind)
  }
  const noted = (store: ProjectStore, path: string): ProjectOverview => {
    // What a command opens is no place that the window should offer.
    if (context.host !== 'command-line') recent.note({ path, title: store.project.read().title })
    return projectOverview(store)
  }
  const change = (opened: { store: ProjectStore; path: string } | null): void => {
    // They only read, so that nobody has to wait for them; the project they are of goes away.
    for (const { id, detail, outcome } of context.jobs.list())
      if (['agreement', 'evidence'].includes(detail.kind) && outcome.status === 'running')
        context.jobs.cancel(id)
    context.session.set(opened)
    context.jobs.forgetEnded()
    context.projectChanged()
  }
  const takeUp = (store: ProjectStore, path: string): ProjectOverview => {
    change({ store, path })
    return noted(store, path)
  }
  /** A training that nobody has asked for does not keep a project open. */
  const letGo = (): Promise<void> => giveWay(context, closedMeanwhile)
  const openPath = async (given: string): Promise<ProjectOverview> => {
    const path = realPath(given)
    const present = context.session.open
    if (present?.path === path) return noted(present.store, path)
    await letGo()
    requireNoJobs()
    return takeUp(openProjectFile(path, noteSlow), path)
  }

  return {
    'project.current': () =>
      context.session.open === null ? null : withProject(context, (store) => projectOverview(store)),

    'project.recent': () => recent.list(),

    async 'project.create'({ title, folderToken }) {
      await letGo()
      requireNoJobs()
      const folder = folderToken === null ? context.folders.projects : context.files.path(folderToken)
      const path = freeProjectPath(realPath(folder), title)
      return takeUp(createProjectFile(path, title, noteSlow), path)
    },

    'project.open'(wanted) {
      switch (wanted.by) {
        case 'recent': {
          const path = recent.path(wanted.recentId)
          if (path === null)
            throw new GradusError('not-found', 'This project is not in the list any more: open its file.')
          return openPath(path)
        }
        case 'file':
          return openPath(context.files.path(wanted.fileToken))
        case 'sample':
          return openPath(ensureSampleProject(context.folders.projects))
      }
    },

    'project.labels': () => withProject(context, ({ classLabels }) => classLabels.counts()),

    async 'project.close'() {
      await letGo()
      requireNoJobs()
      change(null)
      return {}
    },

    'project.configure': ({ title, settings = {} }) =>
      withProject(context, (store) => {
        requireWholeProject(store, 'settings are made')
        const rescoring = writing(store.database, () => {
          const present = store.project.read().settings
          const given = Object.entries(settings).filter(([, value]) => value !== undefined)
          const wanted = projectSettings.parse({ ...present, ...Object.fromEntries(given) })
          refuseLateChanges(store, present, wanted)
          if (title !== undefined) store.project.writeTitle(title)
          store.project.writeSettings(wanted)
          return prepareRescoring(context, store, present.classScores, wanted.classScores)
        })()
        rescoring?.()
        context.projectChanged()
        return projectOverview(store)
      }),

    'project.writeGuideline': ({ text, examples }) =>
      withProject(context, (store) => {
        requireWholeProject(store, 'the guideline is written')
        const latest = store.guidelines.latest()
        if (latest.text === text && isDeepStrictEqual(examples ?? latest.examples, latest.examples))
          return latest
        const written = store.guidelines.write(text, examples)
        context.projectChanged()
        return written
      }),

    'project.guidelines': () => withProject(context, (store) => store.guidelines.list()),

    'rater.create': ({ name }) =>
      withProject(context, (store) => {
        requireWholeProject(store, 'raters are added')
        const rater = writing(store.database, () => {
          if (store.raters.byName(name) !== null)
            throw new GradusError(
              'duplicate-name',
              `There is a rater named "${name}" already: choose another name.`,
            )
          return store.raters.create(name)
        })()
        startDealing(context, store)
        context.projectChanged()
        return rater
      }),
  }
}
