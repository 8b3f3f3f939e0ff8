import type { MemberGradient } from '../graph/memberGradient.ts'
import type { Operations } from '../graph/operations.ts'

const meanDecay = 0.9
const squareDecay = 0.999
const smallest = 1e-8

/** The gradient norm to which each member is clipped. */
export const gradientLimit = 1

/** What changes from step to step; see `adamRates`. */
export interface AdamRates<T> {
  readonly stepSize: T
  readonly smallest: T
  readonly keep: T
}

/** A parameter with its moments: mean is m / (1 − β₁), square is v / (1 − β₂), which saves two passes a step. */
export interface AdamState<T> {
  readonly value: T
  readonly mean: T
  readonly square: T
}

/**
 * One step of AdamW (Loshchilov & Hutter 2019: decay apart from the gradient; β₁ .9, β₂ .999, ε 10⁻⁸).
 * @param decays whether weight decay applies to this parameter.
 */
export function adamW<T>(
  operations: Operations<T>,
  state: AdamState<T>,
  gradient: T,
  rates: AdamRates<T>,
  decays: boolean,
): AdamState<T> {
  const mean = operations.add(operations.mul(state.mean, operations.scalar(meanDecay)), gradient)
  const square = operations.add(
    operations.mul(state.square, operations.scalar(squareDecay)),
    operations.mul(gradient, gradient),
  )
  const direction = operations.div(mean, operations.add(operations.sqrt(square), rates.smallest))
  const kept = decays ? operations.mul(state.value, rates.keep) : state.value
  return { value: operations.sub(kept, operations.mul(direction, rates.stepSize)), mean, square }
}

/**
 * The rates of step `step` (from 1) for a learning rate: with a = (1 − β₁)/(1 − β₁ᵗ) and b = (1 − β₂)/(1 − β₂ᵗ),
 * lr · m̂ / (√v̂ + ε) = (lr · a/√b) · mean / (√square + ε/√b).
 */
export function adamRates(step: number, learningRate: number, weightDecay: number): AdamRates<number> {
  const mean = (1 - meanDecay) / (1 - meanDecay ** step)
  const root = Math.sqrt((1 - squareDecay) / (1 - squareDecay ** step))
  return {
    stepSize: (learningRate * mean) / root,
    smallest: smallest / root,
    keep: 1 - learningRate * weightDecay,
  }
}

/**
 * Shrinks the gradients of each member so that their common norm is at most `limit`.
 */
export function clipByNorm<T>(
  operations: Operations<T>,
  gradients: readonly MemberGradient<T>[],
  limit: number,
): T[] {
  const [first, ...rest] = gradients.map((gradient) => gradient.squares())
  if (first === undefined) return []
  const norm = operations.sqrt(rest.reduce((total, square) => operations.add(total, square), first))
  const bound = operations.scalar(limit)
  const factor = operations.where(
    operations.greater(norm, bound),
    operations.div(bound, norm),
    operations.scalar(1),
  )
  return gradients.map((gradient) => gradient.scaled(factor))
}
