/** A length of a wanted shape: a number, −1 for what remains (once), or the length of an axis of another tensor. */
export type Length<T> = number | { readonly of: T; readonly axis: number }

/**
 * The dozen operators that heads, losses and the optimiser are written in. `T` is whatever the back end calls a
 * tensor: a named value of an ONNX graph, or a TensorFlow.js tensor. Binary operators broadcast as NumPy does.
 */
export interface Operations<T> {
  /** A constant without dimensions. */
  scalar(value: number): T
  /** Matrix product over the last two axes; leading axes broadcast. */
  matMul(left: T, right: T): T
  add(left: T, right: T): T
  sub(left: T, right: T): T
  mul(left: T, right: T): T
  div(left: T, right: T): T
  sqrt(value: T): T
  abs(value: T): T
  /** Gauss error function. */
  erf(value: T): T
  tanh(value: T): T
  sigmoid(value: T): T
  /** max(value, 0). */
  relu(value: T): T
  exp(value: T): T
  log(value: T): T
  softmax(value: T, axis: number): T
  /** Sum over `axes`; these stay with length 1 where `keep` is set. */
  sum(value: T, axes: readonly number[], keep?: boolean): T
  /** Mean over `axes`, whose lengths must be known; these stay with length 1 where `keep` is set. */
  mean(value: T, axes: readonly number[], keep?: boolean): T
  /** Largest entry along one axis, which stays with length 1 where `keep` is set; equal ones all take the gradient. */
  max(value: T, axis: number, keep?: boolean): T
  concat(values: readonly T[], axis: number): T
  /** The part from `start` (included) to `end` (excluded) of one axis. */
  slice(value: T, axis: number, start: number, end: number): T
  /** Picks entries of `axis` by a one-dimensional tensor of integers. */
  gather(value: T, indices: T, axis: number): T
  /** A condition that is true where left > right; it has no gradient. */
  greater(left: T, right: T): T
  /** `yes` where the condition holds, else `no`. */
  where(condition: T, yes: T, no: T): T
  transpose(value: T, permutation: readonly number[]): T
  reshape(value: T, shape: readonly Length<T>[]): T
}
