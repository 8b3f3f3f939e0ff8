import type * as Tensorflow from '@tensorflow/tfjs'
import type { Operations } from '../graph/operations.ts'

type Tensor = Tensorflow.Tensor

/** The operators of heads and losses in TensorFlow.js; gradients are its own. */
export function tensorflowOperations(tf: typeof Tensorflow): Operations<Tensor> {
  return {
    scalar: (value) => tf.scalar(value),
    matMul(left, right) {
      // Its gradient does not sum over broadcast axes, so they are stretched beforehand.
      const batch = left.shape.length > right.shape.length ? left.shape : right.shape
      const stretch = (value: Tensor): Tensor =>
        value.shape.length === batch.length
          ? value
          : tf.broadcastTo(value, [...batch.slice(0, -2), ...value.shape.slice(-2)])
      return tf.matMul(stretch(left), stretch(right))
    },
    add: (left, right) => tf.add(left, right),
    sub: (left, right) => tf.sub(left, right),
    mul: (left, right) => tf.mul(left, right),
    div: (left, right) => tf.div(left, right),
    sqrt: (value) => tf.sqrt(value),
    // Its own abs has the gradient −1 at 0, where that of the ONNX graph is 0.
    abs: (value) => tf.mul(value, tf.sign(value)),
    erf: (value) => tf.erf(value),
    tanh: (value) => tf.tanh(value),
    sigmoid: (value) => tf.sigmoid(value),
    relu: (value) => tf.relu(value),
    exp: (value) => tf.exp(value),
    log: (value) => tf.log(value),
    softmax: (value, axis) => tf.softmax(value, axis),
    sum: (value, axes, keep = false) => tf.sum(value, [...axes], keep),
    mean: (value, axes, keep = false) => tf.mean(value, [...axes], keep),
    max: (value, axis, keep = false) => tf.max(value, axis, keep),
    concat: (values, axis) => tf.concat([...values], axis),
    slice(value, axis, start, end) {
      const front = axis < 0 ? axis + value.shape.length : axis
      return tf.slice(
        value,
        value.shape.map((_, index) => (index === front ? start : 0)),
        value.shape.map((length, index) => (index === front ? end - start : length)),
      )
    },
    gather: (value, indices, axis) => tf.gather(value, tf.cast(indices, 'int32'), axis),
    greater(left, right) {
      // It has no gradient of its own, and without one no condition could depend on what is trained.
      const condition = tf.customGrad((...inputs) => {
        const [a, b] = [inputs[0] as Tensor, inputs[1] as Tensor]
        return { value: tf.greater(a, b), gradFunc: () => [tf.zerosLike(a), tf.zerosLike(b)] }
      })
      return condition(left, right)
    },
    where: (condition, yes, no) => tf.where(condition, yes, no),
    transpose: (value, permutation) => tf.transpose(value, [...permutation]),
    reshape: (value, shape) =>
      tf.reshape(
        value,
        shape.map((length) => (typeof length === 'number' ? length : lengthOf(length.of, length.axis))),
      ),
  }
}

/** @throws RangeError where the tensor has no such axis. */
function lengthOf(tensor: Tensor, axis: number): number {
  const length = tensor.shape.at(axis)
  if (length === undefined) throw new RangeError(`The shape [${tensor.shape.join(', ')}] has no axis ${axis}`)
  return length
}
