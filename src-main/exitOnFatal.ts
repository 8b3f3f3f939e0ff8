import type { Log } from './log.ts'

/**
 * Ends the process at an error that nobody has caught, after it has been logged: what comes after it could not be
 * trusted, and what was acknowledged is on disk.
 */
export function exitOnFatal(log: Log): void {
  for (const event of ['uncaughtException', 'unhandledRejection'] as const)
    process.on(event, (thrown: unknown) => {
      log(thrown, event)
      console.error(thrown)
      process.exit(2)
    })
}
