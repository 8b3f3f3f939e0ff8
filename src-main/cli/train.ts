import type { Command } from 'commander'
import type { BlendWeights, Run } from '#shared/domain/run.ts'
import { decimal, wholeNumber } from './optionValues.ts'

interface TrainOptions {
  readonly json?: true
  readonly seed?: number
  readonly ensemble?: number
  readonly hiddenWidth?: number
  readonly dropout?: number
  readonly learningRate?: number
  readonly weightDecay?: number
  readonly batchSize?: number
  readonly epochs?: number
  readonly patience?: number
  readonly validationShare?: number
}

/** `gradus train`: fits the heads on what is rated, scores the rest and ranks suggestions. */
export function addTrainCommand(program: Command): void {
  program
    .command('train')
    .summary('train the heads on what is rated')
    .description('Train the heads on the rated pairs, judge them on the holdout, and rank the unrated pairs.')
    .argument('<project>', 'a .gradus file')
    .option('--seed <number>', 'fixes everything drawn by chance (42)', wholeNumber(0, 0xffffffff))
    .option('--ensemble <count>', 'heads in the ensemble (5)', wholeNumber(2, 20))
    .option('--hidden-width <units>', 'width of each head (512)', wholeNumber(8, 2048))
    .option('--dropout <share>', 'share of units dropped in training (0.1)', decimal(0, 0.9))
    .option('--learning-rate <rate>', 'highest learning rate of AdamW (0.0005)', decimal(1e-9, 1))
    .option('--weight-decay <rate>', 'decoupled weight decay (0.01)', decimal(0, 1))
    .option('--batch-size <pairs>', 'pairs a step (64)', wholeNumber(4, 1024))
    .option('--epochs <count>', 'most epochs (50)', wholeNumber(1, 500))
    .option('--patience <epochs>', 'epochs without a gain before it stops (5)', wholeNumber(1, 100))
    .option(
      '--validation-share <share>',
      'share of premises kept for validation where none is declared (0.15)',
      decimal(0.05, 0.5),
    )
    .option('--json', 'print the run as one JSON document')
    .action(train)
}

async function train(path: string, options: TrainOptions): Promise<void> {
  const { trainingConfiguration } = await import('#shared/domain/run.ts')
  const { followJob, withProject } = await import('./session.ts')
  const { printResult } = await import('./terminal.ts')
  const configuration = trainingConfiguration.parse({
    seed: options.seed,
    ensembleSize: options.ensemble,
    hiddenWidth: options.hiddenWidth,
    dropout: options.dropout,
    learningRate: options.learningRate,
    weightDecay: options.weightDecay,
    batchSize: options.batchSize,
    maximumEpochs: options.epochs,
    patience: options.patience,
    validationShare: options.validationShare,
  })
  await withProject(path, async (session) => {
    const { jobId } = await session.call('train.start', { configuration })
    const { detail } = await followJob(session, jobId)
    const runs = await session.call('train.runs', {})
    const run = runs.find(({ id }) => detail.kind === 'train' && id === detail.runId)
    if (run === undefined) throw new Error('A finished run is not in the list of runs.')
    const { formatEvaluation } = await import('./judgements.ts')
    await printResult(options.json === true, run, () => describe(run, formatEvaluation))
  })
}

function describe(run: Run, formatEvaluation: typeof import('./judgements.ts').formatEvaluation): string {
  const { report } = run
  if (report === null) throw new Error('A finished run has no report.')
  const { rows, seconds, validationPearson, ceiling } = report
  const figure = (value: number | null | undefined): string => value?.toFixed(3) ?? 'not defined'
  const lines = [
    `Run ${run.number}: ${rows.train} pairs to learn from, ${rows.validation} for validation, ${rows.holdout} in the holdout.`,
  ]
  if (rows.leftOutForHoldout > 0)
    lines.push(`${rows.leftOutForHoldout} rated pairs were left out: their premise is also in the holdout.`)
  if (rows.leftOutForValidation > 0)
    lines.push(`${rows.leftOutForValidation} rated pairs were left out: their premise is also in validation.`)
  lines.push(
    `Validation r: blend ${figure(validationPearson.blend)}, ridge ${figure(validationPearson.ridge)}. In use: ${report.used}${report.used === 'ridge' ? ', since the heads do not clearly beat it' : blendOf(report.blend)}.`,
    ...report.curves.map(
      ({ head, bestEpoch, epochs }) => `Head ${head}: best epoch ${bestEpoch} of ${epochs.length}.`,
    ),
    ...report.remarks,
    `${report.backend.name}, ${report.backend.threads} threads; encoding ${seconds.encode.toFixed(1)} s, fit ${seconds.fit.toFixed(1)} s, judging ${seconds.judge.toFixed(1)} s.`,
  )
  if (ceiling !== null)
    lines.push(
      `People reach r ${figure(ceiling.pearson)}, MAE ${ceiling.mae.toFixed(3)} (one rater against the others, ${ceiling.pairs} pairs).`,
    )
  lines.push(
    '',
    report.holdout === null
      ? 'No pair of the holdout is rated, so the model could not be judged.'
      : formatEvaluation(report.holdout, report.used),
  )
  return lines.join('\n')
}

/** What a blend is made of: " of ridge 0.66, regression 0.00, interaction 0.34". */
function blendOf({ ridge, regression, interaction }: BlendWeights): string {
  return ` of ridge ${ridge.toFixed(2)}, regression ${regression.toFixed(2)}, interaction ${interaction.toFixed(2)}`
}
