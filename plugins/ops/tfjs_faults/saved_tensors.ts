import * as tf from "@tensorflow/tfjs";

/** The part of tfjs's engine that makes tensors of the elements of others. */
interface Engine {
  readonly backend: tf.KernelBackend;
  readonly state: {
    readonly gradientDepth: number;
    readonly tensorInfo: {
      get(dataId: tf.DataId): { readonly backend: tf.KernelBackend } | undefined;
    };
  };
  clone(x: tf.Tensor): tf.Tensor;
  makeTensorFromDataId(dataId: tf.DataId, shape: number[], dtype: tf.DataType): tf.Tensor;
}

/**
 * tfjs saves a tensor for the backward pass by a call of kernel Identity, which it also writes on the tape, to search it in the backward
 * pass: a third of the calls of a training step, some ten microseconds each. To see it: profile a step. What is saved needs no place on
 * the tape, unless the gradient itself is differentiated; this makes another tensor of the same elements, as that kernel does.
 */
export function installSavedTensors(): void {
  // tfjs's types leave most of it out.
  const engine = tf.engine() as unknown as Engine;
  const clone = engine.clone.bind(engine);
  engine.clone = (x) => {
    const { backend, state } = engine, { dataId, shape, dtype } = x;
    const isPlain = dtype === "float32" || dtype === "int32" || dtype === "bool";
    if (
      state.gradientDepth !== 1 || !isPlain || state.tensorInfo.get(dataId)?.backend !== backend
    ) {
      return clone(x);
    }
    backend.incRef(dataId);
    return engine.makeTensorFromDataId(dataId, shape, dtype);
  };
}
