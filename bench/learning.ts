import { loadavg } from 'node:os'
import { abstention } from './learning/abstention.ts'
import { conformal } from './learning/conformal.ts'
import { ensemble } from './learning/ensemble.ts'
import { interaction } from './learning/interaction.ts'
import { quick } from './learning/quick.ts'
import { search } from './learning/search.ts'
import { stsb } from './learning/stsb.ts'
import { unli } from './learning/unli.ts'

// npm run bench -- learning [SECTION …] [quick]

/** Those that need the same trainings come one after the other, and make them once. */
const sections: Record<string, () => Promise<void>> = {
  interaction,
  ensemble,
  stsb,
  conformal,
  unli,
  'abstention-unli': () => abstention('UNLI'),
  'abstention-stsb': () => abstention('STS-B'),
  search,
}

const load = (): string =>
  loadavg()
    .map((value) => value.toFixed(1))
    .join(' ')

/** Everything that learning must reach, or the sections that the command line names. */
export async function run(): Promise<void> {
  const words = process.argv.slice(2).filter((word) => word !== 'learning' && word !== 'quick')
  const unknown = words.filter((word) => !(word in sections))
  if (unknown.length > 0) {
    console.error(`There is no section ${unknown.join(', ')}: there are ${Object.keys(sections).join(', ')}`)
    process.exitCode = 1
    return
  }
  if (quick) console.log('quick: few pairs and epochs, so the figures mean nothing')
  for (const [name, measure] of Object.entries(sections)) {
    if (words.length > 0 && !words.includes(name)) continue
    const started = performance.now()
    console.log(`\n== ${name}, load average ${load()} at the start`)
    await measure()
    const seconds = (performance.now() - started) / 1000
    console.log(`== ${name} took ${seconds.toFixed(0)} s, load average ${load()} at the end`)
  }
}

if (import.meta.main) await run()
