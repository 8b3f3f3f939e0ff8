import type { AppContract } from '#shared/contract/index.ts'
import type { Handlers } from '#shared/rpc/contract.ts'
import type { PersonPace } from '../jobs/pace.ts'
import type { ServiceContext } from './context.ts'

/** Handlers of contract/jobs.ts. */
export function createJobsHandlers(
  { jobs }: Pick<ServiceContext, 'jobs'>,
  person: Pick<PersonPace, 'active'>,
): Pick<Handlers<AppContract>, 'jobs.list' | 'jobs.cancel' | 'jobs.personActive'> {
  return {
    'jobs.list': () => jobs.list(),
    'jobs.cancel'({ jobId }) {
      jobs.cancel(jobId)
      return {}
    },
    'jobs.personActive'() {
      person.active()
      return {}
    },
  }
}
