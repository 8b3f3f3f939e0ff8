import type { ProgramFacts } from '#shared/contract/program.ts'
import { count } from '../../format/numbers.ts'

const hostWords = {
  electron: 'in its own window',
  web: 'in the browser',
  'command-line': 'on the command line',
} as const

/** What the program says of itself, as named rows. */
export function programRows(facts: ProgramFacts): { label: string; value: string; mono: boolean }[] {
  const row = (
    label: string,
    value: string,
    mono = false,
  ): { label: string; value: string; mono: boolean } => ({
    label,
    value,
    mono,
  })
  return [
    row('Version', `Gradus ${facts.version}, ${hostWords[facts.host]}`),
    row('Encoder', `${facts.encoder.name}, ${count(facts.encoder.dimension)} dimensions`),
    row('Encoder digest', facts.encoder.digest, true),
    row(
      'Runs on',
      `Node ${facts.node}, ${facts.processors} ${facts.processors === 1 ? 'processor' : 'processors'}`,
    ),
    row('Projects', facts.folders.projects, true),
    row('Data', facts.folders.data, true),
    row('Cache', facts.folders.cache, true),
    row('Log', facts.folders.log, true),
  ]
}
