import { Option, type Command } from 'commander'
import { GradusError } from '#shared/contract/errors.ts'
import type { JudgedSplit } from '../services/model/evaluation.ts'

/** `gradus evaluate`: how well the model in use fits the labels of one split. */
export function addEvaluateCommand(program: Command): void {
  program
    .command('evaluate')
    .summary('judge the model in use on rated pairs')
    .description('Judge the model in use on the rated pairs of one split, beside the baselines.')
    .argument('<project>', 'a .gradus file')
    .addOption(
      new Option('--split <split>', 'which rated pairs to judge on')
        .choices(['holdout', 'validation', 'train', 'all'] satisfies JudgedSplit[])
        .default('holdout'),
    )
    .option('--slices', 'also judge parts of the holdout: by length, score, file, metadata and so on')
    .option('--json', 'print the figures as one JSON document')
    .action(evaluate)
}

interface EvaluateOptions {
  readonly split: JudgedSplit
  readonly slices?: true
  readonly json?: true
}

async function evaluate(path: string, { split, slices, json }: EvaluateOptions): Promise<void> {
  if (slices === true && split !== 'holdout')
    throw new GradusError(
      'bad-options',
      'Slices are parts of the holdout: use --slices with --split holdout.',
    )
  const { withProject } = await import('./session.ts')
  const { createProgressLine, note, printResult } = await import('./terminal.ts')
  const { evaluateSplit } = await import('../services/model/evaluation.ts')
  const { formatEvaluation, formatSlices } = await import('./judgements.ts')
  await withProject(path, async ({ context, signal, call }) => {
    const line = createProgressLine()
    const { runNumber, used, leftOut, evaluation } = await evaluateSplit(context, split, signal, (phase) =>
      line.show(phase, null, null),
    ).finally(() => line.clear())
    if (split !== 'holdout')
      note(
        'Some of these pairs took part in the training: only the holdout says how well the model does on others.',
      )
    if (leftOut > 0)
      note(
        `${leftOut.toLocaleString('en')} pairs, evenly spread, were left out: token vectors of all do not fit into memory.`,
      )
    const sliced = slices === true ? await call('judging.slices', {}) : null
    const document = {
      run: runNumber,
      split,
      used,
      leftOut,
      ...evaluation.used,
      models: evaluation.models,
      baselines: evaluation.baselines,
      classification: evaluation.classification,
      reliability: evaluation.reliability,
      conformal: evaluation.conformal,
      abstention: evaluation.abstention,
      ...(sliced === null ? {} : { slices: sliced }),
    }
    await printResult(json === true, document, () =>
      [
        `Run ${runNumber} on ${evaluation.used.n} rated pairs (${split}), with 95% intervals:`,
        formatEvaluation(evaluation, used),
        ...(sliced === null ? [] : ['', formatSlices(sliced)]),
      ].join('\n'),
    )
  })
}
