import { GradusError } from '#shared/contract/errors.ts'
import type { Split } from '#shared/domain/pair.ts'
import type { Evaluation, UsedModel } from '#shared/domain/run.ts'
import { refitForConsensus } from '../agreement/raterModel.ts'
import { requireStillOpen } from '../withProject.ts'
import { modelInUse } from './modelInUse.ts'
import type { ServiceContext } from '../context.ts'
import { encodePairs, openCache } from './encoderAccess.ts'
import { withTrainer } from './scoring.ts'
import { embedLabelled, gatherTrainingData, readTexts } from '../training/trainingData.ts'
import { mostReadWithTokens } from '../training/trainingJob.ts'

/** Which labelled pairs to judge on. */
export type JudgedSplit = Split | 'all'

/** How the model in use does on the labelled pairs of one split, as they are labelled now. */
export interface SplitEvaluation {
  readonly runNumber: number
  readonly used: UsedModel
  readonly split: JudgedSplit
  /** Labelled pairs of the split that were not judged on, as token vectors of all would not fit into memory. */
  readonly leftOut: number
  readonly evaluation: Evaluation
}

/**
 * Judges the saved weights of the model in use. Training pairs that share a premise with the holdout are in no split. Where
 * token vectors of all pairs would not fit into memory, it is judged on some, evenly drawn from all.
 * @throws GradusError `no-model`; `nothing-to-do` where the split has no labelled pair; what encoding and the training
 *   process throw.
 */
export async function evaluateSplit(
  context: ServiceContext,
  split: JudgedSplit,
  signal: AbortSignal,
  onPhase: (phase: string) => void,
): Promise<SplitEvaluation> {
  const store = context.session.store()
  const { run, report, weights } = modelInUse(store)
  await refitForConsensus(context, store, signal)
  requireStillOpen(store)
  const { settings } = store.project.read()
  const data = await gatherTrainingData(store, settings, run.configuration.validationShare, signal)
  const all = split === 'all' ? [...data.train, ...data.validation, ...data.holdout] : data[split]
  const readsInteraction = run.report?.validationPearson.interaction !== undefined
  const rows = readsInteraction ? spreadOver(all, mostReadWithTokens) : all
  if (rows.length === 0)
    throw new GradusError(
      'nothing-to-do',
      split === 'all'
        ? 'No pair is rated, so there is nothing to judge the model on: rate some pairs.'
        : `No rated pair belongs to the ${split} split, so there is nothing to judge the model on: rate some of its pairs or choose another split.`,
    )
  onPhase('Encoding texts')
  const tokens = { tokens: readsInteraction }
  await encodePairs(context, await readTexts(store, rows), signal, () => undefined, tokens)
  onPhase('Judging')
  const cache = openCache(context)
  try {
    const pairs = await embedLabelled(store, cache, rows, { ...tokens, classes: [] })
    const evaluation = await withTrainer(context, signal, (client) =>
      client.call('evaluate', { weights, pairs, threads: context.threads }, { signal }),
    )
    return { runNumber: run.number, used: report.used, split, leftOut: all.length - rows.length, evaluation }
  } finally {
    cache.close()
  }
}

/** At most so many of some values, evenly spread over them, in their order. */
export function spreadOver<Value>(values: readonly Value[], most: number): readonly Value[] {
  if (values.length <= most) return values
  const step = values.length / most
  return values.filter((_, index) => Math.floor(index / step) !== Math.floor((index - 1) / step))
}
