import { existsSync, rmSync, statSync } from 'node:fs'
import { GradusError } from '#shared/contract/errors.ts'
import type { AppContract } from '#shared/contract/index.ts'
import type { ProgramFacts } from '#shared/contract/program.ts'
import type { Handlers } from '#shared/rpc/contract.ts'
import { encoder, encoderDigest } from '../encoder/catalogue.ts'
import type { ServiceContext } from './context.ts'
import { embeddingCachePath } from './model/encoderAccess.ts'
import { giveWay } from './training/giveWay.ts'

/** SQLite's own files beside the cache belong to it. */
function cacheFiles(context: Pick<ServiceContext, 'folders'>): string[] {
  const path = embeddingCachePath(context.folders)
  return [path, `${path}-wal`, `${path}-shm`].filter((file) => existsSync(file))
}

/** Handlers of contract/program.ts. */
export function createProgramHandlers(
  context: Pick<ServiceContext, 'folders' | 'host' | 'jobs' | 'threads' | 'version'>,
): Pick<Handlers<AppContract>, 'program.facts' | 'program.clearEmbeddingCache'> {
  const facts = (): ProgramFacts => ({
    version: context.version,
    node: process.version,
    host: context.host,
    encoder: { name: encoder.name, dimension: encoder.dimension, digest: encoderDigest },
    folders: { ...context.folders },
    embeddingCacheBytes: cacheFiles(context).reduce((bytes, file) => bytes + statSync(file).size, 0),
    processors: context.threads,
  })
  return {
    'program.facts': facts,
    async 'program.clearEmbeddingCache'() {
      await giveWay(context)
      for (const kind of ['train', 'search', 'replay', 'restore', 'rank', 'predict'] as const)
        context.jobs.requireIdle(kind)
      try {
        for (const file of cacheFiles(context)) rmSync(file)
      } catch (cause) {
        const path = embeddingCachePath(context.folders)
        throw new GradusError(
          'file-unwritable',
          `The embedding cache ${path} cannot be removed: close other windows of Gradus and try again.`,
          { path },
          cause,
        )
      }
      return facts()
    },
  }
}
