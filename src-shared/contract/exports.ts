import { z } from 'zod'
import { ulid } from '../domain/ids.ts'
import { method } from '../rpc/contract.ts'

export const exportKind = z.enum(['dataset', 'weights'])
export type ExportKind = z.infer<typeof exportKind>

export const exportMethods = {
  /** Writes into the chosen folder, or as downloads where `folderToken` is null (web host). */
  'exports.start': method(
    z.object({ kind: exportKind, folderToken: z.string().nullable() }),
    z.object({ jobId: ulid }),
  ),
}
