import { Option, type Command } from 'commander'
import type { BackendChoice } from '#shared/domain/backend.ts'
import type { LossName } from '#shared/domain/losses.ts'
import type { BlendWeights, Run } from '#shared/domain/run.ts'
import type { SearchMethod } from '#shared/domain/search.ts'
import { decimal, wholeNumber } from './optionValues.ts'
import type { Session } from './session.ts'

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
  readonly loss?: LossName
  readonly densityWeighting?: true
  readonly interaction: boolean
  readonly interactionWidth?: number
  readonly interactionDropout?: number
  readonly interactionLearningRate?: number
  readonly interactionBatchSize?: number
  readonly interactionEpochs?: number
  readonly tolerance?: number
  readonly resume?: number | true
  readonly search?: number
  readonly searchMethod?: SearchMethod
  readonly useBest?: true
  readonly backend?: BackendChoice
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
    .option('--hidden-width <units>', 'width of each regression head (256)', wholeNumber(8, 2048))
    .option('--dropout <share>', 'share of units dropped in training (0.5)', decimal(0, 0.9))
    .option('--learning-rate <rate>', 'highest learning rate of AdamW (0.0001)', decimal(1e-9, 1))
    .option('--weight-decay <rate>', 'decoupled weight decay (0.01)', decimal(0, 1))
    .option('--batch-size <pairs>', 'pairs a step (64)', wholeNumber(4, 1024))
    .option('--epochs <count>', 'most epochs (50)', wholeNumber(1, 500))
    .option('--patience <epochs>', 'epochs without a gain before it stops (5)', wholeNumber(1, 100))
    .option(
      '--validation-share <share>',
      'share of premises kept for validation where none is declared (0.15)',
      decimal(0.05, 0.5),
    )
    .addOption(
      new Option('--backend <name>', 'what the heads are trained on (as chosen in Settings)').choices([
        'automatic',
        'tfjs-node-gpu',
        'cuda',
        'webgpu',
        'cpu',
      ] satisfies BackendChoice[]),
    )
    .addOption(
      new Option('--loss <name>', 'what scores are trained with (mse)').choices([
        'mse',
        'mae',
        'huber',
        'binary-cross-entropy',
        'ranking',
        'cosent',
        'gaussian',
      ] satisfies LossName[]),
    )
    .option('--density-weighting', 'let pairs of rare scores count more')
    .option('--no-interaction', 'leave the interaction heads out, which take most of the time')
    .option('--interaction-width <units>', 'width of each interaction head (200)', wholeNumber(8, 1024))
    .option('--interaction-dropout <share>', 'its dropout (0.2)', decimal(0, 0.9))
    .option('--interaction-learning-rate <rate>', 'its highest learning rate (0.0005)', decimal(1e-9, 1))
    .option('--interaction-batch-size <pairs>', 'its pairs a step (32)', wholeNumber(4, 1024))
    .option('--interaction-epochs <count>', 'its most epochs (10)', wholeNumber(1, 200))
    .option(
      '--tolerance <difference>',
      'a score further from the consensus is wrong (what people differ by, else 0.15)',
      decimal(0.01, 1),
    )
    .option(
      '--resume [number]',
      'go on with a run that was cancelled or broken off, by default the latest; all other settings are its own',
      (text: string) => wholeNumber(1, 1e9)(text),
    )
    .option(
      '--search <count>',
      'try so many settings of the regression heads instead, and make no run',
      wholeNumber(2, 200),
    )
    .addOption(
      new Option('--search-method <name>', 'how they are drawn (sobol)').choices([
        'sobol',
        'random',
      ] satisfies SearchMethod[]),
    )
    .option('--use-best', 'after --search, train a run with the best of them')
    .option('--json', 'print the run, or what was searched, as one JSON document')
    .action(train)
}

async function train(path: string, options: TrainOptions): Promise<void> {
  const { trainingConfiguration } = await import('#shared/domain/run.ts')
  const { withProject } = await import('./session.ts')
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
    loss: options.loss,
    densityWeighting: options.densityWeighting,
    interaction: options.interaction,
    interactionWidth: options.interactionWidth,
    interactionDropout: options.interactionDropout,
    interactionLearningRate: options.interactionLearningRate,
    interactionBatchSize: options.interactionBatchSize,
    interactionEpochs: options.interactionEpochs,
    tolerance: options.tolerance,
  })
  const asked = await readSearch(options)
  await withProject(path, async (session) => {
    const { resume, backend } = options
    const { formatEvaluation } = await import('./judgements.ts')
    const json = options.json === true
    if (asked !== null) {
      const { bestConfiguration, formatSearch, searchSettings } = await import('./search.ts')
      const search = await searchSettings(session, { ...asked, configuration, backend })
      const text = await formatSearch(search)
      if (options.useBest !== true) return printResult(json, { search }, () => text)
      const best = await bestConfiguration(search, configuration)
      const { jobId } = await session.call('train.start', { configuration: best, backend })
      const run = await followRun(session, jobId)
      return printResult(json, { search, run }, () => `${text}\n\n${describe(run, formatEvaluation)}`)
    }
    const { jobId } =
      resume === undefined
        ? await session.call('train.start', { configuration, backend })
        : await session.call('train.resume', { runId: await resumableRun(session, resume) })
    const run = await followRun(session, jobId)
    return printResult(json, run, () => describe(run, formatEvaluation))
  })
}

/** The run of a training, once it has finished. */
async function followRun(session: Session, jobId: string): Promise<Run> {
  const { followJob } = await import('./session.ts')
  const { detail } = await followJob(session, jobId)
  const runs = await session.call('train.runs', {})
  const run = runs.find(({ id }) => detail.kind === 'train' && id === detail.runId)
  if (run === undefined) throw new Error('A finished run is not in the list of runs.')
  return run
}

/** What is to be searched; null where a run is wanted. @throws GradusError `bad-options` where options contradict. */
async function readSearch({
  search,
  searchMethod,
  useBest,
  resume,
}: TrainOptions): Promise<{ count: number; method: SearchMethod | undefined } | null> {
  const { GradusError } = await import('#shared/contract/errors.ts')
  if (search === undefined && (searchMethod !== undefined || useBest !== undefined))
    throw new GradusError('bad-options', 'Say with --search how many settings are to be tried.')
  if (search !== undefined && resume !== undefined)
    throw new GradusError(
      'bad-options',
      'Give either --search or --resume: a run that goes on keeps its settings.',
    )
  return search === undefined ? null : { count: search, method: searchMethod }
}

/** The id of the run to go on with. @throws GradusError `not-found` where there is none. */
async function resumableRun(session: Session, wanted: number | true): Promise<string> {
  const runs = await session.call('train.runs', {})
  const found = runs.find(({ number, resumable }) => resumable && (wanted === true || number === wanted))
  if (found !== undefined) return found.id
  const { GradusError } = await import('#shared/contract/errors.ts')
  throw new GradusError(
    'not-found',
    wanted === true
      ? 'There is no run to go on with: none was cancelled or broken off after its first epoch.'
      : `Run ${wanted} cannot be gone on with: it has ended, or was stopped before its first epoch was whole.`,
  )
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
  const { name, threads } = report.backend
  lines.push(
    `Validation r: blend ${figure(validationPearson.blend)}, ridge ${figure(validationPearson.ridge)}. In use: ${report.used}${report.used === 'ridge' ? ', since the heads do not clearly beat it' : blendOf(report.blend)}.`,
    ...report.curves.map(
      ({ head, bestEpoch, epochs }) => `Head ${head}: best epoch ${bestEpoch} of ${epochs.length}.`,
    ),
    ...report.remarks,
    `${name}, ${threads} ${threads === 1 ? 'thread' : 'threads'}; encoding ${seconds.encode.toFixed(1)} s, fit ${seconds.fit.toFixed(1)} s, judging ${seconds.judge.toFixed(1)} s.`,
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
function blendOf(blend: BlendWeights): string {
  const parts = Object.entries(blend).filter(([, weight]) => weight >= 0.005)
  return ` of ${parts.map(([name, weight]) => `${name} ${weight.toFixed(2)}`).join(', ')}`
}
