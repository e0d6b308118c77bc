import * as tf from "@tensorflow/tfjs";

/** tfjs's operations on two tensors, which broadcast. */
export const BINARY_KERNELS: readonly string[] = [
  tf.Add,
  tf.Sub,
  tf.Multiply,
  tf.RealDiv,
  tf.FloorDiv,
  tf.Mod,
  tf.Pow,
  tf.Atan2,
  tf.SquaredDifference,
  tf.Maximum,
  tf.Minimum,
  tf.Equal,
  tf.NotEqual,
  tf.Greater,
  tf.GreaterEqual,
  tf.Less,
  tf.LessEqual,
  tf.LogicalAnd,
  tf.LogicalOr,
];
