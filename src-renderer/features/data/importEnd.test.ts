import { expect, test } from 'vitest'
import type { JobOutcome } from '#shared/contract/jobs.ts'
import { exampleId, exampleJob } from '../../testing/examples.ts'
import { importEnd } from './importEnd.ts'

const counts = { rows: 2415, pairs: 2400, ratings: 1902, duplicates: 3, rejected: 12 }
const ended = (outcome: JobOutcome, changes: Partial<typeof counts> = {}) =>
  importEnd(
    exampleJob(
      1,
      { kind: 'import', importId: exampleId(2), fileName: 'train.tsv', counts: { ...counts, ...changes } },
      outcome,
    ),
  )

test('each end of an import has its message', () => {
  expect([
    ended({ status: 'running' }),
    ended({ status: 'finished' }),
    ended({ status: 'finished' }, { duplicates: 0, rejected: 0, pairs: 1 }),
    ended({ status: 'cancelled' }),
    ended({ status: 'failed', error: { code: 'bad-file', message: 'train.tsv: row 3 has a broken quote.' } }),
  ]).toEqual([
    null,
    {
      kind: 'warn',
      text: '2,400 new pairs and 1,902 ratings from train.tsv, 2,415 rows read. 3 duplicates, 12 rows rejected.',
    },
    { kind: 'good', text: '1 new pair and 1,902 ratings from train.tsv, 2,415 rows read.' },
    { kind: 'info', text: 'The import of train.tsv was cancelled. The project is as it was before.' },
    { kind: 'error', text: 'train.tsv: row 3 has a broken quote.' },
  ])
})
