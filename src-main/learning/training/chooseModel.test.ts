import { describe, expect, test } from 'vitest'
import { pearson } from '../metrics/correlation.ts'
import { createRandom } from '../random.ts'
import { syntheticRows } from '../testRows.ts'
import type { LabelledPairs } from '../trainContract.ts'
import { chooseModel } from './chooseModel.ts'
import type { UnseenScores } from './folds.ts'

const random = createRandom(8, 'models')
const clip = (value: number): number => Math.min(1, Math.max(0, value))

function split(rows: number, groups: number): LabelledPairs {
  return {
    ...syntheticRows(rows, 2, rows),
    target: Float32Array.from({ length: rows }, () => random.uniform()),
    group: Int32Array.from({ length: rows }, (_, row) => row % groups),
  }
}

/** Scores that miss their targets by up to `noise`. */
function scores(train: LabelledPairs, validation: LabelledPairs, noise: number): UnseenScores {
  const of = ({ target }: LabelledPairs): Float32Array =>
    target.map((value) => clip(value + noise * (2 * random.uniform() - 1)))
  return { train: of(train), validation: of(validation) }
}

describe('chooseModel', () => {
  const [train, validation] = [split(150, 50), split(50, 25)]
  const [weak, strong, half] = [0.6, 0.1, 0.3].map((noise) => scores(train, validation, noise))

  test('the blend of a much better head is used, on rows that were not learnt from', () => {
    const choice = chooseModel({ ridge: weak!, interaction: strong! }, train, validation)
    expect(choice.used).toBe('blend')
    expect(choice.blend.interaction).toBeGreaterThan(0.9)
    expect(choice.pooledBlend).toEqual({ ridge: 1, cosine: 0, regression: 0, interaction: 0 })
    const sum = Object.values(choice.blend).reduce((all, weight) => all + weight, 0)
    expect(sum).toBeCloseTo(1, 9)
    const expected = (side: 'train' | 'validation'): number[] =>
      Array.from(
        weak![side],
        (value, row) => choice.blend.ridge * value + choice.blend.interaction * strong![side][row]!,
      )
    for (const [side, pairs] of [
      ['train', train],
      ['validation', validation],
    ] as const) {
      expect([...choice.scores[side]]).toEqual(
        expected(side).map((value) => expect.closeTo(value, 6) as number),
      )
      const figures = side === 'train' ? choice.outOfFoldPearson : choice.validationPearson
      expect(figures).toEqual({
        blend: expect.closeTo(pearson(expected(side), pairs.target)!, 5) as number,
        ridge: pearson(weak![side], pairs.target),
        interaction: pearson(strong![side], pairs.target),
      })
    }
  })

  test('what needs no token vectors is blended on its own', () => {
    const { blend, pooledBlend, pooledScores } = chooseModel(
      { ridge: weak!, regression: half!, interaction: strong! },
      train,
      validation,
    )
    expect(blend.interaction).toBeGreaterThan(0.7)
    expect(pooledBlend.interaction).toBe(0)
    expect(pooledBlend.regression).toBeGreaterThan(0.6)
    const { ridge, regression } = pooledBlend
    expect(pooledScores.validation[7]).toBeCloseTo(
      ridge * weak!.validation[7]! + regression * half!.validation[7]!,
      6,
    )
  })

  test('a lead in few groups may be chance, so ridge is used', () => {
    const [few, other] = [
      { ...train, group: train.group.map((own) => own % 3) },
      { ...validation, group: validation.group.map((own) => own % 2) },
    ]
    expect(chooseModel({ ridge: weak!, interaction: strong! }, few, other).used).toBe('ridge')
    const six = { ...other, group: other.group.map((own, row) => (row % 7 === 0 ? 2 : own)) }
    expect(chooseModel({ ridge: weak!, interaction: strong! }, few, six).used).toBe('blend')
  })

  test('where all pairs share one premise, a lead is judged pair by pair', () => {
    const alike = (pairs: LabelledPairs, value: number): LabelledPairs => ({
      ...pairs,
      group: new Int32Array(pairs.group.length),
      premise: pairs.premise.map((_, index) => (index % 2 === 0 ? value : 0)),
    })
    const models = { ridge: weak!, interaction: strong! }
    const one = chooseModel(models, alike(train, 1), alike(validation, 1))
    expect([one.used, one.byRow]).toEqual(['blend', true])
    const none = chooseModel({ ridge: strong!, interaction: weak! }, alike(train, 1), alike(validation, 1))
    expect(none.used).toBe('ridge')
    // Two premises, one in each split, are two groups.
    const two = chooseModel(models, alike(train, 1), alike(validation, -1))
    expect([two.used, two.byRow]).toEqual(['ridge', false])
    const more = chooseModel(models, train, alike(validation, 1))
    expect([more.used, more.byRow]).toEqual(['blend', false])
  })

  test('no lead at all leaves ridge', () => {
    const choice = chooseModel({ ridge: strong!, interaction: weak! }, train, validation)
    expect([choice.used, choice.scores.train]).toEqual(['ridge', strong!.train])
  })

  test('under 30 labels no head is trusted: ridge or the cosine, whichever errs less', () => {
    const [small, other] = [split(20, 20), split(9, 9)]
    const at = (noise: number): UnseenScores => scores(small, other, noise)
    const [good, bad] = [at(0.1), at(0.7)]
    const ridge = chooseModel({ ridge: good, cosine: bad, interaction: at(0) }, small, other)
    expect([ridge.used, ridge.blend]).toEqual([
      'ridge',
      { ridge: 1, cosine: 0, regression: 0, interaction: 0 },
    ])
    const cosine = chooseModel({ ridge: bad, cosine: good, interaction: at(0) }, small, other)
    expect([cosine.used, cosine.blend]).toEqual([
      'blend',
      { ridge: 0, cosine: 1, regression: 0, interaction: 0 },
    ])
    expect(cosine.pooledBlend).toEqual(cosine.blend)
    expect(cosine.scores).toEqual(good)
  })

  test('where no correlation is defined the lower error decides', () => {
    const constant = (value: number): UnseenScores => ({
      train: new Float32Array(150).fill(value),
      validation: new Float32Array(50).fill(value),
    })
    const choice = chooseModel({ ridge: constant(0), cosine: constant(0.5) }, train, validation)
    expect([choice.used, choice.outOfFoldPearson.ridge, choice.validationPearson.blend]).toEqual([
      'blend',
      null,
      null,
    ])
  })
})
