import { basename, join, parse } from 'node:path'
import { GradusError } from '#shared/contract/errors.ts'
import { columnRole, type ImportOptions } from '#shared/contract/imports.ts'
import type { AppContract } from '#shared/contract/index.ts'
import type { Handlers } from '#shared/rpc/contract.ts'
import { requireTexts, unknownColumn } from '../../formats/columns.ts'
import { previewFile } from '../../formats/preview.ts'
import { writeRejectedRows } from '../../formats/rejectedRows.ts'
import { newId } from '../../store/newId.ts'
import { noCounts } from '../../store/repositories/imports.ts'
import type { ServiceContext } from '../context.ts'
import { openDestination } from '../exports/downloads.ts'
import { runImport } from './importJob.ts'
import { requireStillOpen, withProject } from '../withProject.ts'

export type ImportHandlers = Pick<
  Handlers<AppContract>,
  'imports.preview' | 'imports.start' | 'imports.list' | 'imports.rejected' | 'imports.saveRejected'
>

/** The handlers of contract/imports.ts. */
export function createImportHandlers(context: ServiceContext): ImportHandlers {
  return {
    'imports.preview': ({ fileToken, ...given }) => {
      const path = context.files.path(fileToken)
      return previewFile(path, basename(path), given)
    },

    async 'imports.start'({ fileToken, options }) {
      const store = context.session.store()
      const path = context.files.path(fileToken)
      const fileName = basename(path)
      await refuseUnknownColumns(path, fileName, options)
      requireStillOpen(store)
      context.jobs.requireIdle('import')
      const importId = newId()
      const jobId = context.jobs.start(
        { kind: 'import', importId, fileName, counts: noCounts },
        `Importing ${fileName}`,
        async (running) => {
          await runImport(store, { importId, path, fileName, options }, running, (thrown, where) =>
            context.log(thrown, where),
          )
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
