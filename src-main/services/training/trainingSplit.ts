import type { Split } from '#shared/domain/pair.ts'
import { premiseGroup, premiseGroups } from '../../store/pairKeys.ts'

/** A labelled pair with the split it belongs to before validation is carved out. */
export interface SplitRow {
  readonly pairId: string
  readonly premiseGroup: number
  readonly declaredSplit: Split | null
  readonly split: Split
}

/** Labelled pairs by what training does with them: no premise group is in two of the three. */
export interface TrainingSplit<Row extends SplitRow> {
  readonly train: Row[]
  readonly validation: Row[]
  readonly holdout: Row[]
  /** Trainable rows left out because their premise is also in the holdout. */
  readonly leftOutForHoldout: number
  /** Training rows left out because their premise is also among the declared validation pairs. */
  readonly leftOutForValidation: number
  /** Whether all trainable rows share one premise, so that validation had to be made of pairs of that premise, too. */
  readonly onePremise: boolean
}

/** The fewest rows with which training starts: under these, neither a fit nor a correlation means anything. */
export const fewestRows = { train: 20, validation: 5 } as const

/**
 * Puts every labelled pair on one side, whole premise groups together. Where no trainable pair is declared as
 * validation, the upper end of the split line is carved off: a group with place ≥ 1 − validationShare · (1 − h), where
 * h is 0 for declared training pairs and `holdoutShare` for the others, which have already lost the lower end. Where
 * that leaves validation short, the groups next on the line follow until it has the fewest rows it needs. Where all
 * trainable rows share one premise, they are put on the line one by one: a model of one premise is for that premise.
 * @param holdoutGroups premise groups of all holdout pairs, labelled or not.
 */
export function splitForTraining<Row extends SplitRow>(
  rows: readonly Row[],
  holdoutGroups: ReadonlySet<number>,
  shares: { readonly holdoutShare: number; readonly validationShare: number },
): TrainingSplit<Row> {
  const holdout = rows.filter((row) => row.split === 'holdout')
  const outside = rows.filter((row) => row.split !== 'holdout')
  const trainable = outside.filter((row) => !holdoutGroups.has(row.premiseGroup))
  const leftOutForHoldout = outside.length - trainable.length

  const declared = trainable.filter((row) => row.split === 'validation')
  if (declared.length > 0) {
    const groups = new Set(declared.map((row) => row.premiseGroup))
    const train = trainable.filter((row) => !groups.has(row.premiseGroup))
    return {
      train,
      validation: declared,
      holdout,
      leftOutForHoldout,
      leftOutForValidation: trainable.length - declared.length - train.length,
      onePremise: false,
    }
  }
  const onePremise =
    trainable.length > 0 && trainable.every((row) => row.premiseGroup === trainable[0]?.premiseGroup)
  // With a single premise a pair's own place on the line decides, by a hash of its id.
  const placed = trainable.map((row) => ({
    row,
    group: onePremise ? premiseGroup(row.pairId) : row.premiseGroup,
  }))
  const carved = carveValidation(placed, shares)
  const side = (wanted: boolean): Row[] =>
    placed.flatMap(({ row, group }) => (carved.has(group) === wanted ? [row] : []))
  return {
    train: side(false),
    validation: side(true),
    holdout,
    leftOutForHoldout,
    leftOutForValidation: 0,
    onePremise,
  }
}

function carveValidation(
  trainable: readonly { readonly row: SplitRow; readonly group: number }[],
  { holdoutShare, validationShare }: { readonly holdoutShare: number; readonly validationShare: number },
): Set<number> {
  const threshold = (row: SplitRow): number =>
    1 - validationShare * (row.declaredSplit === null ? 1 - holdoutShare : 1)
  const rowsOf = new Map<number, number>()
  const carved = new Set<number>()
  for (const { row, group } of trainable) {
    rowsOf.set(group, (rowsOf.get(group) ?? 0) + 1)
    if (group / premiseGroups >= threshold(row)) carved.add(group)
  }
  let count = [...carved].reduce((total, group) => total + (rowsOf.get(group) ?? 0), 0)
  if (count < fewestRows.validation)
    for (const [group, rows] of [...rowsOf].sort(([one], [other]) => other - one)) {
      if (count >= fewestRows.validation) break
      if (carved.has(group)) continue
      carved.add(group)
      count += rows
    }
  return carved
}

/** Why these rows are too few to train on, in one sentence with what to do; null where they suffice. */
export function trainingObstacle(rows: {
  readonly train: number
  readonly validation: number
  readonly holdout: number
  readonly leftOutForHoldout: number
}): string | null {
  const { train, validation, holdout, leftOutForHoldout } = rows
  const needed = fewestRows.train + fewestRows.validation
  const there = train + validation
  if (there < needed) {
    const elsewhere = [
      ...(holdout > 0 ? [`${holdout} more in the holdout are never trained on`] : []),
      ...(leftOutForHoldout > 0 ? [`${leftOutForHoldout} share a premise with the holdout`] : []),
    ]
    const aside = elsewhere.length > 0 ? ` (${elsewhere.join(', ')})` : ''
    return `Training needs at least ${needed} rated pairs outside the holdout, and there are ${there}${aside}: rate ${needed - there} more.`
  }
  if (train < fewestRows.train)
    return `Training needs at least ${fewestRows.train} rated pairs to learn from, and ${train} are left beside ${validation} for validation: rate pairs with other premises, or declare fewer as validation.`
  if (validation < fewestRows.validation)
    return `Training needs at least ${fewestRows.validation} rated validation pairs, and there are ${validation}: rate ${fewestRows.validation - validation} more of those declared as validation.`
  return null
}
