import { Tensor } from 'onnxruntime-node'
import { createGraphBuilder } from '../../onnx/graphBuilder.ts'
import { writeModel } from '../../onnx/writeModel.ts'
import type { Baselines } from '../baselines/fitBaselines.ts'
import type { PairInputs } from '../features/pairInputs.ts'
import { ensembleMean } from '../fit.ts'
import { createEmitter, type Value } from '../graph/emitter.ts'
import { heads } from '../heads/registry.ts'
import { shrinkDeviations } from '../metrics/shrunkDeviation.ts'
import { createSession, floatsOf, runSession } from '../runtime/onnxRuntime.ts'
import { frozenFeatures, trunkHead } from '../scoring/frozenFeatures.ts'
import type { LabelledPairs } from '../trainContract.ts'
import { readsTokens, type ModelWeights } from '../weights.ts'
import { canBeTold, wrongScores } from './calibrate.ts'
import type { UnseenScores } from './chooseModel.ts'
import { outOfFold, type Folds } from './folds.ts'
import type { HeadTrainer } from './headTrainer.ts'
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
 * Trains the spread head on the SDs of pairs with two raters or more, shrunk towards their mean by how few raters
 * they are of; each weighs by its raters. Null where there are too few, with a remark.
 */
export async function trainSpread(side: SideTraining, hiddenWidth: number): Promise<HeadResult | null> {
  const { rows, validation, inputs } = side
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
    deviation: [...rows.deviation, ...validation.deviation],
    ratings: [...rows.ratings, ...validation.ratings],
  }
  const { deviation } = shrinkDeviations(all.deviation, all.ratings)
  if (deviation === null) return null
  const headRows = (pairs: LabelledPairs, start: number): HeadRows => ({
    inputs: inputs(pairs),
    labels: Float32Array.from(pairs.target, (_, row) => deviation[start + row] ?? 0),
    weight: Float32Array.from(pairs.ratings, (ratings) =>
      Math.min(mostRatersCounted, Math.max(0, ratings - 1)),
    ),
  })
  return side.trainer.train({
    name: 'spread',
    hiddenWidth,
    columns: 1,
    frozenWidth: 0,
    labelColumns: 1,
    train: headRows(rows, 0),
    validation: headRows(validation, rows.target.length),
    schedule: side.schedule,
    share: third(side, 0),
  })
}

/** Trains the class head on imported class labels; null where there are none, or too few, with a remark. */
export async function trainClasses(
  side: SideTraining,
  hiddenWidth: number,
  classes: number,
): Promise<HeadResult | null> {
  const { rows, validation, inputs } = side
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
  return side.trainer.train({
    name: 'nli',
    hiddenWidth,
    columns: classes,
    frozenWidth: 0,
    labelColumns: classes,
    train: { inputs: inputs(rows), labels: rows.classes, weight },
    validation: {
      inputs: inputs(validation),
      labels: validation.classes ?? new Float32Array(validation.target.length * classes),
      weight: judged,
    },
    schedule: side.schedule,
    share: third(side, 1),
  })
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
 * errors would teach it nothing. Null where wrong or right scores are too few.
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
  if (rows.target.length < fewestRows || !canBeTold(wrong.train)) return null
  const headRows = async (split: 'train' | 'validation', pairs: LabelledPairs): Promise<HeadRows> => ({
    inputs: inputs(pairs, await frozenOf(split, ground, folds)),
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
    schedule: { ...side.schedule, dropout: abstentionDropout },
    share: third(side, 2),
  })

  /** The frozen features of one split, made by the graph that makes them when pairs are scored. */
  async function frozenOf(
    split: 'train' | 'validation',
    { models }: AbstentionGround,
    parts: Folds,
  ): Promise<Float32Array> {
    const { baselines, regression, interaction, spread } = models
    const useTokens = readsTokens(weights)
    const isTrain = split === 'train'
    const unseenOf = (head: HeadResult): Float32Array =>
      isTrain
        ? outOfFold(scoresOf(head, 'train'), head.size.members, parts)
        : ensembleMean(scoresOf(head, 'validation'), head.size.members)
    const trunk =
      useTokens && trunkHead(weights.blend) === 'interaction' ? (interaction ?? regression) : regression
    const columns = {
      score: unseen[split],
      ridge: isTrain ? baselines.ridgeOutOfFold : baselines.ridge.validationScores,
      cosine: baselines.cosines[split],
      regression: unseenOf(regression),
      interaction: useTokens && interaction !== null ? unseenOf(interaction) : null,
      spread: spread === null ? null : unseenOf(spread),
    }
    const { members } = trunk.size
    const width = heads[trunk.curves.head].trunkWidth(trunk.size)
    return runFrozen(trunk[split].hidden, members, width, columns)
  }
}

/** The first predicted column [members × rows]. */
function scoresOf({ size, ...outputs }: HeadResult, split: 'train' | 'validation'): Float32Array {
  const { predicted } = outputs[split]
  return size.columns === 1 ? predicted : predicted.filter((_, index) => index % size.columns === 0)
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
