import { abstention } from './learning/abstention.ts'
import { conformal } from './learning/conformal.ts'
import { ensemble } from './learning/ensemble.ts'
import { interaction } from './learning/interaction.ts'
import { search } from './learning/search.ts'
import { stsb } from './learning/stsb.ts'
import { unli } from './learning/unli.ts'
import { runSections, type Sections } from './support/sections.ts'

// npm run bench -- learning [SECTION …] [quick]

/** Those that need the same trainings come one after the other, and make them once. */
const sections: Sections = {
  interaction,
  ensemble,
  stsb,
  conformal,
  unli,
  'abstention-unli': () => abstention('UNLI'),
  'abstention-stsb': () => abstention('STS-B'),
  search,
}

/** Everything that learning must reach, or the sections that the command line names. */
export function run(): Promise<void> {
  return runSections(sections, ['learning', 'quick'])
}

if (import.meta.main) await run()
