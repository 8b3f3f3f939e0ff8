import { z } from 'zod'
import { method } from '#shared/rpc/contract.ts'

/** Tells work that nobody has asked for when to wait. */
export interface Pace {
  /** Milliseconds from now for which it is to wait; 0 where it may go on. */
  waitLeft(): number
  /**
   * @param listener is told at every hold for how many milliseconds from now, and 0 when the last one is over.
   * @returns stops that.
   */
  listen(listener: (milliseconds: number) => void): () => void
}

/** Longest that work waits without being told again. */
const longestHold = 5000

/** What a worker process must serve, so that its work can be held up. */
export const paceMethods = {
  /** Work waits at its next boundary until so many milliseconds from now; the latest word holds. */
  hold: method(z.object({ milliseconds: z.number().min(0).max(longestHold) }), z.object({})),
} as const

/** A pace that goes by messages of somebody being at work. */
export interface PersonPace extends Pace {
  /** Somebody types or moves the slider just now. */
  active(): void
}

/** How long after the last message work goes on, in milliseconds. */
export const quietAfter = 500

export function createPersonPace(): PersonPace {
  const listeners = new Set<(milliseconds: number) => void>()
  let heldUntil = 0
  let timer: NodeJS.Timeout | undefined
  const tell = (milliseconds: number): void => {
    for (const listener of listeners) listener(milliseconds)
  }
  const waitLeft = (): number => Math.max(0, heldUntil - performance.now())
  return {
    waitLeft,
    listen(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    active() {
      heldUntil = performance.now() + quietAfter
      tell(quietAfter)
      clearTimeout(timer)
      timer = setTimeout(() => tell(0), quietAfter)
      timer.unref()
    },
  }
}

/**
 * Lets `use` work through a worker that waits when the pace says so; once its job is cancelled it waits no longer.
 * @param hold calls the worker's `hold`.
 */
export async function atPace<Result>(
  pace: Pace | undefined,
  signal: AbortSignal,
  hold: (milliseconds: number) => Promise<unknown>,
  use: () => Promise<Result>,
): Promise<Result> {
  if (pace === undefined) return use()
  const pass = (milliseconds: number): void => {
    // A process that is gone waits for nothing; its end is told by whoever started it.
    if (!signal.aborted) hold(milliseconds).catch(() => undefined)
  }
  const stop = pace.listen(pass)
  const left = pace.waitLeft()
  if (left > 0) pass(left)
  try {
    return await use()
  } finally {
    stop()
  }
}
