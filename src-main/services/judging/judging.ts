import { setImmediate as yieldToOthers } from 'node:timers/promises'
import type { AppContract } from '#shared/contract/index.ts'
import type { JudgedPair, JudgedSlice } from '#shared/contract/judging.ts'
import type { Slice } from '#shared/domain/judging.ts'
import type { Handlers } from '#shared/rpc/contract.ts'
import { throwIfCancelled } from '../../jobs/jobs.ts'
import { designForPrecision, designThresholds } from '../../learning/calibration/thresholdDesigner.ts'
import { judgeSlices } from '../../learning/metrics/slices.ts'
import type { ProjectStore } from '../../store/projectStore.ts'
import type { StoredTexts } from '../../store/repositories/labels.ts'
import type { ServiceContext } from '../context.ts'
import { requireStillOpen, withProject } from '../withProject.ts'
import { gatherJudgedRows, type JudgedRows } from './judgedRows.ts'
import { sliceColumns } from './sliceColumns.ts'

export type JudgingHandlers = Pick<
  Handlers<AppContract>,
  'judging.threshold' | 'judging.precision' | 'judging.slices' | 'judging.rows'
>

/** Points that can be told apart in a drawing, and sent without a noticeable wait. */
const mostDrawn = 5000
/** Texts read in one query: some milliseconds. */
const textsPerQuery = 250

/** The rows as last gathered: a threshold is designed anew with every key that is typed. */
interface GatheredRows {
  readonly store: ProjectStore
  readonly changes: string
  readonly rows: Promise<JudgedRows>
}

/** Thresholds and slices over the holdout, by the predictions of the run in use and the ratings as they are now. */
export function createJudgingHandlers(context: ServiceContext): JudgingHandlers {
  let last: GatheredRows | null = null

  function rowsOf(store: ProjectStore): Promise<JudgedRows> {
    const changes = store.tally.changes()
    const gathered =
      last?.store === store && last.changes === changes
        ? last
        : { store, changes, rows: gatherJudgedRows(store) }
    last = gathered
    gathered.rows.catch(() => void (last = last === gathered ? null : last))
    return gathered.rows
  }

  return {
    'judging.threshold': ({ costs, truth }) =>
      withProject(context, async (store) => designThresholds(await rowsOf(store), costs, truth)),

    'judging.precision': ({ wanted, truth }) =>
      withProject(context, async (store) => {
        const rows = await rowsOf(store)
        return rows.reason === null ? designForPrecision(rows, wanted, truth) : null
      }),

    'judging.slices': (_, { signal }) =>
      withProject(context, async (store) => {
        const rows = await rowsOf(store)
        const slices: Slice[] = []
        if (rows.reason === null)
          for (const column of sliceColumns(rows)) {
            slices.push(...judgeSlices(rows, [column]))
            await yieldToOthers()
            throwIfCancelled(signal)
          }
        return { ...headOf(rows), slices: await withWorst(store, slices, rows) }
      }),

    'judging.rows': () =>
      withProject(context, async (store) => {
        const rows = await rowsOf(store)
        const n = rows.facts.length
        const drawn = Math.min(n, mostDrawn)
        const evenly = (values: Float64Array): Float32Array<ArrayBuffer> =>
          Float32Array.from({ length: drawn }, (_, index) => values[Math.floor((index * n) / drawn)] ?? 0)
        return { ...headOf(rows), score: evenly(rows.score), target: evenly(rows.target) }
      }),
  }
}

function headOf({ runNumber, facts, reason }: JudgedRows): {
  runNumber: number | null
  n: number
  reason: string | null
} {
  return { runNumber, n: facts.length, reason }
}

/** Puts the pairs of the greatest errors in the place of their numbers. */
async function withWorst(
  store: ProjectStore,
  slices: readonly Slice[],
  { facts, score, target }: JudgedRows,
): Promise<JudgedSlice[]> {
  const wanted = [...new Set(slices.flatMap(({ worst }) => worst))]
  const textsOf = new Map<number, StoredTexts>()
  for (let start = 0; start < wanted.length; start += textsPerQuery) {
    const part = wanted.slice(start, start + textsPerQuery)
    requireStillOpen(store)
    const texts = store.labels.texts(part.map((row) => facts[row]?.pairId ?? ''))
    for (const [index, row] of part.entries()) {
      const found = texts[index]
      if (found !== undefined) textsOf.set(row, found)
    }
    await yieldToOthers()
  }
  const pairAt = (row: number): JudgedPair[] => {
    const [of, texts] = [facts[row], textsOf.get(row)]
    if (of === undefined || texts === undefined) return []
    const { premise, hypothesis } = texts
    const { pairId, low, high } = of
    return [{ pairId, premise, hypothesis, score: score[row] ?? 0, target: target[row] ?? 0, low, high }]
  }
  return slices.map(({ worst, ...slice }) => ({ ...slice, worst: worst.flatMap(pairAt) }))
}
