import type { ServiceContext } from '../context.ts'

/** Why a run was given up that nobody had asked for. */
export const gaveWay = 'It was started by itself and gave way to other work.'

/**
 * Ends a training that was started by itself, and waits for its end: nobody who asks for something has to wait for what
 * nobody has asked for. Other jobs are left alone.
 * @param why what is kept as the reason, as a sentence.
 */
export async function giveWay({ jobs }: Pick<ServiceContext, 'jobs'>, why: string = gaveWay): Promise<void> {
  for (const { id, detail, outcome } of jobs.list())
    if (outcome.status === 'running' && detail.kind === 'train' && detail.automatic) {
      jobs.cancel(id, why)
      await jobs.ended(id)
    }
}
