import { appendFileSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** Writes one of our own bugs with where it came from. */
export type Log = (thrown: unknown, where: string) => void

const maximumBytes = 4 * 1024 * 1024

function describe(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown)
  const cause = thrown.cause === undefined ? '' : `\n  caused by ${describe(thrown.cause)}`
  return (thrown.stack ?? thrown.message) + cause
}

/**
 * A log of our own bugs in `gradus.log`; when it has grown to 4 MiB it becomes `gradus.1.log` and a new one begins.
 * Where it cannot be written the entry goes to stderr.
 */
export function createLog(folder: string): Log {
  const path = join(folder, 'gradus.log')
  return (thrown, where) => {
    const entry = `${new Date().toISOString()} ${where}: ${describe(thrown)}\n`
    try {
      appendFileSync(path, entry, { mode: 0o600 })
      if (statSync(path).size > maximumBytes) renameSync(path, join(folder, 'gradus.1.log'))
    } catch (unwritable) {
      console.error(`${entry}(not in ${path}: ${String(unwritable)})`)
    }
  }
}
