import { expect, test } from 'vitest'
import type { JobOutcome } from '#shared/contract/jobs.ts'
import { exampleId } from '../../testing/examples.ts'
import { exportEnd } from './exportEnd.ts'
import type { ExportJob } from './exportStore.ts'

function job(outcome: JobOutcome, folder: string | null): ExportJob {
  const file = { name: 'pairs.csv', bytes: 2_000_000, sha256: '00', download: folder === null ? '/d' : null }
  return {
    id: exampleId(1),
    phase: 'writing',
    share: 1,
    secondsLeft: 0,
    startedAt: '2026-11-23T10:00:00.000Z',
    outcome,
    detail: { kind: 'export', folder, files: [file, { ...file, name: 'pairs.jsonl' }] },
  }
}

test('each end of an export has its message', () => {
  const full = { code: 'disk-full' as const, message: 'The disk is full: free 4 MB, then export again.' }
  expect([
    exportEnd(null, null),
    exportEnd(job({ status: 'running' }, null), null),
    exportEnd(job({ status: 'finished' }, null), null),
    exportEnd(job({ status: 'finished' }, 'out'), null),
    exportEnd(job({ status: 'cancelled' }, null), null),
    exportEnd(job({ status: 'failed', error: full }, null), null),
    exportEnd(null, full),
  ]).toEqual([
    null,
    null,
    { kind: 'good', text: '2 files, 4.0 MB, ready to download.' },
    { kind: 'good', text: '2 files, 4.0 MB, in out.' },
    { kind: 'info', text: 'The export was cancelled.' },
    { kind: 'error', text: full.message },
    { kind: 'error', text: full.message },
  ])
})
