import { evidence } from './active-learning/evidence.ts'
import { ranking } from './active-learning/ranking.ts'
import { sts2015 } from './active-learning/sts2015.ts'
import { stsb } from './active-learning/stsb.ts'
import { timing } from './active-learning/timing.ts'
import { unli } from './active-learning/unli.ts'
import { variance } from './active-learning/variance.ts'
import { runSections, type Sections } from './support/sections.ts'

// npm run bench -- active-learning [SECTION …] [quick] [resume]

const sections: Sections = {
  ranking,
  timing,
  variance,
  evidence,
  stsb,
  unli,
  sts2015,
}

/** What choosing by a strategy gains over drawing at random, or the sections that the command line names. */
export function run(): Promise<void> {
  return runSections(sections, ['active-learning', 'quick', 'resume'])
}

if (import.meta.main) await run()
