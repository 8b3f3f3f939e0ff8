import type { SignalName } from '#shared/domain/run.ts'
import { thresholdForCoverage } from '../metrics/abstention.ts'
import { riskCoverage } from '../metrics/riskCoverage.ts'

/** Signals are told apart only where so many rows are wrong, and right. */
const fewestEach = 10

/** The signal that tells best which scores are wrong, and above which value to abstain. */
export interface ChosenSignal {
  readonly name: SignalName
  readonly abstainAbove: number
  /** Of every signal there is. */
  readonly aurc: Partial<Record<SignalName, number>>
}

/** How unsure each signal is of rows that no head was trained on [rows]. */
export type Signals = Readonly<Partial<Record<SignalName, Float32Array>>>

/** Whether each score is further from its target than `tolerance` [rows]. */
export function wrongScores(
  score: ArrayLike<number>,
  target: ArrayLike<number>,
  tolerance: number,
): boolean[] {
  return Array.from({ length: target.length }, (_, row) => {
    return Math.abs((score[row] ?? 0) - (target[row] ?? 0)) > tolerance
  })
}

/** Whether there are wrong and right scores enough to tell them apart. */
export function canBeTold(wrong: readonly boolean[]): boolean {
  const count = wrong.filter(Boolean).length
  return count >= fewestEach && wrong.length - count >= fewestEach
}

/** The beginning of a sentence that says why `canBeTold` is false. @param scores which, for example "validation scores". */
export function tooFewToTell(scores: string, tolerance: number): string {
  const off = tolerance.toFixed(2).replace(/^0/, '')
  return `Fewer than ${fewestEach} ${scores} are wrong (off by more than ${off}), or fewer than ${fewestEach} are right`
}

/**
 * The signal of lowest AURC (Geifman et al. 2019) on rows that no head was trained on. Abstained from is as large a share
 * of the rows as has wrong scores.
 * @param wrong, group [rows].
 * @returns null where wrong and right scores are too few to tell.
 */
export function chooseSignal(
  signals: Signals,
  wrong: readonly boolean[],
  group: ArrayLike<number>,
): ChosenSignal | null {
  if (!canBeTold(wrong)) return null
  const losses = wrong.map(Number)
  const aurc: Partial<Record<SignalName, number>> = {}
  let best: SignalName | null = null
  for (const [key, values] of Object.entries(signals)) {
    const name = key as SignalName
    const area = riskCoverage(values, losses, group).aurc?.value
    if (area === undefined) continue
    aurc[name] = area
    if (best === null || area < (aurc[best] ?? Infinity)) best = name
  }
  if (best === null) return null
  const right = losses.filter((loss) => loss === 0).length / losses.length
  const threshold = thresholdForCoverage(signals[best] ?? [], right)
  return threshold === null ? null : { name: best, abstainAbove: threshold.threshold, aurc }
}
