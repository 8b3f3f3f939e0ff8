import { loadavg } from 'node:os'
import { evidence } from './active-learning/evidence.ts'
import { ranking } from './active-learning/ranking.ts'
import { sts2015 } from './active-learning/sts2015.ts'
import { stsb } from './active-learning/stsb.ts'
import { timing } from './active-learning/timing.ts'
import { unli } from './active-learning/unli.ts'
import { variance } from './active-learning/variance.ts'
import { quick } from './learning/quick.ts'

// npm run bench -- active-learning [SECTION …] [quick] [resume]

const sections: Record<string, () => Promise<void> | void> = {
  ranking,
  timing,
  variance,
  evidence,
  stsb,
  unli,
  sts2015,
}
const options = ['active-learning', 'quick', 'resume']

const load = (): string =>
  loadavg()
    .map((value) => value.toFixed(1))
    .join(' ')

/** What choosing by a strategy gains over drawing at random, or the sections that the command line names. */
export async function run(): Promise<void> {
  const words = process.argv.slice(2).filter((word) => !options.includes(word))
  const unknown = words.filter((word) => !(word in sections))
  if (unknown.length > 0) {
    console.error(`There is no section ${unknown.join(', ')}: there are ${Object.keys(sections).join(', ')}`)
    process.exitCode = 1
    return
  }
  if (quick) console.log('quick: few pairs, seeds and labels, so the figures mean nothing')
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
