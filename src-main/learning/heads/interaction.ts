import type { Operations } from '../graph/operations.ts'
import type { Head, TokenInputs } from './head.ts'
import { drop, linear, linearParameters } from './layers.ts'
import { toScores } from './scores.ts'

/** Added to what padding would weigh: far below any other value, far from overflow. */
const never = -1e9
/** Mean MaxSim both ways, lowest MaxSim of the hypothesis, cosine of the mean token vectors. */
const scalars = 4

/**
 * Decomposable attention over token vectors (Parikh et al. 2016) with late-interaction scalars (Khattab & Zaharia
 * 2020): tokens are projected, each is softly aligned with the other text's, compared with what it was aligned with,
 * and both texts' comparisons are summed up by their masked mean and maximum. Dropout masks are shared by the tokens of
 * a text (Gal & Ghahramani 2016).
 */
export const interaction: Head = {
  phase: 'Training interaction heads',
  needs: ['tokens'],
  predicts: 'score',
  parameters({ members, dimension, hiddenWidth: width, columns }) {
    const layer = (name: string, from: number, to = width) => linearParameters(name, [members, from, to])
    return [
      ...layer('project', dimension),
      ...layer('attend.0', width),
      ...layer('attend.1', width),
      ...layer('compare.0', 4 * width),
      ...layer('compare.1', width),
      ...layer('aggregate.0', 4 * width + scalars),
      ...layer('aggregate.1', width),
      ...layer('score', width, columns),
    ]
  },
  masks: ({ members, hiddenWidth: width }, rows) => ({
    premise: [members, rows, width],
    hypothesis: [members, rows, width],
    aggregate: [members, rows, 4 * width],
    hidden: [members, rows, width],
  }),
  trunkWidth: ({ hiddenWidth }) => hiddenWidth,
  loss: (chosen) => chosen,
  forward(operations, parameters, inputs, mask, { members, dimension, hiddenWidth: width, columns }) {
    const { premise, hypothesis } = inputs.tokens()
    const layer = (name: string, rows: Value): Value =>
      linear(operations, rows, parameters(`${name}.weight`), parameters(`${name}.bias`))
    type Value = typeof premise.mask
    const relu = (name: string, rows: Value): Value => operations.relu(layer(name, rows))
    const flat = (values: Value, length: number): Value => operations.reshape(values, [members, -1, length])
    const padded = (values: Value, { mask: tokens }: TokenInputs<Value>): Value =>
      operations.reshape(values, [members, { of: tokens, axis: 0 }, { of: tokens, axis: 1 }, width])
    const acrossTokens = (values: Value): Value => operations.reshape(values, [members, -1, 1, width])

    const project = (side: TokenInputs<Value>, name: string): Value => {
      const projected = padded(layer('project', side.vectors), side)
      const dropped = mask(name)
      return dropped === null ? projected : operations.mul(projected, acrossTokens(dropped))
    }
    const a = project(premise, 'premise')
    const b = project(hypothesis, 'hypothesis')
    const attend = (values: Value, side: TokenInputs<Value>): Value =>
      padded(relu('attend.1', relu('attend.0', flat(values, width))), side)
    const energy = operations.matMul(
      attend(a, premise),
      operations.transpose(attend(b, hypothesis), [0, 1, 3, 2]),
    )
    const align = (energies: Value, to: Value, { mask: tokens }: TokenInputs<Value>): Value => {
      const hidden = operations.reshape(absent(operations, tokens), [
        1,
        { of: tokens, axis: 0 },
        1,
        { of: tokens, axis: 1 },
      ])
      return operations.matMul(operations.softmax(operations.add(energies, hidden), -1), to)
    }
    const compare = (own: Value, aligned: Value, side: TokenInputs<Value>): Value[] => {
      const both = [own, aligned, operations.sub(own, aligned), operations.mul(own, aligned)]
      const compared = relu('compare.1', relu('compare.0', flat(operations.concat(both, -1), 4 * width)))
      const { mask: tokens } = side
      const kept = operations.mul(
        padded(compared, side),
        operations.reshape(tokens, [1, { of: tokens, axis: 0 }, { of: tokens, axis: 1 }, 1]),
      )
      const count = operations.reshape(operations.sum(tokens, [1]), [1, -1, 1])
      // Comparisons are never negative, so padding, now 0, is never the largest.
      return [operations.div(operations.sum(kept, [2]), count), operations.max(kept, 2)]
    }
    const aggregated = operations.concat(
      [
        ...compare(a, align(energy, b, hypothesis), premise),
        ...compare(b, align(operations.transpose(energy, [0, 1, 3, 2]), a, premise), hypothesis),
      ],
      -1,
    )
    const weight = parameters('aggregate.0.weight')
    const first = operations.add(
      linear(
        operations,
        drop(operations, aggregated, mask('aggregate')),
        operations.slice(weight, 1, 0, 4 * width),
        parameters('aggregate.0.bias'),
      ),
      // The scalars are the same for all members and need no stretching this way.
      operations.matMul(
        lateInteraction(operations, premise, hypothesis, dimension),
        operations.slice(weight, 1, 4 * width, 4 * width + scalars),
      ),
    )
    const hidden = relu('aggregate.1', drop(operations, operations.relu(first), mask('hidden')))
    return { hidden, predicted: toScores(operations, layer('score', hidden), columns) }
  },
}

/** 0 for tokens, far below 0 for padding. */
function absent<T>(operations: Operations<T>, tokens: T): T {
  return operations.mul(operations.sub(operations.scalar(1), tokens), operations.scalar(never))
}

/** The late-interaction scalars [rows × 4], each −1 to 1. */
function lateInteraction<T>(
  operations: Operations<T>,
  premise: TokenInputs<T>,
  hypothesis: TokenInputs<T>,
  dimension: number,
): T {
  const unit = (vectors: T): T => {
    const square = operations.sum(operations.mul(vectors, vectors), [-1], true)
    return operations.div(vectors, operations.sqrt(operations.add(square, operations.scalar(1e-12))))
  }
  const texts = ({ vectors, mask }: TokenInputs<T>): T =>
    operations.reshape(unit(vectors), [{ of: mask, axis: 0 }, { of: mask, axis: 1 }, dimension])
  const centre = ({ vectors, mask }: TokenInputs<T>): T => {
    const rows = operations.reshape(vectors, [{ of: mask, axis: 0 }, { of: mask, axis: 1 }, dimension])
    return unit(operations.sum(operations.mul(rows, column(operations, mask)), [1]))
  }
  const similarity = operations.matMul(texts(premise), operations.transpose(texts(hypothesis), [0, 2, 1]))
  const row = (mask: T): T => operations.reshape(mask, [{ of: mask, axis: 0 }, 1, { of: mask, axis: 1 }])
  const bestOfPremise = operations.max(
    operations.add(similarity, row(absent(operations, hypothesis.mask))),
    2,
  )
  const bestOfHypothesis = operations.max(
    operations.add(similarity, column(operations, absent(operations, premise.mask))),
    1,
  )
  const mean = (best: T, mask: T): T =>
    operations.div(operations.sum(operations.mul(best, mask), [1], true), operations.sum(mask, [1], true))
  const hidden = absent(operations, hypothesis.mask)
  const minus = operations.scalar(-1)
  const lowest = operations.mul(
    operations.max(operations.add(operations.mul(bestOfHypothesis, minus), hidden), 1, true),
    minus,
  )
  const cosine = operations.sum(operations.mul(centre(premise), centre(hypothesis)), [-1], true)
  return operations.concat(
    [mean(bestOfPremise, premise.mask), mean(bestOfHypothesis, hypothesis.mask), lowest, cosine],
    -1,
  )
}

/** [rows × length] → [rows × length × 1]. */
function column<T>(operations: Operations<T>, mask: T): T {
  return operations.reshape(mask, [{ of: mask, axis: 0 }, { of: mask, axis: 1 }, 1])
}
