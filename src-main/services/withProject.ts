import { GradusError } from '#shared/contract/errors.ts'
import { explainDatabaseError } from '../store/databaseErrors.ts'
import type { ProjectStore } from '../store/projectStore.ts'
import type { ServiceContext } from './context.ts'

/**
 * Lets `work` use the open project; what fails because of the disk or another program is explained.
 * @throws GradusError `no-project-open`, also where the project was closed while `work` waited for something.
 */
export async function withProject<Result>(
  context: Pick<ServiceContext, 'session'>,
  work: (store: ProjectStore) => Result | Promise<Result>,
): Promise<Result> {
  const store = context.session.store()
  try {
    return await work(store)
  } catch (thrown) {
    requireStillOpen(store)
    throw explainDatabaseError(thrown, store.path)
  }
}

/** To be called after waiting for something. @throws GradusError `no-project-open` where the project has been closed. */
export function requireStillOpen(store: ProjectStore): void {
  if (!store.database.open)
    throw new GradusError('no-project-open', 'The project was closed meanwhile: open it and do it again.')
}

/** The rater of this id. @throws GradusError `not-found`. */
export function requireRater(store: ProjectStore, raterId: string): void {
  if (store.raters.byId(raterId) === null)
    throw new GradusError('not-found', 'This rater is not in the project: choose who is at work.')
}

/**
 * What belongs to the project is not done in a file that was split off for one rater.
 * @param what is done, as the beginning of a sentence that goes on with where.
 * @throws GradusError `bad-request` there.
 */
export function requireWholeProject(store: ProjectStore, what: string): void {
  const { workRaterId, title } = store.project.read()
  if (workRaterId === null) return
  const name = store.raters.byId(workRaterId)?.name ?? ''
  throw new GradusError(
    'bad-request',
    `This file was split off "${title}" for ${name} to rate in: ${what} in the project itself.`,
  )
}
