import * as tf from "@tensorflow/tfjs";

let quiet = false;

/**
 * Keeps tfjs's cpu backend from printing "Hi, looks like you are running TensorFlow.js in Node.js", which advises a package that
 * Deno cannot load. It prints at the backend's first write, whoever makes it (wasm and webgpu hand small ops over), unless the flag
 * IS_NODE is off: this makes the first write with the flag off, and puts it back.
 */
export function quietNodeBanner(): void {
  if (quiet) return;
  quiet = true;
  const inNode = tf.env().getBool("IS_NODE");
  const cpu = tf.findBackend("cpu");
  tf.env().set("IS_NODE", false);
  cpu.disposeData(cpu.write(new Float32Array(1), [1], "float32"));
  tf.env().set("IS_NODE", inNode);
}
