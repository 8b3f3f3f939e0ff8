import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { backendChoice, rung, type BackendChoice, type Rung } from '#shared/domain/backend.ts'
import { writeFileAtomically } from '../writeFileAtomically.ts'

const content = z.object({
  choice: backendChoice,
  probed: z
    .object({
      /** What the verdicts depend on, see `describeMachine`. */
      machine: z.record(z.string(), z.string().nullable()),
      at: z.iso.datetime(),
      rungs: z.array(rung),
    })
    .nullable(),
})
type Content = z.infer<typeof content>

/** What this installation remembers of its back ends. */
export interface LadderFile {
  choice(): BackendChoice
  choose(choice: BackendChoice): void
  /** What was found on a machine like this one; null where program or machine have changed since. */
  probed(machine: Readonly<Record<string, string | null>>): { at: string; rungs: Rung[] } | null
  keep(machine: Readonly<Record<string, string | null>>, found: { at: string; rungs: readonly Rung[] }): void
}

/**
 * Kept as JSON in the folder of the program's data. A file that cannot be read counts as none, and one that cannot be
 * written means another probe at the next start: both are logged and stop nobody from working.
 */
export function openLadderFile(folder: string, log: (thrown: unknown, where: string) => void): LadderFile {
  const path = join(folder, 'backends.json')
  const read = (): Content => {
    try {
      if (existsSync(path)) return content.parse(JSON.parse(readFileSync(path, 'utf8')))
    } catch (thrown) {
      log(thrown, 'back ends')
    }
    return { choice: 'automatic', probed: null }
  }
  const change = (part: Partial<Content>): void => {
    try {
      writeFileAtomically(path, JSON.stringify({ ...read(), ...part }, null, 2))
    } catch (thrown) {
      log(thrown, 'back ends')
    }
  }
  return {
    choice: () => read().choice,
    choose: (choice) => change({ choice }),
    probed(machine) {
      const { probed } = read()
      return probed !== null && isSame(probed.machine, machine)
        ? { at: probed.at, rungs: probed.rungs }
        : null
    },
    keep: (machine, { at, rungs }) => change({ probed: { machine: { ...machine }, at, rungs: [...rungs] } }),
  }
}

function isSame(
  one: Readonly<Record<string, string | null>>,
  other: Readonly<Record<string, string | null>>,
): boolean {
  const names = new Set([...Object.keys(one), ...Object.keys(other)])
  return [...names].every((name) => one[name] === other[name])
}
