import { basename } from 'node:path'
import type { Command } from 'commander'
import type { ScoredPair } from '../services/model/predict.ts'
import { addFileOptions, decideReading, type FileOptions } from './fileOptions.ts'

interface PredictOptions extends FileOptions {
  readonly file?: string
  readonly to?: string
  readonly json?: true
}

/** `gradus predict`: scores of the model in use, for the project's pairs or a file's. */
export function addPredictCommand(program: Command): void {
  addFileOptions(
    program
      .command('predict')
      .summary('score pairs with the model in use')
      .description(
        'Score all pairs of the project, or those of a file, with the model in use. Writes JSON Lines: score, ' +
          'variance of the heads, and the 95% interval.',
      )
      .argument('<project>', 'a .gradus file')
      .option('--file <file>', 'score the pairs of this CSV, TSV or JSON Lines file instead')
      .option('--to <file>', 'write JSON Lines into this file instead of on stdout'),
  )
    .option('--json', 'print one JSON document: all predictions, or where --to has put them')
    .action(predict)
}

const toDocument = ({
  pairId,
  externalId,
  rowNumber,
  premise,
  hypothesis,
  prediction,
}: ScoredPair): object => ({
  ...(pairId === null ? {} : { pair: pairId }),
  ...(externalId === null ? {} : { id: externalId }),
  ...(rowNumber === null ? {} : { row: rowNumber }),
  premise,
  hypothesis,
  ...prediction,
})

async function predict(path: string, options: PredictOptions): Promise<void> {
  const { followJob, userFile, userPath, withProject } = await import('./session.ts')
  const { note, printResult, write } = await import('./terminal.ts')
  const { startPredicting } = await import('../services/model/predict.ts')
  const { modelInUse } = await import('../services/model/modelInUse.ts')
  await withProject(path, async (session) => {
    const { context, call } = session
    const { run } = modelInUse(context.session.store())
    const source = async (): Promise<Parameters<typeof startPredicting>[1]> => {
      if (options.file === undefined) return { kind: 'project' }
      const filePath = userFile(options.file, 'name another one')
      const fileToken = context.files.allow(filePath)
      const { layout, columns } = await decideReading(options, (given) =>
        call('imports.preview', { fileToken, ...given }),
      )
      return {
        kind: 'file',
        path: filePath,
        fileName: basename(filePath),
        layout,
        columns,
        onRejected: ({ rowNumber, message }) => note(`Row ${rowNumber}: ${message}`),
      }
    }
    if (options.to !== undefined) {
      const { createAtomicFile } = await import('../formats/atomicFile.ts')
      const file = await createAtomicFile(userPath(options.to))
      let scored = 0
      try {
        const jobId = startPredicting(context, await source(), async (rows) => {
          scored += rows.length
          await file.write(rows.map((row) => `${JSON.stringify(toDocument(row))}\n`).join(''))
        })
        await followJob(session, jobId)
        await file.publish()
      } finally {
        await file.abandon()
      }
      const document = { run: run.number, scored, file: userPath(options.to) }
      await printResult(
        options.json === true,
        document,
        () => `Scored ${scored} pairs into ${options.to ?? ''}.`,
      )
      return
    }
    // A failure must not leave half a document behind.
    const documents: string[] = []
    const jobId = startPredicting(context, await source(), async (rows) => {
      const lines = rows.map((row) => JSON.stringify(toDocument(row)))
      if (options.json === true) documents.push(...lines)
      else await write(lines.map((line) => `${line}\n`).join(''))
    })
    await followJob(session, jobId)
    if (options.json === true) await write(`{"run":${run.number},"predictions":[${documents.join(',')}]}\n`)
  })
}
