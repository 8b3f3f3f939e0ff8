import type { ErrorShape } from '#shared/contract/errors.ts'

/** The standard streams as commands use them: results on stdout, everything about the way there on stderr. */

/** Writes to stdout and waits while it is full. */
export async function write(text: string): Promise<void> {
  if (!process.stdout.write(text)) await new Promise((resolve) => process.stdout.once('drain', resolve))
}

/** Writes the result: one JSON document, or text for people. */
export async function printResult(json: boolean, document: unknown, text: () => string): Promise<void> {
  await write(json ? `${JSON.stringify(document)}\n` : `${text()}\n`)
}

/** A line on stderr. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`)
}

/** Writes a failure: one sentence on stderr, and one JSON document on stdout where JSON was asked for. */
export async function printFailure(json: boolean, error: ErrorShape): Promise<void> {
  if (json) await write(`${JSON.stringify({ error })}\n`)
  note(error.message)
}

/** One line of progress that is written over on a terminal, and said now and then elsewhere. */
export interface ProgressLine {
  show(phase: string, share: number | null, secondsLeft: number | null): void
  /** Leaves an empty line behind. */
  clear(): void
}

const quietMilliseconds = 5000

/** Progress on stderr. */
export function createProgressLine(stream: NodeJS.WriteStream = process.stderr): ProgressLine {
  let lastPhase = ''
  let lastWritten = 0
  let isOpen = false
  return {
    show(phase, share, secondsLeft) {
      const done = share === null ? '' : ` ${Math.floor(share * 100)}%`
      const left = secondsLeft === null ? '' : `, ${Math.ceil(secondsLeft)} s left`
      const line = `${phase}${done}${left}`
      if (stream.isTTY) {
        stream.write(`\r\u001B[K${line.slice(0, stream.columns - 1)}`)
        isOpen = true
        return
      }
      if (phase === lastPhase && Date.now() - lastWritten < quietMilliseconds) return
      lastPhase = phase
      lastWritten = Date.now()
      stream.write(`${line}\n`)
    },
    clear() {
      if (isOpen) stream.write('\r\u001B[K')
      isOpen = false
    },
  }
}

/**
 * Rows of text with the columns lined up; the first column to the left, the others to the right.
 * @param rows the first is the head.
 */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const widths: number[] = []
  for (const row of rows)
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length)
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
