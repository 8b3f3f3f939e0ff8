import type { AppContract } from '#shared/contract/index.ts'
import type { Handlers } from '#shared/rpc/contract.ts'
import type { ServiceContext } from '../context.ts'
import { withProject } from '../withProject.ts'
import { startEvidence } from './measure.ts'
import { measurePace } from './pace.ts'

export type EvidenceHandlers = Pick<Handlers<AppContract>, 'evidence.read' | 'evidence.measure'>

/** The handlers of contract/evidence.ts. */
export function createEvidenceHandlers(context: ServiceContext): EvidenceHandlers {
  return {
    'evidence.read': () =>
      withProject(context, (store) => {
        const kept = store.evidence.last()
        return {
          report: kept?.report ?? null,
          isCurrent: kept !== null && kept.stamp === store.evidence.stamp(),
          pace: measurePace(store),
        }
      }),
    'evidence.measure': () => withProject(context, (store) => ({ jobId: startEvidence(context, store) })),
  }
}
