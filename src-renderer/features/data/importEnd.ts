import type { RejectionReason } from '#shared/contract/imports.ts'
import type { ImportCounts, Job } from '#shared/contract/jobs.ts'
import { count, counted } from '../../format/numbers.ts'

/** Reasons for leaving a row out, in words. */
export const reasonWords: Readonly<Record<RejectionReason, string>> = {
  'empty-text': 'empty text',
  'score-not-a-number': 'score is not a number',
  'score-out-of-range': 'score outside the range',
  'unknown-column': 'unknown column',
  'missing-column': 'missing column',
  'broken-quote': 'broken quote',
  'invalid-encoding': 'invalid characters',
  'nul-character': 'NUL character',
  'not-json': 'not JSON',
  'unknown-split': 'unknown split',
  'unknown-label': 'unknown label',
  'text-too-long': 'text too long',
  'duplicate-pair': 'duplicate pair',
  'duplicate-id': 'duplicate id',
}

/** What an import brought: "2,400 pairs and 1,902 ratings from train.tsv. 3 duplicates, 12 rows rejected." */
function importSummary(counts: ImportCounts, fileName: string): string {
  const brought = `${counted(counts.pairs, 'new pair')} and ${counted(counts.ratings, 'rating')} from ${fileName}`
  const left = [
    ...(counts.duplicates === 0 ? [] : [counted(counts.duplicates, 'duplicate')]),
    ...(counts.rejected === 0 ? [] : [`${counted(counts.rejected, 'row')} rejected`]),
  ]
  return `${brought}, ${counted(counts.rows, 'row')} read.${left.length === 0 ? '' : ` ${sentenceCase(left.join(', '))}.`}`
}

function sentenceCase(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** Rows that the report of an import lists: the rejected ones, and duplicates with what became of them. */
export function reported(counts: ImportCounts): number {
  return counts.rejected + counts.duplicates
}

/** How an import ended, in one message; null while it runs and for other jobs. */
export function importEnd(job: Job): { kind: 'good' | 'warn' | 'info' | 'error'; text: string } | null {
  if (job.detail.kind !== 'import') return null
  const { counts, fileName } = job.detail
  switch (job.outcome.status) {
    case 'running':
      return null
    case 'finished':
      return { kind: reported(counts) > 0 ? 'warn' : 'good', text: importSummary(counts, fileName) }
    case 'cancelled':
      return {
        kind: 'info',
        text: `The import of ${fileName} was cancelled. The project is as it was before.`,
      }
    case 'failed':
      return { kind: 'error', text: job.outcome.error.message }
  }
}

/** Counts of a running import, as short pieces. */
export function runningCounts(counts: ImportCounts): string[] {
  return [
    counted(counts.rows, 'row'),
    counted(counts.pairs, 'new pair'),
    counted(counts.ratings, 'rating'),
    counted(counts.duplicates, 'duplicate'),
    `${count(counts.rejected)} rejected`,
  ]
}
