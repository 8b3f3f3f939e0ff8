import { basename, join, parse } from 'node:path'
import { GradusError } from '#shared/contract/errors.ts'
import { columnRole, type ImportOptions, type LabelCounts } from '#shared/contract/imports.ts'
import type { AppContract } from '#shared/contract/index.ts'
import { classScores, defaultClassScores, type ClassScore } from '#shared/domain/classes.ts'
import { groupingText } from '#shared/domain/pair.ts'
import type { Handlers } from '#shared/rpc/contract.ts'
import { requireTexts, unknownColumn } from '../../formats/columns.ts'
import { countLabels } from '../../formats/countLabels.ts'
import { previewFile, type FilePreview } from '../../formats/preview.ts'
import { writeRejectedRows } from '../../formats/rejectedRows.ts'
import { newId } from '../../store/newId.ts'
import { noCounts } from '../../store/repositories/imports.ts'
import type { ServiceContext } from '../context.ts'
import { openDestination } from '../exports/downloads.ts'
import { runImport } from './importJob.ts'
import { startDealing } from '../plan/dealing.ts'
import { requireStillOpen, requireWholeProject, withProject } from '../withProject.ts'

export type ImportHandlers = Pick<
  Handlers<AppContract>,
  'imports.preview' | 'imports.start' | 'imports.list' | 'imports.rejected' | 'imports.saveRejected'
>

/** The handlers of contract/imports.ts. */
export function createImportHandlers(context: ServiceContext): ImportHandlers {
  let counted: { readonly key: string; readonly labels: Promise<LabelCounts> } | null = null

  /** The labels of a file; counted once while only other things about it change. */
  const labelsOf = async (path: string, preview: FilePreview): Promise<LabelCounts | null> => {
    const { fileName, bytes, layout, columns, columnNames } = preview
    const column = columns.label
    if (column === undefined || !columnNames.includes(column)) return null
    const key = JSON.stringify([path, bytes, layout, column])
    const labels = counted?.key === key ? counted.labels : countLabels(path, fileName, layout, column)
    counted = { key, labels }
    try {
      return await labels
    } catch (thrown) {
      counted = null
      throw thrown
    }
  }

  return {
    async 'imports.preview'({ fileToken, newClasses = [], ...given }) {
      const path = context.files.path(fileToken)
      const fileName = basename(path)
      const open = context.session.open
      const own = open === null ? defaultClassScores : open.store.project.read().settings.classScores
      const preview = await previewFile(path, fileName, { ...given, classes: [...own, ...newClasses] })
      return { ...preview, labels: await labelsOf(path, preview) }
    },

    async 'imports.start'({ fileToken, options }) {
      const store = context.session.store()
      requireWholeProject(store, 'pairs are imported')
      const path = context.files.path(fileToken)
      const fileName = basename(path)
      await refuseUnknownColumns(path, fileName, options)
      requireStillOpen(store)
      refuseUnusableClasses(store.project.read().settings.classScores, options)
      context.jobs.requireIdle('import')
      context.jobs.requireIdle('rescore')
      const importId = newId()
      const jobId = context.jobs.start(
        { kind: 'import', importId, fileName, counts: noCounts },
        `Importing ${fileName}`,
        async (running) => {
          await runImport(store, { importId, path, fileName, options }, running, (thrown, where) =>
            context.log(thrown, where),
          )
          startDealing(context, store)
          context.projectChanged()
        },
      )
      return { jobId }
    },

    'imports.list': () => withProject(context, ({ imports }) => imports.list()),

    'imports.rejected': ({ importId, offset, limit }) =>
      withProject(context, ({ imports }) => imports.rejected(importId, offset, limit)),

    'imports.saveRejected': ({ importId, folderToken }) =>
      withProject(context, async ({ imports }) => {
        const finished = imports.byId(importId)
        if (finished === null) throw new GradusError('not-found', 'There is no such import in this project.')
        const { folder, offer } = await openDestination(context, folderToken)
        const fileName = `${parse(finished.fileName).name}-rejected.csv`
        const path = join(folder, fileName)
        await writeRejectedRows(path, (after, limit) => imports.rejectedAfter(importId, after, limit))
        return { fileName, download: offer === null ? null : offer(path) }
      }),
  }
}

/**
 * Says at once, not row by row, that a column with a role is not there: in JSON Lines, that none of the first objects has
 * it, which is a wrong name far more often than a rare key.
 * @throws GradusError `bad-options`, `bad-file`.
 */
async function refuseUnknownColumns(path: string, fileName: string, options: ImportOptions): Promise<void> {
  requireTexts(options.columns)
  const { columnNames } = await previewFile(path, fileName, options)
  for (const role of columnRole.options) {
    const column = options.columns[role]
    if (column !== undefined && column !== '' && !columnNames.includes(column))
      throw unknownColumn(column, columnNames)
  }
}

/** @throws GradusError `bad-options` where the new classes do not go with those of the project, or a label means none of them. */
function refuseUnusableClasses(present: readonly ClassScore[], options: ImportOptions): void {
  const wanted = [...present, ...(options.newClasses ?? [])]
  const checked = classScores.safeParse(wanted)
  if (!checked.success)
    throw new GradusError(
      'bad-options',
      `The new classes cannot be taken: ${checked.error.issues[0]?.message ?? 'they do not go together'} The project has ${present.map(({ name }) => name).join(', ')}.`,
    )
  const names = new Set(wanted.map(({ name }) => groupingText(name)))
  for (const { label, className } of options.labelMeanings ?? [])
    if (className !== null && !names.has(groupingText(className)))
      throw new GradusError(
        'bad-options',
        `The label "${label}" cannot mean "${className}": the classes are ${wanted.map(({ name }) => name).join(', ')}.`,
      )
}
