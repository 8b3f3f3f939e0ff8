import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { trainingConfiguration } from '../../src-shared/domain/run.ts'
import type { SearchReport, TriedConfiguration } from '../../src-shared/domain/search.ts'
import { createForkWorker } from '../../src-main/jobs/forkWorker.ts'
import { search } from '../../src-main/learning/search/search.ts'
import type { LabelledPairs } from '../../src-main/learning/trainContract.ts'
import { builtEntries } from '../../src-main/programRoot.ts'
import { embedPairs, encodePairs, openCache } from '../../src-main/services/model/encoderAccess.ts'
import { locateFolders } from '../../src-main/services/projects/folders.ts'
import { groupsOf, readStsb, readUnli, type DataPair } from './dataSets.ts'

const threads = availableParallelism()

/** What a search of settings found on a data set. */
export interface SearchedData {
  readonly name: 'STS-B train' | 'UNLI dev'
  readonly report: SearchReport
  /** Processes that waited for a processor at the start, over a minute. */
  readonly loadAverage: number
}

/** Both data sets, or why they could not be searched. */
export type SearchBench = { readonly data: readonly SearchedData[] } | { readonly skipped: string }

/** The pairs with their pooled vectors and targets, encoded into the cache of `home`. */
async function embed(home: string, pairs: readonly DataPair[]): Promise<LabelledPairs> {
  const folders = locateFolders(home)
  const context = { folders, startWorker: createForkWorker(builtEntries), threads }
  const cache = openCache(context)
  try {
    await encodePairs(context, pairs, new AbortController().signal, () => undefined)
    return {
      ...(await embedPairs(cache, pairs)),
      target: Float32Array.from(pairs, ({ target }) => target),
      weight: new Float32Array(pairs.length).fill(1),
      group: groupsOf(pairs),
      deviation: new Float32Array(pairs.length),
      ratings: new Int32Array(pairs.length).fill(1),
      classes: null,
    }
  } finally {
    cache.close()
  }
}

/**
 * Searches `count` settings of the regression heads around the default, on the training part of the STS Benchmark and on
 * the dev part of Uncertain NLI.
 * @param onTried told of each configuration that is done.
 */
export async function searchBench(
  count: number,
  onTried: (name: SearchedData['name'], tried: TriedConfiguration) => void = () => undefined,
): Promise<SearchBench> {
  const [stsb, unli] = [readStsb('train'), readUnli()]
  if (stsb === null || unli === null)
    return { skipped: '../shared/data/stsb or ../shared/data/unli is not there' }
  const home = mkdtempSync(join(tmpdir(), 'gradus-bench-'))
  try {
    const data: SearchedData[] = []
    for (const [name, pairs] of [
      ['UNLI dev', unli],
      ['STS-B train', stsb],
    ] as const) {
      const rows = await embed(home, pairs)
      const loadAverage = loadavg()[0] ?? 0
      const { report } = await search(
        {
          configuration: trainingConfiguration.parse({}),
          count,
          method: 'sobol',
          rows,
          threads,
          backend: { name: 'cpu', gpuFolder: join(home, 'gpu') },
        },
        {
          signal: new AbortController().signal,
          onProgress: () => undefined,
          onTried: (tried) => onTried(name, tried),
        },
      )
      data.push({ name, report, loadAverage })
    }
    return { data }
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

/** One line a configuration, the best first, and a sentence on the default. */
export function describeSearch({ name, report, loadAverage }: SearchedData): string {
  const { tried, best, behind, givenIsEnough, seconds, rows, folds } = report
  const lead = behind[0] ?? null
  const lines = tried
    .toSorted((left, right) => (right.pearson?.value ?? -1) - (left.pearson?.value ?? -1))
    .map((one) => `${describeTried(one)}${describeDistance(behind[one.number] ?? null)}`)
  const verdict =
    lead === null
      ? 'The default cannot be compared.'
      : `Best (${best ?? '–'}) less default: ${lead.value.toFixed(4)}, standard error ${lead.standardError.toFixed(4)}: the default is ${givenIsEnough === true ? '' : 'not '}within one standard error.`
  return [
    `${name}: ${rows} pairs, ${folds} folds, ${seconds.toFixed(0)} s, load average ${loadAverage.toFixed(1)} at the start`,
    ...lines,
    verdict,
  ].join('\n')
}

function describeDistance(behind: SearchReport['behind'][number]): string {
  if (behind === null) return ''
  const { value, standardError } = behind
  return `; ${value.toFixed(4)} ± ${standardError.toFixed(4)} behind${value <= standardError ? ', within' : ''}`
}

/** A configuration and its figures in one line. */
function describeTried({
  number,
  settings,
  pearson,
  standardError,
  mae,
  epochs,
  seconds,
  reason,
}: TriedConfiguration): string {
  const figures =
    pearson === null
      ? (reason ?? '')
      : `r ${pearson.value.toFixed(4)} (${pearson.low.toFixed(4)} to ${pearson.high.toFixed(4)}), standard error ${(standardError ?? 0).toFixed(4)}, MAE ${(mae ?? 0).toFixed(4)}, ${epochs ?? '–'} epochs`
  const { learningRate, hiddenWidth, dropout, loss, weightDecay } = settings
  return `${String(number).padStart(3)} ${number === 0 ? 'default' : '       '} lr ${learningRate} width ${hiddenWidth} dropout ${dropout} decay ${weightDecay} ${loss}: ${figures}, ${seconds.toFixed(1)} s`
}

if (import.meta.main) {
  const result = await searchBench(Number(process.argv[2] ?? 24), (name, tried) =>
    console.error(name, describeTried(tried)),
  )
  if ('skipped' in result) console.log(`skipped: ${result.skipped}`)
  else for (const one of result.data) console.log(describeSearch(one))
}
