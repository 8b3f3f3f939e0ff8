import type { Interval } from '../../src-shared/domain/interval.ts'
import type { Evaluation } from '../../src-shared/domain/run.ts'
import { evaluate } from '../../src-main/learning/scoring/evaluate.ts'
import { readStsb } from '../support/dataSets.ts'
import { figure, printTable } from '../support/tables.ts'
import { skipped, target } from '../support/targets.ts'
import { sample } from './quick.ts'
import { carve, trainHere } from './trainHere.ts'
import { label, threads } from './vectors.ts'

const wanted = { dev: 0.885, test: 0.845 }
/** What a user without a rater model is given. */
const tolerance = 0.15

/** r of everything that scores, by name, the model in use first. */
function correlations({ used, models, baselines }: Evaluation): Map<string, Interval | null> {
  const own = { 'in use': used, ...models, ...baselines }
  return new Map(Object.entries(own).map(([name, judged]) => [name, judged.pearson]))
}

/** STS Benchmark: trained on train, judged on dev and test. */
export async function stsb(): Promise<void> {
  const [train, dev, test] = [readStsb('train'), readStsb('dev'), readStsb('test')]
  if (train === null || dev === null || test === null) {
    for (const part of ['dev', 'test']) skipped(`stsb-${part}-pearson`, '../shared/data/stsb is not there')
    return
  }
  const parts = carve(sample(train), [...dev, ...test])
  const { weights, report, seconds } = await trainHere('STS-B', {
    ...parts,
    holdout: await label(dev),
    tolerance,
  })
  if (report.holdout === null) throw new Error('The training judged no holdout.')
  const judged = { dev: report.holdout, test: await evaluate(weights, await label(test), threads) }
  const [onDev, onTest] = [correlations(judged.dev), correlations(judged.test)]
  printTable(
    `STS-B: ${parts.train.length} pairs to learn from, ${parts.validation.length} for validation, ` +
      `${parts.leftOut} left out, as their premise is in dev or test; ${seconds.toFixed(0)} s`,
    [
      ['model', 'dev r (95% interval)', 'test r (95% interval)'],
      ...[...onDev].map(([name, own]) => [
        name === 'in use' ? `in use: ${report.used}` : name,
        figure(own),
        figure(onTest.get(name) ?? null),
      ]),
      ['known: cosine, untrained', '.8696', '.8274'],
      ['known: ridge, λ = 30, all of train', '.8811', '.8410'],
    ],
  )
  const shares = Object.entries(report.blend).map(([name, share]) => `${name} ${share.toFixed(3)}`)
  console.log(`blend: ${shares.join(', ')}; ridge λ = ${report.ridgeLambda}`)
  const epochs = report.curves.map((curve) => `${curve.head} ${curve.bestEpoch} of ${curve.epochs.length}`)
  console.log(`best epochs: ${epochs.join(', ')}`)
  console.log(`90% intervals hold ${figure(judged.dev.conformal?.coverage ?? null, 3)} of dev`)
  for (const part of ['dev', 'test'] as const)
    target(`stsb-${part}-pearson`, judged[part].used.pearson?.value ?? NaN, '>=', wanted[part], 4)
}
