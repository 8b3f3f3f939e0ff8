import type Database from 'better-sqlite3'
import {
  addModelled,
  beginModelled,
  medianOf,
  modelledScore,
  raterModel,
  type ModelledScore,
  type RaterModel,
} from '#shared/domain/consensus.ts'
import { consensusRule, type ConsensusRule } from '#shared/domain/project.ts'

export interface ConsensusRepository {
  /** How scores of a pair become one in this project. */
  rule(): ConsensusRule
  /** The statement for the present rule, made by `prepare` from SQL for the consensus of the rows of one pair. */
  following<Statement>(prepare: (consensus: string) => Statement): () => Statement
  model(): RaterModel | null
  /** Changes whenever what counts towards the rater model may have changed. */
  ratingsStamp(): string
  /** The stamp of the ratings that the kept model was fitted on; null without a model. */
  fittedOn(): string | null
  /** @param ratings the stamp of the ratings it was fitted on; by default that of the present ones. */
  writeModel(model: RaterModel, ratings?: string): void
}

/**
 * The consensus as SQL over grouped rows of `counted_rating`, called `rating` there, beside `pair`: the adjudicated score
 * where there is one, else the rule over the present scores; null without any.
 */
function consensusSql(rule: ConsensusRule): string {
  const ofScores = {
    mean: 'AVG(rating.score)',
    median: 'median_score(rating.score)',
    'rater-model': 'modelled_score(rating.rater_id, rating.score)',
  }
  return `COALESCE(
    (SELECT settled_pair.score FROM settled_pair WHERE settled_pair.pair_id = pair.id), ${ofScores[rule]})`
}

/** One score of several: the project's rule, and what the rater model knows of the raters. */
export function createConsensusRepository(database: Database.Database): ConsensusRepository {
  const selectRule = database
    .prepare<[], string>(`SELECT COALESCE(settings ->> 'consensus', 'mean') FROM project`)
    .pluck()
  const selectFitted = database.prepare<[], string>('SELECT fitted_at FROM rater_model').pluck()
  const selectModel = database.prepare<[], string>('SELECT parameters FROM rater_model').pluck()
  const writeModel = database.prepare<[string, string, string]>(
    'INSERT OR REPLACE INTO rater_model (id, parameters, ratings, fitted_at) VALUES (1, ?, ?, ?)',
  )
  const selectFittedOn = database.prepare<[], string>('SELECT ratings FROM rater_model').pluck()
  // Rows are only added, but a merge may add some that sort before others: so both the count and the last.
  const selectStamp = database
    .prepare<[], string>(
      `SELECT (SELECT COUNT(*) || ' ' || COALESCE(MAX(id), '') FROM rating) || ' ' ||
        (SELECT COUNT(*) || ' ' || COALESCE(MAX(id), '') FROM rater_decision) || ' ' ||
        (SELECT COUNT(*) || ' ' || COALESCE(MAX(id), '') FROM decision WHERE kind IN ('binned', 'restored', 'text-fixed')) || ' ' ||
        (SELECT COUNT(*) FROM pair_text) || ' ' || (SELECT COUNT(*) FROM finished_import)`,
    )
    .pluck()
  let kept: { readonly fittedAt: string; readonly model: RaterModel } | null = null

  const model = (): RaterModel | null => {
    const fittedAt = selectFitted.get()
    if (fittedAt === undefined) return (kept = null)
    if (kept?.fittedAt !== fittedAt) {
      const parameters = selectModel.get()
      kept = parameters === undefined ? null : { fittedAt, model: raterModel.parse(JSON.parse(parameters)) }
    }
    return kept?.model ?? null
  }

  database.aggregate<number[]>('median_score', {
    start: () => [],
    step: (scores, score: unknown) => {
      if (typeof score === 'number') scores.push(score)
    },
    result: (scores) => medianOf(scores),
  })
  // Statements that use it come through `following`, which sees to `kept`.
  database.aggregate<{ sum: ModelledScore | null }>('modelled_score', {
    // Its types know functions of one argument only.
    varargs: true,
    start: () => ({ sum: null }),
    step: (gathered: { sum: ModelledScore | null }, ...[raterId, score]: unknown[]) => {
      if (kept === null || typeof raterId !== 'string' || typeof score !== 'number') return
      gathered.sum ??= beginModelled(kept.model)
      addModelled(gathered.sum, kept.model, raterId, score)
    },
    result: ({ sum }) => (sum === null ? null : modelledScore(sum)),
  })

  const ratingsStamp = (): string => selectStamp.get() ?? ''
  const rule = (): ConsensusRule => consensusRule.parse(selectRule.get() ?? 'mean')

  return {
    rule,
    following(prepare) {
      const statements = new Map<ConsensusRule, ReturnType<typeof prepare>>()
      return () => {
        const wanted = rule()
        // Until the model is fitted, the mean stands in for it.
        const used = wanted === 'rater-model' && model() === null ? 'mean' : wanted
        const statement = statements.get(used) ?? prepare(consensusSql(used))
        statements.set(used, statement)
        return statement
      }
    },
    model,
    ratingsStamp,
    fittedOn: () => selectFittedOn.get() ?? null,
    writeModel(fitted, ratings = ratingsStamp()) {
      writeModel.run(JSON.stringify(fitted), ratings, new Date().toISOString())
      // Two fits within a millisecond must not be taken for one.
      kept = null
    },
  }
}
