import { readFileSync, writeFileSync } from 'node:fs'
import { z } from 'zod'

const windowState = z.object({
  width: z.number().int().min(600).max(20_000),
  height: z.number().int().min(400).max(20_000),
  maximised: z.boolean(),
})
export type WindowState = z.infer<typeof windowState>

const firstState: WindowState = { width: 1280, height: 820, maximised: false }

/** How large the window was when it was last closed; a file that is missing or damaged gives the first size. */
export function readWindowState(path: string): WindowState {
  try {
    return windowState.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    // Nothing worth telling anybody: the window opens in its first size.
    return firstState
  }
}

/** Keeps the window's size; where that cannot be written, the window opens as before. */
export function writeWindowState(path: string, state: WindowState, log: (thrown: unknown) => void): void {
  try {
    writeFileSync(path, JSON.stringify(state))
  } catch (thrown) {
    log(thrown)
  }
}
