import type { Port } from '#shared/rpc/port.ts'

/** The programs that run in a process of their own. */
export type WorkerName = 'encode' | 'train'

/** How a process ended: a code when it left by itself, a signal when it was killed. */
export interface WorkerExit {
  readonly code: number | null
  readonly signal: string | null
}

/** A started child process with a port to it. */
export interface Worker {
  readonly port: Port
  readonly exited: Promise<WorkerExit>
  /** Ends the process at once. */
  kill(): void
}

/** Starts a worker process; how is the host's affair. */
export type StartWorker = (name: WorkerName) => Worker
