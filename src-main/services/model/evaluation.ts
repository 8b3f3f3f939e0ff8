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

/** Which labelled pairs to judge on. */
export type JudgedSplit = Split | 'all'

/** How the model in use does on the labelled pairs of one split, as they are labelled now. */
export interface SplitEvaluation {
  readonly runNumber: number
  readonly used: UsedModel
  readonly split: JudgedSplit
  readonly evaluation: Evaluation
}

/**
 * Judges the saved weights of the model in use. Training pairs that share a premise with the holdout are in no split.
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
  const rows = split === 'all' ? [...data.train, ...data.validation, ...data.holdout] : data[split]
  if (rows.length === 0)
    throw new GradusError(
      'nothing-to-do',
      split === 'all'
        ? 'No pair is rated, so there is nothing to judge the model on: rate some pairs.'
        : `No rated pair belongs to the ${split} split, so there is nothing to judge the model on: rate some of its pairs or choose another split.`,
    )
  onPhase('Encoding texts')
  const readsInteraction = run.report?.validationPearson.interaction !== undefined
  const tokens = { tokens: readsInteraction }
  await encodePairs(context, await readTexts(store, rows), signal, () => undefined, tokens)
  onPhase('Judging')
  const cache = openCache(context)
  try {
    const pairs = await embedLabelled(store, cache, rows, { ...tokens, classes: [] })
    const evaluation = await withTrainer(context, signal, (client) =>
      client.call('evaluate', { weights, pairs, threads: context.threads }, { signal }),
    )
    return { runNumber: run.number, used: report.used, split, evaluation }
  } finally {
    cache.close()
  }
}
