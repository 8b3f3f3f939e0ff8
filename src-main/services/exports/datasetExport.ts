import { join } from 'node:path'
import { setImmediate as yieldToOthers } from 'node:timers/promises'
import { createAtomicFile, type AtomicFile, type WrittenFile } from '../../formats/atomicFile.ts'
import {
  decisionColumns,
  describeColumns,
  disputeColumns,
  goldColumns,
  pairColumns,
  ratingColumns,
  textColumns,
  type DecisionOut,
  type DisputeOut,
  type GoldOut,
  type PairOut,
  type RatingOut,
  type TextOut,
} from '../../formats/datasetTables.ts'
import { createTableFiles, type TableFiles } from '../../formats/tableFiles.ts'
import { throwIfCancelled } from '../../jobs/jobs.ts'
import { consensusOf } from '#shared/domain/consensus.ts'
import type { ProjectStore } from '../../store/projectStore.ts'
import type { ExportedPairWithRatings } from '../../store/repositories/exportRows.ts'

const pageRows = 500

/**
 * Writes the dataset as it is at this moment: `ratings`, `pairs`, `disputes`, `decisions`, `gold` and `texts`, each as JSON
 * Lines and CSV, and `dataset.json`, which describes them. Pairs in the bin are only among the decisions and disputes. The files get their names together at the end; the same project gives the same
 * bytes again.
 * @param tell is given the share done, 0–1.
 * @throws GradusError `disk-full`, `file-unwritable`, `cancelled`; the folder is as it was then.
 */
export async function writeDataset(
  store: ProjectStore,
  folder: string,
  signal: AbortSignal,
  tell: (share: number) => void,
): Promise<WrittenFile[]> {
  const { title, settings } = store.project.read()
  const moment = store.exportRows.moment()
  const summarise = createSummary(store)
  const tables: { abandon(): Promise<void> }[] = []
  const keep = <Table extends { abandon(): Promise<void> }>(table: Table): Table => {
    tables.push(table)
    return table
  }
  try {
    const ratings: TableFiles<RatingOut> = keep(await createTableFiles(folder, 'ratings', ratingColumns))
    const pairs: TableFiles<PairOut> = keep(
      await createTableFiles(folder, 'pairs', pairColumns, {
        prefix: 'metadata',
        names: store.exportRows.metadataNames(moment),
        values: (pair) => pair.metadata,
      }),
    )
    const disputes: TableFiles<DisputeOut> = keep(await createTableFiles(folder, 'disputes', disputeColumns))
    const decisions: TableFiles<DecisionOut> = keep(
      await createTableFiles(folder, 'decisions', decisionColumns),
    )
    const gold: TableFiles<GoldOut> = keep(await createTableFiles(folder, 'gold', goldColumns))
    const texts: TableFiles<TextOut> = keep(await createTableFiles(folder, 'texts', textColumns))
    const description: AtomicFile = keep(await createAtomicFile(join(folder, 'dataset.json')))
    const counts = {
      pairs: 0,
      labelled_pairs: 0,
      adjudicated_pairs: 0,
      ratings: 0,
      current_scores: 0,
      disputes: 0,
      decisions: 0,
      gold: 0,
      texts: 0,
    }

    let after = ''
    for (;;) {
      const page = store.exportRows.pairs(moment, after, pageRows, settings.holdoutShare)
      const last = page.at(-1)
      if (last === undefined) break
      after = last.pair.id
      const summed = page.map(summarise)
      await pairs.write(summed)
      await ratings.write(
        page.flatMap(({ pair, ratings: rows }) => rows.map((rating) => ({ ...rating, pair }))),
      )
      counts.pairs += page.length
      for (const { count, settled } of summed) {
        counts.labelled_pairs += count > 0 ? 1 : 0
        counts.adjudicated_pairs += settled === 'adjudicated' ? 1 : 0
        counts.current_scores += count
      }
      for (const { ratings: rows } of page) counts.ratings += rows.length
      tell(Math.min(1, counts.pairs / Math.max(1, moment.pairs)))
      throwIfCancelled(signal)
      await yieldToOthers()
    }
    after = ''
    for (;;) {
      const page = store.exportRows.disputes(moment, after, pageRows)
      const last = page.at(-1)
      if (last === undefined) break
      after = last.id
      await disputes.write(page)
      counts.disputes += page.length
      throwIfCancelled(signal)
    }

    after = ''
    for (;;) {
      const page = store.exportRows.decisions(moment, after, pageRows)
      const last = page.at(-1)
      if (last === undefined) break
      after = last.id
      await decisions.write(page)
      counts.decisions += page.length
      throwIfCancelled(signal)
    }
    const [goldRows, textRows] = [store.exportRows.gold(), store.exportRows.earlierTexts()]
    await gold.write(goldRows)
    await texts.write(textRows)
    counts.gold = goldRows.length
    counts.texts = textRows.length

    const setAside = store.raters.setAside()
    const described = {
      format: 'gradus-dataset',
      version: 1,
      title,
      scale: {
        low: 0,
        high: 1,
        low_label: settings.lowLabel,
        high_label: settings.highLabel,
        kind: settings.scaleKind,
      },
      class_scores: settings.classScores.map(({ name, score }) => ({ name, score })),
      holdout_share: settings.holdoutShare,
      consensus: settings.consensus,
      raters: store.raters.list().map(({ id, name }) => {
        const aside = setAside.get(id)
        return { name, set_aside: aside === undefined ? null : { reason: aside.reason, since: aside.since } }
      }),
      guidelines: store.guidelines
        .list()
        .toReversed()
        .map(({ version, text, examples, createdAt }) => ({
          version,
          text,
          examples,
          created_at: createdAt,
        })),
      counts,
      cells:
        'UTF-8, texts as they are; in CSV an empty cell is null, and a spreadsheet should import all columns as text',
      ratings: describeColumns(ratingColumns),
      pairs: {
        ...describeColumns(pairColumns),
        metadata: 'columns kept at import; in CSV one column metadata.NAME each',
      },
      disputes: describeColumns(disputeColumns),
      decisions: describeColumns(decisionColumns),
      gold: describeColumns(goldColumns),
      texts: describeColumns(textColumns),
    }
    await description.write(`${JSON.stringify(described, null, 2)}\n`)
    return [
      ...(await ratings.publish()),
      ...(await pairs.publish()),
      ...(await disputes.publish()),
      ...(await decisions.publish()),
      ...(await gold.publish()),
      ...(await texts.publish()),
      await description.publish(),
    ]
  } finally {
    for (const table of tables) await table.abandon()
  }
}

/**
 * Gives a pair its consensus, by the project's rule and its rater model as they are now, and count and standard deviation
 * (n−1) of the current scores that count.
 */
function createSummary(store: ProjectStore): (exported: ExportedPairWithRatings) => PairOut {
  const rule = store.consensus.rule()
  const model = store.consensus.model()
  return ({ pair, ratings }) => {
    const given = ratings.flatMap(({ counted, score, raterId }) =>
      counted && score !== null ? [{ raterId, score }] : [],
    )
    const count = given.length
    const mean = given.reduce((sum, { score }) => sum + score, 0) / Math.max(1, count)
    const squares = given.reduce((sum, { score }) => sum + (score - mean) ** 2, 0)
    return {
      ...pair,
      consensus: pair.adjudicatedScore ?? consensusOf(rule, given, model),
      count,
      deviation: count < 2 ? null : Math.sqrt(squares / (count - 1)),
      cannotJudge: ratings.filter(({ current, kind }) => current && kind === 'cannot-judge').length,
    }
  }
}
