import { loadavg } from 'node:os'
import { quick } from '../learning/quick.ts'

export type Sections = Readonly<Record<string, () => Promise<void> | void>>

const load = (): string =>
  loadavg()
    .map((value) => value.toFixed(1))
    .join(' ')

/**
 * Runs the sections that the command line names, or all, each with its seconds and the load of the machine. A name that
 * there is none of is told, and nothing runs.
 * @param options words of the command line that name no section.
 */
export async function runSections(sections: Sections, options: readonly string[]): Promise<void> {
  const words = process.argv.slice(2).filter((word) => !options.includes(word))
  const unknown = words.filter((word) => !(word in sections))
  if (unknown.length > 0) {
    console.error(`There is no section ${unknown.join(', ')}: there are ${Object.keys(sections).join(', ')}`)
    process.exitCode = 1
    return
  }
  if (quick) console.log('quick: little data, seeds and epochs, so the figures mean nothing')
  for (const [name, measure] of Object.entries(sections)) {
    if (words.length > 0 && !words.includes(name)) continue
    const started = performance.now()
    console.log(`\n== ${name}, load average ${load()} at the start`)
    await measure()
    const seconds = (performance.now() - started) / 1000
    console.log(`== ${name} took ${seconds.toFixed(0)} s, load average ${load()} at the end`)
  }
}
