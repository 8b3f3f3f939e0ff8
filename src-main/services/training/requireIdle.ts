import type { ServiceContext } from '../context.ts'

/** @throws GradusError `job-running` where something runs that a training would disturb or be disturbed by. */
export function requireIdle({ jobs }: Pick<ServiceContext, 'jobs'>): void {
  for (const kind of ['train', 'search', 'restore', 'rank', 'rescore', 'probe', 'replay'] as const)
    jobs.requireIdle(kind)
}
