import * as tf from "@tensorflow/tfjs";
import type { Gather } from "../contracts/training_part.ts";
import type { MicroBatch } from "./micro_batch.ts";

/** Values by part and name, `method/prototypes`. */
export type Gathered = Readonly<Record<string, tf.Tensor>>;

/**
 * Takes what a part hands on from a micro-batch.
 *
 * @param into gets it; the tensors outlive the gradients' tape and are the caller's
 * @param part such as `method`
 * @param micro whose samples the rows are
 * @returns what the part is given
 */
export function gatherInto(
  into: Record<string, tf.Tensor>,
  part: string,
  { from, to, batch }: MicroBatch,
): Gather {
  const add = (name: string, value: tf.Tensor) => {
    const key = `${part}/${name}`;
    if (Object.hasOwn(into, key)) {
      throw new Error(`Cannot gather "${name}" twice in one micro-batch of ${part}`);
    }
    into[key] = tf.keep(tf.cast(tf.clone(value), "float32"));
  };
  return {
    sum: add,
    rows(name, value) {
      const [rows, ...rest] = value.shape;
      if (rows !== to - from) {
        throw new Error(
          `Cannot gather rows "${name}" of ${part}: its shape is [${value.shape}], the micro-batch has ${
            to - from
          } samples`,
        );
      }
      // A sum with zeros is exact.
      const around = [[from, batch.names.length - to], ...rest.map(() => [0, 0])];
      add(name, tf.tidy(() => tf.pad(value, around as [number, number][])));
    },
  };
}

/**
 * Adds up what two micro-batches handed on.
 *
 * @param a disposed
 * @param b disposed
 * @returns by name; a value that one of them lacks counts as 0
 */
export function addGathered(a: Gathered, b: Gathered): Gathered {
  const sum: Record<string, tf.Tensor> = { ...a };
  for (const [name, value] of Object.entries(b)) {
    const other = a[name];
    if (other === undefined) {
      sum[name] = value;
      continue;
    }
    if (other.shape.join() !== value.shape.join()) {
      throw new Error(
        `Cannot add up ${name} over micro-batches: its shapes are [${other.shape}] and [${value.shape}]`,
      );
    }
    sum[name] = tf.add(other, value);
    tf.dispose([other, value]);
  }
  return sum;
}

/** What a part gathered, by the names that it gave. */
export function gatheredBy(part: string, gathered: Gathered): Gathered {
  const prefix = `${part}/`;
  return Object.fromEntries(
    Object.entries(gathered).filter(([key]) => key.startsWith(prefix))
      .map(([key, value]) => [key.slice(prefix.length), value]),
  );
}
