import { z } from 'zod'
import { backendChoice, backendName, rung } from '../domain/backend.ts'
import { ulid } from '../domain/ids.ts'
import { method } from '../rpc/contract.ts'

/** The back ends of this machine. */
export const ladder = z.object({
  /** In the order in which they are tried. */
  rungs: z.array(rung),
  /** When they were probed; null before the first time, and after program or machine have changed. */
  probedAt: z.iso.datetime().nullable(),
  choice: backendChoice,
  /** What a training that starts now runs on. */
  inUse: backendName,
})
export type Ladder = z.infer<typeof ladder>

export const backendMethods = {
  'backends.list': method(z.object({}), ladder),
  /** Probes every rung that can be there, each in a process of its own; one probe at a time, and not beside a training. */
  'backends.probe': method(z.object({}), z.object({ jobId: ulid })),
  /** For every training on this machine from now on; kept with the program's data, not in the project. */
  'backends.choose': method(z.object({ choice: backendChoice }), ladder),
}
