import type { Ladder } from '#shared/contract/backends.ts'
import { backendTitles, type BackendChoice, type BackendName, type Rung } from '#shared/domain/backend.ts'
import { noValue } from '../../format/numbers.ts'

const verdictWords: Readonly<Record<Rung['verdict'], string>> = {
  fit: 'works',
  slower: 'slower than cpu',
  wrong: 'wrong results',
  failed: 'fails',
  absent: 'not here',
  unknown: 'not probed',
}

export interface BackendRow {
  readonly name: BackendName
  readonly title: string
  readonly verdict: string
  readonly reason: string
  /** Milliseconds of one step, or a dash. */
  readonly step: string
  readonly inUse: boolean
}

/** The ladder's rungs as a table shows them. */
export function backendRows({ rungs, inUse }: Ladder): BackendRow[] {
  return rungs.map(({ name, verdict, reason, millisecondsPerStep }) => ({
    name,
    title: backendTitles[name],
    verdict: verdictWords[verdict],
    reason,
    step: millisecondsPerStep === null ? noValue : stepTime(millisecondsPerStep),
    inUse: name === inUse,
  }))
}

/** Three digits at least: "0.84", "12.5", "1932". */
function stepTime(milliseconds: number): string {
  return milliseconds.toFixed(milliseconds < 10 ? 2 : milliseconds < 100 ? 1 : 0)
}

/** What can be chosen: automatic, and every rung that may work; the one chosen is there in any case. */
export function backendOptions({
  rungs,
  choice,
}: Ladder): { value: BackendChoice; label: string; hint?: string }[] {
  const possible = rungs.filter(
    ({ name, verdict }) =>
      name === 'cpu' || name === choice || verdict === 'fit' || verdict === 'slower' || verdict === 'unknown',
  )
  return [
    {
      value: 'automatic',
      label: 'Automatic',
      hint: 'The first in the list that is right and faster than cpu',
    },
    ...possible.map(({ name }) => ({ value: name, label: backendTitles[name] })),
  ]
}
