import { existsSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { MergedFile } from '#shared/contract/plan.ts'
import { GradusError } from '#shared/contract/errors.ts'
import { makeIdsAfterThoseOf } from '../../store/idOrder.ts'
import type { ProjectStore } from '../../store/projectStore.ts'
import { openProjectStore } from '../../store/projectStore.ts'
import { projectSuffix } from '../projects/projectFileName.ts'

/** A name as part of a file's name. */
function fileNamePart(text: string): string {
  return text
    .replace(/[<>:"/\\|?*\p{Cc}]/gu, ' ')
    .replace(/\s+/gu, ' ')
    .trim()
}

/** A file that was made for a rater. */
export interface WorkFile {
  readonly path: string
  readonly rater: string
  readonly pairs: number
}

/**
 * Writes a file for a rater to work in elsewhere: the project's guideline and settings, the pairs the rater is to rate or
 * has rated, and their own ratings; nobody else's, no model. Gold scores are in it only where raters are told about them.
 * @throws GradusError `already-exists`, `file-unwritable`, `disk-full`, `nothing-to-do`; no file is left behind then.
 */
export function splitWork(store: ProjectStore, raterId: string, folder: string): WorkFile {
  const { title } = store.project.read()
  const rater = store.raters.byId(raterId)
  if (rater === null) throw new GradusError('not-found', 'This rater is not in the project.')
  const path = join(folder, `${fileNamePart(title)} - ${fileNamePart(rater.name)}${projectSuffix}`)
  if (existsSync(path))
    throw new GradusError(
      'already-exists',
      `There is a file "${basename(path)}" already: move it away or choose another folder.`,
    )
  try {
    openProjectStore(path, { create: true }).close()
    const pairs = store.workFiles.write(path, raterId)
    if (pairs === 0)
      throw new GradusError(
        'nothing-to-do',
        `${rater.name} has no pair to rate: deal pairs by a plan first, or import some.`,
      )
    return { path, rater: rater.name, pairs }
  } catch (thrown) {
    if (!(thrown instanceof GradusError && thrown.code === 'already-exists'))
      for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true })
    throw thrown
  }
}

/**
 * Brings the ratings of a work file into the project it was split off. Rows are put side by side by their ids, so the
 * order of files does not matter, nor how often one is merged.
 * @throws GradusError where the file is none of this project's work files.
 */
export function mergeWork(store: ProjectStore, path: string): MergedFile {
  const fileName = basename(path)
  const { id, title } = store.project.read()
  // Brings it to the present version, and refuses what is no project or a newer one's.
  const work = openProjectStore(path, { create: false })
  let raterId: string | null
  try {
    if (!work.project.exists())
      throw new GradusError(
        'not-a-project',
        `The making of "${fileName}" was interrupted: split it off anew.`,
      )
    const from = work.project.read()
    if (from.id !== id)
      throw new GradusError(
        'bad-file',
        `"${fileName}" was split off another project ("${from.title}"): nothing was taken from it.`,
      )
    raterId = from.workRaterId
  } finally {
    work.close()
  }
  if (raterId === null)
    throw new GradusError(
      'bad-file',
      `"${fileName}" is a copy of the project "${title}" itself: only files made by split-work are merged.`,
    )
  const rater = store.raters.byId(raterId)
  if (rater === null)
    throw new GradusError('bad-file', `The rater of "${fileName}" is not in this project: nothing was taken.`)
  const { added, known, leftOut } = store.workFiles.merge(path, raterId)
  makeIdsAfterThoseOf(store.database)
  return { fileName, rater: rater.name, added, known, leftOut }
}
