import { readdirSync } from 'node:fs'
import { constants, setPriority } from 'node:os'

/** On a worker's command line: everything else that wants the processor comes first. */
export const lowPriorityWord = '--low-priority'

/** Gives this process the lowest priority where its command line says so; to be called before it starts threads. */
export function lowerPriorityWhereAsked(words: readonly string[] = process.argv): void {
  if (!words.includes(lowPriorityWord)) return
  const { PRIORITY_LOW } = constants.priority
  try {
    setPriority(PRIORITY_LOW)
    // On Linux each thread has a priority of its own, and takes that of whichever started it.
    if (process.platform === 'linux')
      for (const thread of readdirSync('/proc/self/task')) setPriority(Number(thread), PRIORITY_LOW)
  } catch (thrown) {
    console.error('The priority of a background process could not be lowered:', thrown)
  }
}
