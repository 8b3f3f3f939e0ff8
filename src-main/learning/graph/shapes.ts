import type { Dimension } from '../../onnx/model.ts'

export type Shape = readonly Dimension[]

/** The shape of a broadcast pair. @throws RangeError where the shapes do not fit. */
export function broadcastShapes(left: Shape, right: Shape): Shape {
  const rank = Math.max(left.length, right.length)
  return Array.from({ length: rank }, (_, index) => {
    const a = left[index - rank + left.length] ?? 1
    const b = right[index - rank + right.length] ?? 1
    if (a === b || b === 1) return a
    if (a === 1) return b
    throw new RangeError(`The shapes [${left.join(', ')}] and [${right.join(', ')}] do not broadcast`)
  })
}

/** Where a tensor of shape `from` was broadcast to `to`: leading axes that were added, own axes that were stretched. */
export function stretchedAxes(from: Shape, to: Shape): { added: number[]; stretched: number[] } {
  const added = Array.from({ length: to.length - from.length }, (_, index) => index)
  const stretched = from.flatMap((dimension, index) =>
    dimension === 1 && to[index + added.length] !== 1 ? [index] : [],
  )
  return { added, stretched }
}

/** An axis counted from the front. @throws RangeError where the shape has no such axis. */
export function frontAxis(axis: number, shape: Shape): number {
  const front = axis < 0 ? axis + shape.length : axis
  if (front < 0 || front >= shape.length)
    throw new RangeError(`The shape [${shape.join(', ')}] has no axis ${axis}`)
  return front
}

/** The length of an axis. @throws RangeError where it is known only at run time. */
export function knownLength(shape: Shape, axis: number): number {
  const length = shape[frontAxis(axis, shape)]
  if (typeof length !== 'number')
    throw new RangeError(`The length of axis ${axis} of [${shape.join(', ')}] is not known`)
  return length
}

/** The shape after a reduction over `axes`. */
export function reducedShape(shape: Shape, axes: readonly number[], keep: boolean): Shape {
  const reduced = new Set(axes.map((axis) => frontAxis(axis, shape)))
  return shape.flatMap((dimension, axis) => (reduced.has(axis) ? (keep ? [1] : []) : [dimension]))
}

/** The shape of a matrix product; leading axes broadcast. @throws RangeError where the inner lengths differ. */
export function productShape(left: Shape, right: Shape): Shape {
  const [rows, inner] = left.slice(-2)
  const [innerRight, columns] = right.slice(-2)
  if (rows === undefined || columns === undefined || inner !== innerRight)
    throw new RangeError(`[${left.join(', ')}] × [${right.join(', ')}] is no matrix product`)
  return [...broadcastShapes(left.slice(0, -2), right.slice(0, -2)), rows, columns]
}

/**
 * Resolves one −1 of a wanted shape against the shape that is there: a number where all else is known, the one unknown
 * length where only that is left, else `remaining`.
 */
export function resolveShape(wanted: Shape, from: Shape): Shape {
  if (!wanted.includes(-1)) return wanted
  const product = (shape: Shape): number =>
    shape.reduce<number>(
      (all, length) => (typeof length === 'number' && length !== -1 ? all * length : all),
      1,
    )
  const left = product(from) / product(wanted)
  const unknown = from.filter((length) => typeof length === 'string')
  for (const length of wanted)
    if (typeof length === 'string' && unknown.includes(length)) unknown.splice(unknown.indexOf(length), 1)
  const [name] = unknown
  const remaining: Dimension =
    name === undefined ? left : left === 1 && unknown.length === 1 ? name : 'remaining'
  return wanted.map((length) => (length === -1 ? remaining : length))
}
