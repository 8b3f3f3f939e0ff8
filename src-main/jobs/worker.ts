import type { Port } from '#shared/rpc/port.ts'

/** The programs that run in a process of their own. */
export const workerNames = ['encode', 'train', 'probe', 'agreement', 'replay'] as const
export type WorkerName = (typeof workerNames)[number]

/** How a process ended: by itself with a code, by a signal, or before it began. */
export type WorkerExit =
  | { readonly how: 'exited'; readonly code: number }
  | { readonly how: 'killed'; readonly signal: string }
  | { readonly how: 'not-started'; readonly reason: string }

/** A started child process with a port to it. */
export interface Worker {
  readonly port: Port
  /** Never rejects. */
  readonly exited: Promise<WorkerExit>
  /** Ends the process at once. */
  kill(): void
}

/**
 * Starts a worker process; how is the host's affair.
 * @param words what its command line holds beside the program.
 */
export type StartWorker = (name: WorkerName, words?: readonly string[]) => Worker
