import { setTimeout as wait } from 'node:timers/promises'

/** Where work waits between two of its parts while it is held up. */
export interface Gate {
  /** Closes the gate for so long from now, so that nobody has to open it: whoever holds the work up may be gone. */
  hold(milliseconds: number): void
  /** Resolves when the gate is open, at once where nobody has closed it. */
  passed(): Promise<void>
}

export function createGate(): Gate {
  let closedUntil = 0
  return {
    hold: (milliseconds) => void (closedUntil = performance.now() + milliseconds),
    async passed() {
      for (;;) {
        const left = closedUntil - performance.now()
        if (left <= 0) return
        await wait(left)
      }
    },
  }
}

/** The gate of this process: what is held up is its processor time, whoever in it works. */
export const processGate = createGate()
