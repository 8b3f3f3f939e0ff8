import { judge } from '../../src-main/learning/metrics/judge.ts'
import { pearson } from '../../src-main/learning/metrics/correlation.ts'
import { figure, printTable } from '../support/tables.ts'
import { target } from '../support/targets.ts'
import { dataSet } from './dataSet.ts'
import { outOfFoldOf } from './outOfFold.ts'

const wanted = 0.43
const shown = ['interaction', 'score', 'blend', 'ridge', 'regression', 'cosine'] as const

/** Uncertain NLI, five folds by premise: what each model says of pairs that its training has not seen. */
export async function unli(): Promise<void> {
  const data = dataSet('UNLI', ['unli-interaction-pearson'])
  if (data === null) return
  const found = await outOfFoldOf('UNLI', data.pairs, data.tolerance)
  const column = (name: (typeof shown)[number]): Float32Array => found.scores.get(name) ?? new Float32Array()
  const folds = [...found.reports.keys()]
  const ofFold = (values: Float32Array, fold: number): Float32Array =>
    values.filter((_, row) => found.fold[row] === fold)
  printTable(`UNLI dev, ${data.pairs.length} pairs out of fold`, [
    ['model', 'r, pooled (95% interval)', ...folds.map((fold) => `fold ${fold + 1}`)],
    ...shown.map((name) => [
      name === 'score' ? 'in use' : name,
      figure(judge(column(name), found.target, found.group).pearson),
      ...folds.map((fold) =>
        (pearson(ofFold(column(name), fold), ofFold(found.target, fold)) ?? NaN).toFixed(4),
      ),
    ]),
    ['in use', '', ...found.reports.map(({ used }) => used)],
    ['blended: interaction', '', ...found.reports.map(({ blend }) => blend.interaction.toFixed(3))],
  ])
  const { pearson: reached } = judge(column('interaction'), found.target, found.group)
  target('unli-interaction-pearson', reached?.value ?? NaN, '>=', wanted, 4)
}
