import * as tf from "@tensorflow/tfjs";
import type { BenchCase, Implementation } from "seamstress/ops";
import type { Implementations } from "../implementations/open.ts";
import type { Work } from "../measure/sample.ts";
import { CaseTensors } from "./tensors.ts";

/** Cases, of which only one at a time keeps its inputs in memory: on a GPU they are large. */
export class Cases {
  #open:
    | { readonly of: BenchCase; readonly tensors: CaseTensors; readonly inputs: unknown }
    | undefined;

  /** @param machine where they run */
  constructor(readonly machine: Implementations) {}

  /**
   * Returns the computations of a case, by implementation. Preparing one creates the case's inputs, unless they exist already.
   *
   * @param one case
   * @returns works under the implementations' names
   */
  works(one: BenchCase): Readonly<Partial<Record<Implementation, Work>>> {
    const { info, use } = this.machine;
    const names = Object.keys(one.implementations) as Implementation[];
    return Object.fromEntries(names.map((name): [string, Work] => [name, {
      prepare: async () => {
        await this.#inputsOf(one);
        use(name);
      },
      run: () => {
        tf.tidy(() => void one.implementations[name]!(this.#open!.inputs));
      },
      settle: () => info.check(),
    }]));
  }

  /** Makes a case's inputs, and disposes those of the case before. */
  async #inputsOf(one: BenchCase): Promise<void> {
    if (this.#open?.of === one) return;
    this.close();
    this.machine.use("ours");
    const tensors = new CaseTensors();
    this.#open = { of: one, tensors, inputs: await one.inputs(tensors) };
  }

  /** Disposes the inputs. */
  close(): void {
    this.#open?.tensors[Symbol.dispose]();
    this.#open = undefined;
  }
}
