import { z } from 'zod'
import { method } from '../rpc/contract.ts'

export const programFacts = z.object({
  version: z.string(),
  node: z.string(),
  host: z.enum(['electron', 'web', 'command-line']),
  encoder: z.object({ name: z.string(), dimension: z.number().int(), digest: z.string() }),
  /** Where things lie on this machine, for people to find and back up. */
  folders: z.object({ projects: z.string(), data: z.string(), cache: z.string(), log: z.string() }),
  embeddingCacheBytes: z.number().int(),
  processors: z.number().int(),
})
export type ProgramFacts = z.infer<typeof programFacts>

export const programMethods = {
  'program.facts': method(z.object({}), programFacts),
  /** The embeddings are computed anew when needed. */
  'program.clearEmbeddingCache': method(z.object({}), programFacts),
}
