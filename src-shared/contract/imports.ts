import { z } from 'zod'
import { classScore, labelMeaning, mostClasses } from '../domain/classes.ts'
import { ulid } from '../domain/ids.ts'
import { split } from '../domain/pair.ts'
import { scoreRange } from '../domain/score.ts'
import { method } from '../rpc/contract.ts'
import { importCounts } from './jobs.ts'

export const fileEncoding = z.enum(['utf-8', 'utf-16le', 'utf-16be', 'windows-1252'])
export type FileEncoding = z.infer<typeof fileEncoding>

/** How the bytes become rows. `quoting: none` takes quotation marks as text. */
export const fileLayout = z.discriminatedUnion('format', [
  z.object({
    format: z.literal('delimited'),
    encoding: fileEncoding,
    separator: z.enum([',', '\t', ';', '|']),
    quoting: z.enum(['double', 'none']),
    header: z.boolean(),
  }),
  z.object({ format: z.literal('jsonl'), encoding: fileEncoding }),
])
export type FileLayout = z.infer<typeof fileLayout>

/** What a column can be; every other column may be kept as metadata. */
export const columnRole = z.enum(['premise', 'hypothesis', 'id', 'score', 'label', 'rater', 'split'])
export type ColumnRole = z.infer<typeof columnRole>

/** Which column has which role: by name where the file has names, by 1-based number where it has none. */
export const columnMapping = z.object({
  premise: z.string(),
  hypothesis: z.string(),
  id: z.string().optional(),
  score: z.string().optional(),
  label: z.string().optional(),
  rater: z.string().optional(),
  split: z.string().optional(),
  /** Columns kept as metadata. */
  metadata: z.array(z.string()).default([]),
})
export type ColumnMapping = z.infer<typeof columnMapping>

/** What the labels of a file mean beyond the project's classes as they stand. */
const labelReading = {
  /** Labels that mean a class under another name, or none. */
  labelMeanings: z.array(labelMeaning).max(500).optional(),
  /** Classes that the project gets with this import. */
  newClasses: z
    .array(classScore.pick({ name: true, score: true }))
    .max(mostClasses)
    .optional(),
}

export const importOptions = z.object({
  layout: fileLayout,
  columns: columnMapping,
  /** The range the outside scores are on. */
  scoreRange,
  ...labelReading,
  /** Who gave the scores, where no column says so. */
  rater: z.string().trim().min(1).max(80),
  /** The split of rows that name none; null leaves it to the stable hash of the premise. */
  split: split.nullable(),
  /** `stop` gives up at the first bad row and leaves the project as it was. */
  onBadRow: z.enum(['report', 'stop']),
})
export type ImportOptions = z.infer<typeof importOptions>

export const rejectionReason = z.enum([
  'empty-text',
  'score-not-a-number',
  'score-out-of-range',
  'unknown-column',
  'missing-column',
  'broken-quote',
  'invalid-encoding',
  'nul-character',
  'not-json',
  'unknown-split',
  'unknown-label',
  'text-too-long',
  'duplicate-pair',
  'duplicate-id',
])
export type RejectionReason = z.infer<typeof rejectionReason>

/** A row that was not (wholly) taken, and why. */
export const rejectedRow = z.object({
  /** The line of the file where the row begins, counted from 1, as editors show it; a header stands in row 1. */
  rowNumber: z.number().int().positive(),
  reason: rejectionReason,
  /** One sentence naming the field and what is wrong with it. */
  message: z.string(),
  /** The row as it stands in the file, cut after 2,000 characters. */
  text: z.string(),
})
export type RejectedRow = z.infer<typeof rejectedRow>

export const previewRow = z.object({
  rowNumber: z.number().int().positive(),
  cells: z.array(z.string()),
  problem: z.string().nullable(),
})

/** The labels of a file. */
export const labelCounts = z.object({
  /** Distinct labels as they stand in the file, the most frequent first. */
  found: z.array(z.object({ label: z.string(), rows: z.number().int() })).max(100),
  /** How many further ones are not listed. */
  further: z.number().int(),
  /** Rows that were looked at. */
  rows: z.number().int(),
  /** False where only the beginning of a large file was looked at. */
  whole: z.boolean(),
})
export type LabelCounts = z.infer<typeof labelCounts>

export const importPreview = z.object({
  fileName: z.string(),
  bytes: z.number().int(),
  /** Column names, or "1", "2" … where the file has none. */
  columnNames: z.array(z.string()),
  layout: fileLayout,
  /** Guessed; `premise` or `hypothesis` empty where no guess could be made. */
  columns: columnMapping,
  scoreRange,
  /** Null where no column holds labels. */
  labels: labelCounts.nullable(),
  rows: z.array(previewRow).max(50),
})
export type ImportPreview = z.infer<typeof importPreview>

export const importMethods = {
  /** Reads the beginning of a file; what is given is kept, the rest is guessed. */
  'imports.preview': method(
    z.object({
      fileToken: z.string(),
      layout: fileLayout.optional(),
      columns: columnMapping.optional(),
      scoreRange: scoreRange.optional(),
      ...labelReading,
    }),
    importPreview,
  ),
  'imports.start': method(
    z.object({ fileToken: z.string(), options: importOptions }),
    z.object({ jobId: ulid }),
  ),
  /** The imports of this project, newest first. */
  'imports.list': method(
    z.object({}),
    z.array(
      z.object({
        importId: ulid,
        fileName: z.string(),
        finishedAt: z.iso.datetime(),
        counts: importCounts,
      }),
    ),
  ),
  'imports.rejected': method(
    z.object({
      importId: ulid,
      offset: z.number().int().nonnegative(),
      limit: z.number().int().min(1).max(500),
    }),
    z.object({ total: z.number().int(), rows: z.array(rejectedRow) }),
  ),
  /** Writes the rejected rows as CSV into the chosen folder, or as a download where `folderToken` is null. */
  'imports.saveRejected': method(
    z.object({ importId: ulid, folderToken: z.string().nullable() }),
    z.object({ fileName: z.string(), download: z.string().nullable() }),
  ),
}
