import { join } from 'node:path'
import type { AgreementReport } from '#shared/contract/agreement.ts'
import type { AgreementFigure } from '#shared/domain/agreement.ts'
import { createAtomicFile, type AtomicFile, type WrittenFile } from '../../formats/atomicFile.ts'
import { csvText, type Cell } from '../../formats/csvText.ts'
import { throwIfCancelled } from '../../jobs/jobs.ts'
import type { GatheredRatings } from './gatherRatings.ts'
import { raterDrift, scoreBins } from './raterDetail.ts'
import { comparePairsOfRaters } from './raterPairs.ts'

/** A table under the name of its file, without the ending; the first row is its head. */
interface Table {
  readonly name: string
  readonly rows: readonly (readonly Cell[])[]
}

const figureCells = ({ value, low, high }: AgreementFigure): Cell[] => [value, low, high]
const figureHeads = (name: string): string[] => [name, `${name}_low`, `${name}_high`]

function overview(report: AgreementReport): Table {
  const plain = (name: string, value: number | null): Cell[] => [name, value, null, null, null]
  const figure = (name: string, of: AgreementFigure): Cell[] => [name, ...figureCells(of), of.reason]
  return {
    name: 'agreement',
    rows: [
      ['figure', 'value', 'low', 'high', 'reason'],
      plain('ratings', report.ratings),
      plain('pairs', report.pairs),
      plain('raters', report.raters),
      plain('raters_set_aside', report.setAside),
      plain('pairs_with_two_raters', report.overlapping),
      plain('raters_per_such_pair', report.ratersPerPair),
      figure('alpha', report.alpha),
      figure('icc_1', report.iccSingle),
      figure('icc_2_k', report.iccMean),
      plain('k', report.k),
      ['mean_sd', report.deviations.mean, null, null, report.deviations.reason],
    ],
  }
}

const raterFigureNames = ['bias', 'scale', 'noise', 'pearson', 'mae'] as const

function raters({ table }: AgreementReport): Table {
  return {
    name: 'raters',
    rows: [
      [
        'rater',
        'set_aside',
        'ratings',
        ...raterFigureNames.flatMap(figureHeads),
        ...figureHeads('retest_mad'),
        'retests',
        ...figureHeads('gold_within'),
        'golds',
        'median_seconds',
        'cannot_judge',
        'cannot_judge_share',
      ],
      ...table.map((rater): Cell[] => [
        rater.name,
        rater.setAside?.reason ?? null,
        rater.ratings,
        ...raterFigureNames.flatMap((name) => figureCells(rater[name])),
        ...figureCells(rater.retest),
        rater.retests,
        ...figureCells(rater.gold),
        rater.golds,
        rater.pace.value,
        rater.cannotJudge,
        rater.cannotJudgeShare.value,
      ]),
    ],
  }
}

function deviations({ deviations: { bins, end } }: AgreementReport): Table {
  return {
    name: 'pair_sd_histogram',
    rows: [
      ['from', 'to', 'pairs'],
      ...bins.map((pairs, index): Cell[] => [
        (index * end) / bins.length,
        ((index + 1) * end) / bins.length,
        pairs,
      ]),
    ],
  }
}

function projection({ projection: { curve, measured } }: AgreementReport): Table {
  const found = new Map(measured.map(({ raters: at, reliability }) => [at, reliability]))
  const projected = new Map(curve.map(({ raters: at, reliability }) => [at, reliability]))
  const steps = [...new Set([...projected.keys(), ...found.keys()])].sort((one, other) => one - other)
  return {
    name: 'reliability_by_raters',
    rows: [
      ['raters', 'projected', ...figureHeads('measured')],
      ...steps.map((at): Cell[] => {
        const measuredHere = found.get(at)
        return [
          at,
          projected.get(at) ?? null,
          ...(measuredHere === undefined ? [null, null, null] : figureCells(measuredHere)),
        ]
      }),
    ],
  }
}

function rules({ differences }: AgreementReport): Table {
  return {
    name: 'consensus_rules',
    rows: [
      ['rule', 'mean_difference_from_mean', 'pairs_moving_more_than_0.1', 'reason'],
      ...differences.map(({ rule, meanDifference, moved, reason }): Cell[] => [
        rule,
        meanDifference,
        meanDifference === null ? null : moved,
        reason,
      ]),
    ],
  }
}

/** Raters with any answer, by number, in the order of the report's table. */
function shownRaters(report: AgreementReport, gathered: GatheredRatings): { name: string; number: number }[] {
  const numbers = new Map(gathered.raters.map(({ id }, number) => [id, number]))
  return report.table.flatMap(({ raterId, name }) => {
    const number = numbers.get(raterId)
    return number === undefined ? [] : [{ name, number }]
  })
}

function histograms(report: AgreementReport, gathered: GatheredRatings): Table {
  return {
    name: 'rater_histograms',
    rows: [
      ['rater', 'from', 'to', 'ratings'],
      ...shownRaters(report, gathered).flatMap(({ name, number }) => {
        const bins = scoreBins(gathered, number)
        return bins.map((count, index): Cell[] => [
          name,
          index / bins.length,
          (index + 1) / bins.length,
          count,
        ])
      }),
    ],
  }
}

function drift(report: AgreementReport, gathered: GatheredRatings): Table {
  return {
    name: 'rater_drift',
    rows: [
      ['rater', 'from_rating', 'to_rating', 'started_at', 'mean_score', 'less_others', 'median_seconds'],
      ...shownRaters(report, gathered).flatMap(({ name, number }) =>
        raterDrift(gathered, number).map(({ from, to, startedAt, score, difference, pace }): Cell[] => [
          name,
          from,
          to,
          startedAt,
          score,
          difference,
          pace,
        ]),
      ),
    ],
  }
}

function repeats({ repeats: rows, raters: known }: GatheredRatings): Table {
  return {
    name: 'blind_repeats',
    rows: [
      ['rater', 'pair_id', 'first', 'again'],
      ...rows.map(({ rater, pairId, first, again }): Cell[] => [
        known[rater]?.name ?? '',
        pairId,
        first,
        again,
      ]),
    ],
  }
}

function gold({ gold: rows, raters: known }: GatheredRatings): Table {
  return {
    name: 'gold_scores',
    rows: [
      ['rater', 'pair_id', 'score', 'gold', 'tolerance'],
      ...rows.map(({ rater, pairId, score, gold: right, tolerance }): Cell[] => [
        known[rater]?.name ?? '',
        pairId,
        score,
        right,
        tolerance,
      ]),
    ],
  }
}

async function pairsOfRaters(gathered: GatheredRatings): Promise<Table> {
  const found = await comparePairsOfRaters(gathered)
  return {
    name: 'rater_pairs',
    rows: [
      ['first', 'second', 'shared_pairs', 'pearson', 'mean_absolute_difference', 'second_less_first'],
      ...found.map(({ first, second, shared, pearson, mae, difference }): Cell[] => [
        gathered.raters[first]?.name ?? '',
        gathered.raters[second]?.name ?? '',
        shared,
        pearson,
        mae,
        difference,
      ]),
    ],
  }
}

/**
 * Writes every table of the Agreement view as CSV. The files get their names together at the end.
 * @throws GradusError `disk-full`, `file-unwritable`, `cancelled`; the folder is as it was then.
 */
export async function writeAgreementTables(
  report: AgreementReport,
  gathered: GatheredRatings,
  folder: string,
  signal: AbortSignal,
): Promise<WrittenFile[]> {
  const makers = [
    () => overview(report),
    () => raters(report),
    () => pairsOfRaters(gathered),
    () => histograms(report, gathered),
    () => drift(report, gathered),
    () => repeats(gathered),
    () => gold(gathered),
    () => deviations(report),
    () => projection(report),
    () => rules(report),
  ]
  const files: AtomicFile[] = []
  try {
    for (const make of makers) {
      const { name, rows } = await make()
      const file = await createAtomicFile(join(folder, `${name}.csv`))
      files.push(file)
      await file.write(csvText(rows))
      throwIfCancelled(signal)
    }
    const written: WrittenFile[] = []
    for (const file of files) written.push(await file.publish())
    return written
  } finally {
    for (const file of files) await file.abandon()
  }
}
