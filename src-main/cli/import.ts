import { InvalidArgumentError, Option, type Command } from 'commander'
import type { ImportOptions, RejectedRow } from '#shared/contract/imports.ts'
import type { Split } from '#shared/domain/pair.ts'
import type { ScoreRange } from '#shared/domain/score.ts'
import { textOfLength } from './optionValues.ts'
import { addFileOptions, decideReading, parseRange, type FileOptions } from './fileOptions.ts'

interface ImportCommandOptions extends FileOptions {
  readonly scoreRange?: ScoreRange
  readonly labels?: LabelOptions
  readonly split?: Split
  readonly rater: string
  readonly onBadRow: 'report' | 'stop'
  readonly saveRejected?: string
  readonly json?: true
}

/** What the user says of the labels of a file. */
interface LabelOptions {
  readonly labelMeanings: NonNullable<ImportOptions['labelMeanings']>
  readonly newClasses: NonNullable<ImportOptions['newClasses']>
}

const shownRejected = 10

/** Reads `0=entailment,maybe=0.4,?=-`: a class, the score of a new class, or no label. */
function parseLabels(
  text: string,
  before: LabelOptions = { labelMeanings: [], newClasses: [] },
): LabelOptions {
  const labels: LabelOptions = {
    labelMeanings: [...before.labelMeanings],
    newClasses: [...before.newClasses],
  }
  for (const part of text.split(',')) {
    const at = part.lastIndexOf('=')
    const [label, meaning] = [part.slice(0, at).trim(), part.slice(at + 1).trim()]
    if (at < 0 || label === '' || meaning === '')
      throw new InvalidArgumentError('Write label=class, label=score or label=- for no label.')
    const score = Number(meaning)
    if (meaning === '-') labels.labelMeanings.push({ label, className: null })
    else if (Number.isNaN(score)) labels.labelMeanings.push({ label, className: meaning })
    else if (score >= 0 && score <= 1) labels.newClasses.push({ name: label, score })
    else throw new InvalidArgumentError(`The score of "${label}" is ${meaning}: give one from 0 to 1.`)
  }
  return labels
}

/** `gradus import`: pairs, and scores where the file has them. */
export function addImportCommand(program: Command): void {
  addFileOptions(
    program
      .command('import')
      .summary('bring pairs and scores in from a file')
      .description('Bring pairs, and scores where the file has them, in from CSV, TSV or JSON Lines.')
      .argument('<project>', 'a .gradus file')
      .argument('<file>', 'a CSV, TSV or JSON Lines file'),
  )
    .option('--score-range <low..high>', 'the range the scores are on, mapped to 0–1 (guessed)', parseRange)
    .option(
      '--labels <list>',
      "what labels mean, comma-separated: label=class, label=score for a new class, label=- for none (the project's classes)",
      parseLabels,
    )
    .addOption(
      new Option(
        '--split <split>',
        'the split of rows that name none (by a stable hash of the premise)',
      ).choices(['train', 'validation', 'holdout'] satisfies Split[]),
    )
    .option('--rater <name>', 'who gave the scores, where no column says so', textOfLength(1, 80), 'import')
    .addOption(
      new Option('--on-bad-row <what>', 'report bad rows, or stop at the first and import nothing')
        .choices(['report', 'stop'])
        .default('report'),
    )
    .option('--save-rejected <file>', 'write the rows that were not taken, with the reasons, as CSV')
    .option('--json', 'print what was imported as one JSON document')
    .action(importFile)
}

async function importFile(path: string, file: string, options: ImportCommandOptions): Promise<void> {
  const { followJob, userFile, userPath, withProject } = await import('./session.ts')
  const { formatTable, note, printResult } = await import('./terminal.ts')
  await withProject(path, async (session) => {
    const { context, call } = session
    const fileToken = context.files.allow(userFile(file, 'name another one'))
    const read = await decideReading(options, (given) => call('imports.preview', { fileToken, ...given }))
    const { jobId } = await call('imports.start', {
      fileToken,
      options: {
        ...read,
        scoreRange: options.scoreRange ?? read.scoreRange,
        ...options.labels,
        rater: options.rater,
        split: options.split ?? null,
        onBadRow: options.onBadRow,
      },
    })
    const { detail } = await followJob(session, jobId)
    if (detail.kind !== 'import') throw new Error('An import ended as another kind of job.')
    const { importId, fileName, counts } = detail
    const rejected = await call('imports.rejected', { importId, offset: 0, limit: shownRejected })
    for (const row of rejected.rows) note(describeRejected(row))
    if (rejected.total > rejected.rows.length) note(`… and ${rejected.total - rejected.rows.length} more.`)
    if (options.saveRejected !== undefined) {
      const { writeRejectedRows } = await import('../formats/rejectedRows.ts')
      const { imports } = context.session.store()
      await writeRejectedRows(userPath(options.saveRejected), (after, limit) =>
        imports.rejectedAfter(importId, after, limit),
      )
    }
    const document = { import: importId, file: fileName, ...counts, ...read, rejectedRows: rejected.rows }
    await printResult(options.json === true, document, () =>
      formatTable([
        [fileName, ''],
        ['rows', String(counts.rows)],
        ['new pairs', String(counts.pairs)],
        ['new ratings', String(counts.ratings)],
        ['duplicates', String(counts.duplicates)],
        ['rejected', String(counts.rejected)],
      ]),
    )
  })
}

function describeRejected({ rowNumber, message }: RejectedRow): string {
  return `Row ${rowNumber}: ${message}`
}
