import { Tensor } from 'onnxruntime-node'
import { createGraphBuilder } from '../../onnx/graphBuilder.ts'
import { writeModel } from '../../onnx/writeModel.ts'
import type { Baselines } from '../baselines/fitBaselines.ts'
import type { PairInputs } from '../features/pairInputs.ts'
import { ensembleMean } from '../fit.ts'
import { createEmitter, type Value } from '../graph/emitter.ts'
import { heads } from '../heads/registry.ts'
import { itemDeviations } from '../metrics/itemDeviation.ts'
import { createSession, floatsOf, runSession } from '../runtime/onnxRuntime.ts'
import { frozenFeatures, trunkHead } from '../scoring/frozenFeatures.ts'
import type { LabelledPairs } from '../trainContract.ts'
import { readsTokens, type ModelWeights } from '../weights.ts'
import { canBeTold, tooFewToTell, wrongScores } from './calibrate.ts'
import { outOfFold, unseenScores, type Folds, type UnseenScores } from './folds.ts'
import type { HeadRequest, HeadTrainer } from './headTrainer.ts'
import { selectColumns, selectRows } from './trainer.ts'
import type { HeadResult, HeadRows, HeadSchedule } from './trainHead.ts'

/** What the heads beside the scoring ones are trained with. */
export interface SideTraining {
  readonly rows: LabelledPairs
  readonly validation: LabelledPairs
  readonly inputs: (pairs: LabelledPairs, frozen?: Float32Array | null) => PairInputs
  readonly folds: Folds
  readonly trainer: HeadTrainer
  readonly schedule: HeadSchedule
  /** Shares of the whole training at which they begin and end. */
  readonly share: readonly [begin: number, end: number]
  /** Told what was left out, and why. */
  readonly remarks: string[]
}

/** Labels of pairs for a head; rows that weigh 0 have none. */
interface SideLabels {
  readonly pairs: LabelledPairs
  /** [rows × label columns] */
  readonly labels: Float32Array
  /** [rows] */
  readonly weight: Float32Array
}

/** The numbers of the rows that have a label. */
function labelledRows({ weight }: SideLabels): Uint32Array {
  return Uint32Array.from(weight.keys()).filter((row) => (weight[row] ?? 0) > 0)
}

/** Trains a head on the rows that have a label for it: others would fill batches and teach nothing. */
function trainLabelled(
  side: SideTraining,
  request: Pick<HeadRequest, 'name' | 'hiddenWidth' | 'columns' | 'labelColumns' | 'share'>,
  split: { readonly train: SideLabels; readonly validation: SideLabels },
): Promise<HeadResult> {
  const headRows = ({ pairs, labels, weight }: SideLabels, numbers: Uint32Array): HeadRows => ({
    inputs: side.inputs(selectRows(pairs, numbers)),
    labels: selectColumns(labels, numbers, weight.length),
    weight: Float32Array.from(numbers, (row) => weight[row] ?? 0),
  })
  const learnt = labelledRows(split.train)
  return side.trainer.train({
    ...request,
    frozenWidth: 0,
    train: headRows(split.train, learnt),
    validation: headRows(split.validation, labelledRows(split.validation)),
    folds: { ...side.folds, of: Int32Array.from(learnt, (row) => side.folds.of[row] ?? 0) },
    schedule: side.schedule,
  })
}

/** Fewer rows than this teach a side head nothing. */
const fewestRows = 30
/** The abstention paper's card. */
const abstentionWidth = 128
const abstentionDropout = 0.1
/** Raters beyond these make a deviation hardly better known. */
const mostRatersCounted = 10

/** A part of the share of the side heads: the first, second and third of three. */
function third({ share: [begin, end] }: SideTraining, index: number): [number, number] {
  const width = (end - begin) / 3
  return [begin + index * width, begin + (index + 1) * width]
}

/**
 * Trains the spread head on the SDs of pairs with two raters or more, shrunk towards what is expected by how few raters
 * they are of; each weighs by its raters. Null where there are too few, with a remark.
 */
export async function trainSpread(side: SideTraining, hiddenWidth: number): Promise<HeadResult | null> {
  const { rows, validation } = side
  const several = (pairs: LabelledPairs): number => pairs.ratings.filter((ratings) => ratings >= 2).length
  const known = several(rows)
  const judged = several(validation)
  if (known < fewestRows || judged === 0) {
    side.remarks.push(
      known === 0
        ? 'No pair to learn from has two raters, so how far raters are apart cannot be predicted.'
        : known >= fewestRows
          ? 'No validation pair has two raters, so how far raters are apart is not predicted.'
          : `Only ${known} pairs to learn from have two raters or more, so how far raters are apart is not predicted: it takes ${fewestRows}.`,
    )
    return null
  }
  const all = {
    mean: [...rows.target, ...validation.target],
    deviation: [...rows.deviation, ...validation.deviation],
    ratings: [...rows.ratings, ...validation.ratings],
  }
  const { deviation } = itemDeviations(all)
  if (deviation === null) return null
  const labelsOf = (pairs: LabelledPairs, start: number): SideLabels => ({
    pairs,
    labels: Float32Array.from(pairs.target, (_, row) => deviation[start + row] ?? 0),
    weight: Float32Array.from(pairs.ratings, (ratings) =>
      Math.min(mostRatersCounted, Math.max(0, ratings - 1)),
    ),
  })
  return trainLabelled(
    side,
    { name: 'spread', hiddenWidth, columns: 1, labelColumns: 1, share: third(side, 0) },
    { train: labelsOf(rows, 0), validation: labelsOf(validation, rows.target.length) },
  )
}

/** Trains the class head on imported class labels; null where there are none, or too few, with a remark. */
export async function trainClasses(
  side: SideTraining,
  hiddenWidth: number,
  classes: number,
): Promise<HeadResult | null> {
  const { rows, validation } = side
  if (rows.classes === null || classes < 2) return null
  const hasLabel = (pairs: LabelledPairs): Float32Array =>
    Float32Array.from(pairs.target, (_, row) => {
      const shares = pairs.classes?.subarray(row * classes, (row + 1) * classes) ?? []
      return shares.some((share) => share > 0) ? 1 : 0
    })
  const weight = hasLabel(rows)
  const labelled = weight.reduce((sum, own) => sum + own, 0)
  if (labelled === 0) return null
  if (labelled < fewestRows) {
    side.remarks.push(
      `Only ${labelled} pairs to learn from have a class label, so classes are not predicted: it takes ${fewestRows}.`,
    )
    return null
  }
  const judged = hasLabel(validation)
  if (!judged.includes(1)) {
    side.remarks.push('No validation pair has a class label, so classes are not predicted.')
    return null
  }
  return trainLabelled(
    side,
    { name: 'nli', hiddenWidth, columns: classes, labelColumns: classes, share: third(side, 1) },
    {
      train: { pairs: rows, labels: rows.classes, weight },
      validation: { pairs: validation, labels: validation.classes ?? new Float32Array(), weight: judged },
    },
  )
}

/** What the abstention head stands on. */
export interface AbstentionGround {
  readonly weights: ModelWeights
  /** Scores of the model in use. */
  readonly unseen: UnseenScores
  readonly models: {
    readonly baselines: Baselines
    readonly regression: HeadResult
    readonly interaction: HeadResult | null
    readonly spread: HeadResult | null
  }
  readonly tolerance: number
}

/**
 * Trains the abstention head, everything else frozen, on whether scores out of fold are wrong: labels made of fitted
 * errors would teach it nothing. Null where wrong or right scores are too few, with a remark.
 */
export async function trainAbstention(
  side: SideTraining,
  ground: AbstentionGround,
): Promise<HeadResult | null> {
  const { rows, validation, inputs, folds } = side
  const { weights, unseen, tolerance } = ground
  const wrong = {
    train: wrongScores(unseen.train, rows.target, tolerance),
    validation: wrongScores(unseen.validation, validation.target, tolerance),
  }
  if (rows.target.length < fewestRows) {
    side.remarks.push(
      `There are only ${rows.target.length} pairs to learn from, so no abstention head is trained: it takes ${fewestRows}.`,
    )
    return null
  }
  if (!canBeTold(wrong.train)) {
    side.remarks.push(`${tooFewToTell('scores out of fold', tolerance)}: no abstention head is trained.`)
    return null
  }
  const headRows = async (split: 'train' | 'validation', pairs: LabelledPairs): Promise<HeadRows> => ({
    inputs: inputs(pairs, await frozenOf(split, pairs, ground)),
    labels: Float32Array.from(wrong[split].flatMap((isWrong) => (isWrong ? [0, 1] : [1, 0]))),
    weight: pairs.weight,
  })
  const trainRows = await headRows('train', rows)
  const { members } = ground.models.regression.size
  return side.trainer.train({
    name: 'abstention',
    hiddenWidth: abstentionWidth,
    columns: 2,
    frozenWidth: (trainRows.inputs.frozen?.length ?? 0) / members / rows.target.length,
    labelColumns: 2,
    train: trainRows,
    validation: await headRows('validation', validation),
    folds,
    schedule: { ...side.schedule, dropout: abstentionDropout },
    share: third(side, 2),
  })

  /** The frozen features of one split, made by the graph that makes them when pairs are scored. */
  async function frozenOf(
    split: 'train' | 'validation',
    pairs: LabelledPairs,
    { models }: AbstentionGround,
  ): Promise<Float32Array> {
    const { baselines, regression, interaction, spread } = models
    const useTokens = readsTokens(weights)
    const isTrain = split === 'train'
    const unseenOf = ({ size, ...head }: HeadResult): Float32Array => unseenScores(head, size, folds)[split]
    const trunk =
      useTokens && trunkHead(weights.blend) === 'interaction' ? (interaction ?? regression) : regression
    const columns = {
      score: unseen[split],
      ridge: isTrain ? baselines.ridgeOutOfFold : baselines.ridge.validationScores,
      cosine: baselines.cosines[split],
      regression: unseenOf(regression),
      interaction: useTokens && interaction !== null ? unseenOf(interaction) : null,
      spread: spread === null ? null : await unseenSpread(side, spread, split, pairs),
    }
    const hidden = await side.trainer.run(trunk, 'hidden', inputs(pairs))
    const { members } = trunk.size
    return runFrozen(hidden, members, heads[trunk.curves.head].trunkWidth(trunk.size), columns)
  }
}

/**
 * What the spread heads say of all rows of a split without having seen them: they were trained on those alone that have a
 * label.
 */
export async function unseenSpread(
  { trainer, inputs, folds }: Pick<SideTraining, 'trainer' | 'inputs' | 'folds'>,
  spread: HeadResult,
  split: 'train' | 'validation',
  pairs: LabelledPairs,
): Promise<Float32Array> {
  const predicted = await trainer.run(spread, 'predicted', inputs(pairs))
  const { members } = spread.size
  return split === 'train' ? outOfFold(predicted, members, folds) : ensembleMean(predicted, members)
}

/** How unsure the abstention head is of rows that it has not seen. */
export function unseenUncertainty({ train, validation, size }: HeadResult, folds: Folds): UnseenScores {
  const { members } = size
  return {
    train: outOfFold(
      train.filter((_, index) => index % 2 === 1),
      members,
      folds,
    ),
    validation: ensembleMean(validation, members, 2, 1),
  }
}

async function runFrozen(
  trunk: Float32Array,
  members: number,
  width: number,
  columns: Readonly<Record<keyof Parameters<typeof frozenFeatures>[2], Float32Array | null>>,
): Promise<Float32Array> {
  const builder = createGraphBuilder('frozen')
  const emit = createEmitter(builder)
  const rows = trunk.length / members / width
  const input = (name: string, shape: Value['shape']): Value => ({
    name: builder.input(name, 'float32', shape),
    shape,
  })
  const column = (name: keyof typeof columns): Value | null =>
    columns[name] === null ? null : input(name, [rows])
  const known = (name: keyof typeof columns): Value => column(name) ?? emit.scalar(0)
  const features = frozenFeatures(
    emit,
    input('trunk', [members, rows, width]),
    {
      score: known('score'),
      ridge: known('ridge'),
      cosine: known('cosine'),
      regression: known('regression'),
      interaction: column('interaction'),
      spread: column('spread'),
    },
    members,
  )
  builder.output(features.name, 'float32', features.shape)
  const session = await createSession(
    writeModel({ graph: builder.build(), operatorSet: 20, producer: 'gradus', notes: {} }),
    1,
  )
  try {
    const feeds: Record<string, Tensor> = { trunk: new Tensor('float32', trunk, [members, rows, width]) }
    for (const [name, values] of Object.entries(columns))
      if (values !== null) feeds[name] = new Tensor('float32', values, [rows])
    return floatsOf((await runSession(session, feeds)).get(features.name))
  } finally {
    await session.release()
  }
}
