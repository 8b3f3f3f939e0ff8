import { toErrorShape } from '#shared/contract/errors.ts'
import type { EvidenceFigures, EvidenceReport, EvidenceRun } from '#shared/domain/evidence.ts'
import type { RunningJob } from '../../jobs/jobs.ts'
import { runInWorker } from '../../jobs/runInWorker.ts'
import { adviseStopping } from '../../learning/evidence/stopAdvice.ts'
import { replayContract } from '../../learning/replay/replayContract.ts'
import { explainDatabaseError } from '../../store/databaseErrors.ts'
import type { ProjectStore } from '../../store/projectStore.ts'
import { refitForConsensus } from '../agreement/raterModel.ts'
import type { ServiceContext } from '../context.ts'
import { requireStillOpen } from '../withProject.ts'
import { gatherEvidence } from './gatherEvidence.ts'

/** Reading and encoding come before this share of the job. */
const gatheringShare = 0.1

/** Starts measuring what labels are worth and returns the job: the one that runs, where one does. */
export function startEvidence(context: ServiceContext, store: ProjectStore): string {
  const running = context.jobs
    .list()
    .find(({ detail, outcome }) => detail.kind === 'evidence' && outcome.status === 'running')
  if (running !== undefined) return running.id
  return context.jobs.start({ kind: 'evidence' }, 'Reading labels', async (job) => {
    try {
      await measure(context, store, job)
    } catch (thrown) {
      requireStillOpen(store)
      throw explainDatabaseError(thrown, store.path)
    }
  })
}

/** To be called when a run has ended well; a command that trains is not made to wait for it. */
export function measureAfterRun(context: ServiceContext, store: ProjectStore): void {
  if (context.host === 'command-line') return
  try {
    startEvidence(context, store)
  } catch (thrown) {
    // The program is closing: it is measured when somebody asks.
    if (toErrorShape(thrown).code !== 'cancelled') context.log(thrown, 'evidence after a run')
  }
}

async function measure(context: ServiceContext, store: ProjectStore, running: RunningJob): Promise<void> {
  const { signal } = running
  await refitForConsensus(context, store, signal)
  requireStillOpen(store)
  // Read first: what is rated from here on makes the report an older one.
  const stamp = store.evidence.stamp()
  const request = await gatherEvidence(context, store, signal, (phase, share) =>
    running.update({ phase, share: share === null ? null : gatheringShare * share }),
  )
  running.update({ phase: 'Measuring what labels are worth', share: gatheringShare })
  const figures = await runInWorker(
    {
      startWorker: context.startWorker,
      name: 'replay',
      title: 'measuring',
      contract: replayContract,
      signal,
    },
    (client) => {
      client.on('measured', ({ share }) =>
        running.update({ share: gatheringShare + (1 - gatheringShare) * share }),
      )
      // One, since people rate meanwhile.
      return client.call('evidence', { ...request, threads: 1 }, { signal })
    },
  )
  requireStillOpen(store)
  store.evidence.keep({ stamp, report: toReport(store, figures) })
  store.wrote()
}

/** Puts the runs, the ceiling and the advice beside the figures. */
function toReport(store: ProjectStore, figures: EvidenceFigures): EvidenceReport {
  const runs = store.runs
    .list()
    .filter(({ status, binnedAt }) => status === 'finished' && binnedAt === null)
    .flatMap(({ number, report }): EvidenceRun[] => {
      const pearson = report?.holdout?.used.pearson ?? null
      if (report === null || pearson === null) return []
      return [{ number, labels: report.rows.train + report.rows.validation, pearson }]
    })
    .reverse()
  const inUse = store.runs.inUse()?.report ?? null
  const judged = inUse?.holdout?.used ?? null
  const present = judged?.pearson ?? figures.curve.points.at(-1)?.pearson ?? null
  const heldOut = judged?.pearson == null ? figures.holdout.used : judged.n
  const ceiling = inUse?.ceiling ?? null
  return {
    figures,
    runs,
    present,
    ceiling,
    stop: adviseStopping(figures, present, ceiling?.pearson ?? null, heldOut),
    createdAt: new Date().toISOString(),
  }
}
