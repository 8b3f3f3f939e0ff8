import type { LossName } from '#shared/domain/losses.ts'
import type { BaselineName, BlendWeights, ModelName, SignalName } from '#shared/domain/run.ts'
import { coefficient } from '../../format/numbers.ts'

export const modelLabels: Readonly<Record<ModelName | BaselineName, string>> = {
  blend: 'blend',
  interaction: 'interaction',
  regression: 'regression',
  ridge: 'ridge',
  cosine: 'cosine',
  'hypothesis-only': 'hypothesis only',
  mean: 'mean',
}

/** What a head is called in the window: its name, but for one that people know by another. */
export function headLabel(name: string): string {
  return name === 'nli' ? 'Classes (NLI)' : `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`
}

export const signalLabels: Readonly<Record<SignalName, string>> = {
  abstention: 'abstention head',
  variance: 'ensemble variance',
  spread: 'predicted spread',
  threshold: 'nearness to the threshold',
}

/** Losses with what they do, in one line each. */
export const lossWords: Readonly<Record<LossName, { readonly label: string; readonly hint: string }>> = {
  mse: { label: 'mse', hint: 'Squared error; as shipped' },
  mae: { label: 'mae', hint: 'Absolute error: odd ratings pull less' },
  huber: { label: 'huber', hint: 'Squared for small errors, absolute for large ones' },
  'binary-cross-entropy': { label: 'binary cross-entropy', hint: 'Scores read as the chance of a yes' },
  ranking: { label: 'ranking', hint: 'Which of two pairs scores higher, pair by pair' },
  cosent: { label: 'CoSENT', hint: 'The order of all pairs of a batch at once' },
  gaussian: { label: 'gaussian', hint: 'The score and how far raters spread around it' },
}

/** What a blend is made of, the most first: "ridge .66, interaction .34"; one part alone goes without its weight. */
export function blendText(blend: BlendWeights): string {
  const parts = (['ridge', 'cosine', 'regression', 'interaction'] as const)
    .map((name) => ({ name, weight: blend[name] }))
    .filter(({ weight }) => weight >= 0.005)
    .sort((one, other) => other.weight - one.weight)
  const [first] = parts
  if (parts.length === 1 && first !== undefined) return `${modelLabels[first.name]} alone`
  return parts.map(({ name, weight }) => `${modelLabels[name]} ${coefficient(weight)}`).join(', ')
}
