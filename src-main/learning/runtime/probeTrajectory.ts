/**
 * The losses of ten steps of `fixedProblem`, step by step for its three members. ONNX Runtime on the CPU and
 * TensorFlow.js agree on them; they change only where the regression head, mse, AdamW or what is drawn by chance do.
 */
export const expectedLosses: readonly number[] = [
  0.0937677, 0.0985719, 0.0889237, 0.0306902, 0.0440045, 0.0548297, 0.0684441, 0.0500855, 0.0475218,
  0.0483569, 0.0665376, 0.0502582, 0.0914529, 0.0592701, 0.141433, 0.0580538, 0.0516039, 0.0403641, 0.0668619,
  0.0811062, 0.0500976, 0.0942862, 0.0602662, 0.0494588, 0.046805, 0.0573783, 0.0493544, 0.0288527, 0.0270205,
  0.0248582,
]
