/** Mean squared error of scores [rows]; NaN where there are no rows. */
export function squaredError(score: ArrayLike<number>, target: ArrayLike<number>): number {
  let sum = 0
  for (let row = 0; row < target.length; row++) sum += ((score[row] ?? 0) - (target[row] ?? 0)) ** 2
  return sum / target.length
}
