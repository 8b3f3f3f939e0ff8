import type { ErrorShape } from '#shared/contract/errors.ts'
import { byteSize, counted } from '../../format/numbers.ts'
import type { ExportJob } from './exportStore.ts'

/** How an export ended, in one message; null while it runs, and before there is one. */
export function exportEnd(
  job: ExportJob | null,
  failure: ErrorShape | null,
): { kind: 'good' | 'info' | 'error'; text: string } | null {
  if (failure !== null) return { kind: 'error', text: failure.message }
  if (job === null) return null
  switch (job.outcome.status) {
    case 'running':
      return null
    case 'cancelled':
      return { kind: 'info', text: 'The export was cancelled.' }
    case 'failed':
      return { kind: 'error', text: job.outcome.error.message }
    case 'finished': {
      const { files, folder } = job.detail
      const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
      const what = `${counted(files.length, 'file')}, ${byteSize(bytes)}`
      return {
        kind: 'good',
        text: folder === null ? `${what}, ready to download.` : `${what}, in ${folder}.`,
      }
    }
  }
}
