import type { AppContract } from '#shared/contract/index.ts'
import type { Handlers } from '#shared/rpc/contract.ts'
import type { ServiceContext } from './context.ts'

/** Handlers of contract/jobs.ts. */
export function createJobsHandlers({
  jobs,
}: Pick<ServiceContext, 'jobs'>): Pick<Handlers<AppContract>, 'jobs.list' | 'jobs.cancel'> {
  return {
    'jobs.list': () => jobs.list(),
    'jobs.cancel'({ jobId }) {
      jobs.cancel(jobId)
      return {}
    },
  }
}
