import type { RaterDetail, RatersCompared, ScoreBeside } from '#shared/contract/agreement.ts'
import type { AgreementFigure } from '#shared/domain/agreement.ts'
import { GradusError } from '#shared/contract/errors.ts'
import type { AppContract } from '#shared/contract/index.ts'
import type { ExportedFile } from '#shared/contract/jobs.ts'
import type { Handlers } from '#shared/rpc/contract.ts'
import { absent, known } from '../../agreement/figure.ts'
import { pearsonFigure } from '../../agreement/raterFigures.ts'
import { makeFolder } from '../../formats/atomicFile.ts'
import type { ProjectStore } from '../../store/projectStore.ts'
import type { ServiceContext } from '../context.ts'
import { openDestination } from '../exports/downloads.ts'
import { startDealing } from '../plan/dealing.ts'
import { requireStillOpen, requireRater, requireWholeProject, withProject } from '../withProject.ts'
import { createAgreementCache } from './agreementCache.ts'
import { writeAgreementTables } from './exportTables.ts'
import type { GatheredRatings } from './gatherRatings.ts'
import { meanOf, raterDrift, scoreBins } from './raterDetail.ts'
import { sharedScores } from './raterPairs.ts'
import { ensureRaterModel } from './raterModel.ts'

export type AgreementHandlers = Pick<
  Handlers<AppContract>,
  | 'agreement.report'
  | 'agreement.intervals'
  | 'agreement.rater'
  | 'agreement.compare'
  | 'agreement.export'
  | 'rater.setAside'
  | 'rater.takeBack'
  | 'consensus.fit'
>

/** Points that can be told apart in a drawing, and sent without a noticeable wait. */
const mostDrawn = 5000
/** Pairs listed with their texts. */
const mostListed = 50

/** The handlers of contract/agreement.ts. */
export function createAgreementHandlers(context: ServiceContext): AgreementHandlers {
  const cache = createAgreementCache(context)

  const decide = (
    raterId: string,
    kind: 'set-aside' | 'taken-back',
    reason: string,
  ): Promise<Record<string, never>> =>
    withProject(context, (store) => {
      requireRater(store, raterId)
      if (store.raters.setAside().has(raterId) === (kind === 'set-aside'))
        throw new GradusError(
          'nothing-to-do',
          kind === 'set-aside' ? 'This rater is set aside already.' : 'This rater is not set aside.',
        )
      requireWholeProject(store, 'raters are set aside')
      store.raters.decide(raterId, kind, reason)
      store.tally.recount()
      // Others get what they had not answered yet.
      startDealing(context, store)
      store.wrote()
      context.projectChanged()
      return {}
    })

  return {
    'agreement.report': () => withProject(context, (store) => cache.report(store)),

    'agreement.intervals': () =>
      withProject(context, async (store) => ({ jobId: await cache.intervals(store) })),

    'agreement.rater': ({ raterId }) =>
      withProject(context, async (store) => {
        requireRater(store, raterId)
        const gathered = await cache.gathered(store)
        requireStillOpen(store)
        return describeRater(store, gathered, raterId)
      }),

    'agreement.compare': ({ firstId, secondId }) =>
      withProject(context, async (store) => {
        requireRater(store, firstId)
        requireRater(store, secondId)
        const gathered = await cache.gathered(store)
        requireStillOpen(store)
        return compareRaters(store, gathered, firstId, secondId)
      }),

    async 'agreement.export'({ folderToken }) {
      const store = context.session.store()
      const { folder, offer } = await openDestination(context, folderToken)
      await makeFolder(folder)
      requireStillOpen(store)
      context.jobs.requireIdle('export')
      const shownFolder = offer === null ? folder : null
      const jobId = context.jobs.start(
        { kind: 'export', folder: shownFolder, files: [] },
        'Writing tables of agreement',
        async (running) => {
          const written = await withProject(context, async () => {
            const report = await cache.report(store)
            return writeAgreementTables(report, await cache.gathered(store), folder, running.signal)
          })
          const files = written.map(({ path, name, bytes, sha256 }): ExportedFile => {
            return { name, bytes, sha256, download: offer === null ? null : offer(path) }
          })
          running.update({ detail: { kind: 'export', folder: shownFolder, files } })
        },
      )
      return { jobId }
    },

    'rater.setAside': ({ raterId, reason }) => decide(raterId, 'set-aside', reason),
    'rater.takeBack': ({ raterId, reason }) => decide(raterId, 'taken-back', reason),

    'consensus.fit': (_, { signal }) =>
      withProject(context, async (store) => {
        const reason = await ensureRaterModel(context, store, signal)
        context.projectChanged()
        return { fitted: reason === null, reason }
      }),
  }
}

/** Puts texts beside scores. */
function withTexts<Row extends { readonly pairId: string }>(
  store: ProjectStore,
  rows: readonly Row[],
): (Row & Pick<ScoreBeside, 'premise' | 'hypothesis'>)[] {
  const texts = store.labels.texts(rows.map(({ pairId }) => pairId))
  return rows.map((row, index) => {
    const { premise, hypothesis } = texts[index] ?? { premise: '', hypothesis: '' }
    return { ...row, premise, hypothesis }
  })
}

function apart({ score, other }: { readonly score: number; readonly other: number }): number {
  return Math.abs(score - other)
}

function describeRater(store: ProjectStore, gathered: GatheredRatings, raterId: string): RaterDetail {
  const number = gathered.raters.findIndex(({ id }) => id === raterId)
  const repeats = gathered.repeats
    .filter(({ rater }) => rater === number)
    .map(({ pairId, first, again }) => ({ pairId, score: again, other: first }))
    .toSorted((left, right) => apart(right) - apart(left))
  const gold = gathered.gold
    .filter(({ rater }) => rater === number)
    .map(({ pairId, score, gold: other, tolerance, within }) => ({ pairId, score, other, tolerance, within }))
    .toSorted((left, right) => apart(right) - apart(left))
  return {
    raterId,
    bins: scoreBins(gathered, number),
    drift: raterDrift(gathered, number),
    retest: describeRepeats(repeats),
    repeats: withTexts(store, repeats.slice(0, mostListed)),
    gold: withTexts(store, gold.slice(0, mostListed)),
  }
}

/** How far a rater repeats themselves. */
function describeRepeats(
  repeats: readonly { readonly score: number; readonly other: number }[],
): RaterDetail['retest'] {
  const sum = { n: repeats.length, x: 0, y: 0, xx: 0, yy: 0, xy: 0 }
  for (const { score: y, other: x } of repeats) {
    sum.x += x
    sum.y += y
    sum.xx += x * x
    sum.yy += y * y
    sum.xy += x * y
  }
  const none = 'No pair was repeated blind yet.'
  if (sum.n === 0) return { pearson: absent(none), difference: absent(none) }
  return {
    pearson: sum.n < 3 ? absent('Needs three blind repeats.') : pearsonFigure(sum),
    difference: known((sum.y - sum.x) / sum.n),
  }
}

function compareRaters(
  store: ProjectStore,
  gathered: GatheredRatings,
  firstId: string,
  secondId: string,
): RatersCompared {
  const numberOf = (raterId: string): number => gathered.raters.findIndex(({ id }) => id === raterId)
  const { pairIds, first, second } =
    firstId === secondId
      ? { pairIds: [], first: [], second: [] }
      : sharedScores(gathered, numberOf(firstId), numberOf(secondId))
  const shared = pairIds.length
  const drawn = Math.min(shared, mostDrawn)
  const evenly = (values: readonly number[]): Float32Array<ArrayBuffer> =>
    Float32Array.from({ length: drawn }, (_, index) => values[Math.floor((index * shared) / drawn)] ?? 0)
  const differences = second.map((score, index) => score - (first[index] ?? 0))
  const furthest = pairIds
    .map((pairId, index) => ({ pairId, score: first[index] ?? 0, other: second[index] ?? 0 }))
    .toSorted((left, right) => apart(right) - apart(left))
    .slice(0, mostListed)
  const none = 'these two have not scored the same pair'
  const meanFigure = (values: readonly number[]): AgreementFigure => {
    const value = meanOf(values)
    return value === null ? absent(none) : known(value)
  }
  return {
    shared,
    pearson: shared === 0 ? absent(none) : pearsonFigure(sumsOf(first, second)),
    mae: meanFigure(differences.map(Math.abs)),
    difference: meanFigure(differences),
    first: evenly(first),
    second: evenly(second),
    furthest: withTexts(store, furthest),
  }
}

function sumsOf(left: readonly number[], right: readonly number[]): Parameters<typeof pearsonFigure>[0] {
  const sums = { n: left.length, x: 0, y: 0, xx: 0, yy: 0, xy: 0 }
  for (const [index, x] of left.entries()) {
    const y = right[index] ?? 0
    sums.x += x
    sums.y += y
    sums.xx += x * x
    sums.yy += y * y
    sums.xy += x * y
  }
  return sums
}
