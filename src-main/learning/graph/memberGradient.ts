import type { Operations } from './operations.ts'

/** The gradient of a parameter [members × rows × columns], made only once it is known by how much it is clipped. */
export interface MemberGradient<T> {
  /** Sum of its squares for each member [members × 1 × 1]. */
  squares(): T
  /** The gradient times a factor for each member [members × 1 × 1]. */
  scaled(factor: T): T
}

/** A gradient that is there already. */
export function wholeGradient<T>(operations: Operations<T>, gradient: T): MemberGradient<T> {
  return {
    squares: () => operations.sum(operations.mul(gradient, gradient), [1, 2], true),
    scaled: (factor) => operations.mul(gradient, factor),
  }
}
