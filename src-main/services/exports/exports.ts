import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { AppContract } from '#shared/contract/index.ts'
import type { ExportedFile, JobDetail } from '#shared/contract/jobs.ts'
import type { Handlers } from '#shared/rpc/contract.ts'
import { makeFolder, type WrittenFile } from '../../formats/atomicFile.ts'
import type { RunningJob } from '../../jobs/jobs.ts'
import type { ServiceContext } from '../context.ts'
import { refitForConsensus } from '../agreement/raterModel.ts'
import { writeDataset } from './datasetExport.ts'
import { openDestination } from './downloads.ts'
import { writeWeightsExport } from './weightsExport.ts'
import { requireStillOpen, withProject } from '../withProject.ts'

export type ExportHandlers = Pick<Handlers<AppContract>, 'exports.start'>

/** The handlers of contract/exports.ts. */
export function createExportHandlers(context: ServiceContext): ExportHandlers {
  return {
    async 'exports.start'({ kind, folderToken }) {
      const store = context.session.store()
      const { folder, offer } = await openDestination(context, folderToken)
      // The command line may name a folder that is not there yet.
      await makeFolder(folder)
      requireStillOpen(store)
      context.jobs.requireIdle('export')
      const shownFolder = offer === null ? folder : null
      const detail = (files: ExportedFile[]): JobDetail => ({ kind: 'export', folder: shownFolder, files })

      const write = async (running: RunningJob): Promise<readonly WrittenFile[]> => {
        if (kind === 'dataset') {
          await refitForConsensus(context, store, running.signal)
          return writeDataset(store, folder, running.signal, (share) => running.update({ share }))
        }
        const paths = await writeWeightsExport(context, folder)
        return Promise.all(paths.map(describe))
      }
      const jobId = context.jobs.start(
        detail([]),
        kind === 'dataset' ? 'Writing the dataset' : 'Writing the weights',
        async (running) => {
          const written = await withProject(context, () => write(running))
          const files = written.map(({ path, name, bytes, sha256 }) => ({
            name,
            bytes,
            sha256,
            download: offer === null ? null : offer(path),
          }))
          running.update({ detail: detail(files) })
        },
      )
      return { jobId }
    },
  }
}

async function describe(path: string): Promise<WrittenFile> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  const { size } = await stat(path)
  return { path, name: basename(path), bytes: size, sha256: hash.digest('hex') }
}
