import type { KeptReplay } from '#shared/contract/replay.ts'
import type { ProjectSettings } from '#shared/domain/project.ts'
import type { AskedReplay } from '#shared/domain/replay.ts'
import {
  fewestReplayed,
  replayObstacle,
  replayRemarks,
  type ReplayPairCounts,
} from '#shared/domain/replayPlan.ts'
import { defaultStrategy, strategyName, type StrategyName } from '#shared/domain/suggestion.ts'

/** A replay as it is typed; numbers are null while their field holds none. */
export interface ReplayDraft {
  /** Beside random, which is always replayed. */
  readonly strategies: readonly StrategyName[]
  readonly seeds: number | null
  readonly start: number | null
  readonly batch: number | null
  readonly to: number | null
  /** Percent of each batch. */
  readonly random: number | null
  readonly threshold: number | null
}

export type ReplayField = Exclude<keyof ReplayDraft, 'strategies'>

interface FieldOfReplay {
  readonly key: ReplayField
  readonly label: string
  readonly hint: string
  readonly least: number
  readonly most: number
  readonly step: number | 'any'
}

/** The numbers of a replay in the order of the form; their ends are those of the contract. */
export const replayFields: readonly FieldOfReplay[] = [
  { key: 'seeds', label: 'Seeds', hint: 'Replays of each strategy', least: 1, most: 100, step: 1 },
  { key: 'start', label: 'Start', hint: 'Labels drawn at random', least: 3, most: 10_000, step: 1 },
  { key: 'batch', label: 'Batch', hint: 'Labels chosen at once', least: 1, most: 10_000, step: 1 },
  { key: 'to', label: 'End', hint: 'Labels at the end', least: 4, most: 20_000, step: 1 },
  { key: 'random', label: 'Random, %', hint: 'Of each batch', least: 0, most: 90, step: 'any' },
  { key: 'threshold', label: 'Threshold', hint: 'Of near-threshold', least: 0, most: 1, step: 'any' },
]

/** What can be chosen beside random. */
export const choosable: readonly StrategyName[] = strategyName.options.filter((name) => name !== 'random')

/** Ends that take longer than a coffee are asked for by hand. */
const usualEnd = 1000

/** Settings for these labels: the project's strategy and batches, about ten of them at least where labels are few. */
export function suggestedReplay(
  settings: Pick<ProjectSettings, 'strategy' | 'batchSize' | 'randomShare'>,
  { pool }: ReplayPairCounts,
): ReplayDraft {
  const tenth = Math.floor(pool / 50) * 5
  return {
    strategies: [settings.strategy === 'random' ? defaultStrategy : settings.strategy],
    seeds: 10,
    start: Math.min(20, Math.max(10, tenth)),
    batch: Math.min(settings.batchSize, Math.max(5, tenth)),
    to: Math.min(usualEnd, Math.max(pool, fewestReplayed.pool)),
    random: Math.round(100 * settings.randomShare),
    threshold: 0.5,
  }
}

/** The form as it was when this was replayed, so that it can go on. */
export function draftOfReplay({ asked }: Pick<KeptReplay, 'asked'>): ReplayDraft {
  const { strategies, randomShare, ...numbers } = asked
  return {
    ...numbers,
    strategies: strategies.filter((name) => name !== 'random'),
    random: Number((100 * randomShare).toPrecision(6)),
  }
}

export interface ReadReplay {
  /** Null where a field cannot be read, or nothing is compared with random. */
  readonly asked: AskedReplay | null
  readonly problems: Partial<Record<keyof ReplayDraft, string>>
}

/** Reads the form and names what is wrong with it. */
export function readReplay(draft: ReplayDraft): ReadReplay {
  const problems: Partial<Record<keyof ReplayDraft, string>> = {}
  const numbers = Object.fromEntries(
    replayFields.map(({ key, least, most, step }) => {
      const value = draft[key]
      const isGood =
        value !== null && value >= least && value <= most && (step !== 1 || Number.isInteger(value))
      if (!isGood) problems[key] = `${step === 1 ? 'A whole number' : 'A number'} from ${least} to ${most}`
      return [key, value ?? 0]
    }),
  ) as Record<ReplayField, number>
  if (draft.strategies.length === 0) problems.strategies = 'Tick a strategy to compare with random.'
  const { random, ...others } = numbers
  const asked = { ...others, strategies: [...draft.strategies], randomShare: random / 100 }
  return { asked: Object.keys(problems).length === 0 ? asked : null, problems }
}

/** Why these labels cannot be replayed at all, whatever the settings; null where they can. */
export function labelObstacle(pairs: ReplayPairCounts): string | null {
  return replayObstacle({ start: 3, batch: 1, to: 4 }, pairs)
}

/** What stands against replaying so, and what to know before it. */
export function outlookOfReplay(
  asked: AskedReplay | null,
  pairs: ReplayPairCounts,
): { readonly obstacle: string | null; readonly remarks: readonly string[] } {
  if (asked === null) return { obstacle: null, remarks: [] }
  const obstacle = replayObstacle(asked, pairs)
  return { obstacle, remarks: obstacle === null ? replayRemarks(asked, pairs) : [] }
}

/** Whether starting this would go on with what is there. */
export function goesOn(asked: AskedReplay | null, kept: KeptReplay | null): boolean {
  if (asked === null || kept === null || kept.labelsChanged || kept.done === kept.count) return false
  const { strategies, ...numbers } = kept.asked
  return (
    Object.entries(numbers).every(([key, value]) => asked[key as keyof typeof numbers] === value) &&
    strategies.every((name) => name === 'random' || asked.strategies.includes(name))
  )
}
