import * as z from "zod";
import { type Dataset, definePlugin, hashJson } from "seamstress";
import { paintPicture } from "./mini/picture.ts";
import { CLASSES } from "./mini/scene.ts";
import { simulatedSaliency } from "./mini/simulated_saliency.ts";
import { parseSplit, type Range } from "./mini/split.ts";

/** Fingerprints by range and size: every stage asks, and each costs a picture. */
const fingerprints = new Map<string, Promise<string>>();

/** One split of the generated data set; each picture is painted when it is read. */
class MiniDataset implements Dataset {
  readonly classes = CLASSES;
  readonly length: number;
  readonly #first: number;
  readonly #side: number;
  /** Pixels that the simulated saliency map is grown by; undefined without one. */
  readonly #grow: number | undefined;
  readonly #labels = new Map<number, Float32Array>();

  constructor({ first, length }: Range, side: number, grow: number | undefined) {
    this.#first = first;
    this.length = length;
    this.#side = side;
    this.#grow = grow;
  }

  get maps(): readonly string[] {
    return this.#grow === undefined ? [] : ["saliency"];
  }

  #paint(index: number) {
    if (!(Number.isInteger(index) && index >= 0 && index < this.length)) {
      throw new RangeError(`Cannot read sample ${index}: there are ${this.length}`);
    }
    return paintPicture(this.#first + index, this.#side);
  }

  name(index: number): string {
    return `mini_${String(this.#first + index).padStart(4, "0")}`;
  }

  label(index: number): Float32Array {
    let label = this.#labels.get(index);
    if (!label) this.#labels.set(index, label = this.#paint(index).label);
    return label.slice();
  }

  read(index: number, want: { readonly mask: boolean; readonly maps?: boolean }) {
    const { image, mask, label } = this.#paint(index);
    const sample = {
      name: this.name(index),
      image,
      label,
      ...want.maps && this.#grow !== undefined &&
        { maps: { saliency: simulatedSaliency(mask, this.#grow) } },
    };
    return Promise.resolve(want.mask ? { ...sample, mask } : sample);
  }

  check() {
    return Promise.resolve();
  }

  fingerprint(): Promise<string> {
    const key = `${this.#first} ${this.length} ${this.#side} ${this.#grow}`;
    const found = fingerprints.get(key) ?? this.#fingerprint();
    fingerprints.set(key, found);
    return found;
  }

  async #fingerprint() {
    // All pictures come from the same generator, so hashing one detects a change of it.
    const { image, mask } = this.#paint(0);
    const maps = this.#grow === undefined ? [] : [simulatedSaliency(mask, this.#grow)];
    const pixels = [image, mask, ...maps].map(({ data }) => [...data]);
    return await hashJson([this.#first, this.length, this.#side, ...pixels]);
  }
}

/** Data set `mini`: 800 generated pictures of six animals, in three pairs; the two animals of a pair differ only in the head. */
export const mini = definePlugin({
  kind: "dataset",
  name: "mini",
  summary: "generated pictures, six classes: splits train (600), val (200), parts as train[0:200]",
  options: z.strictObject({
    size: z.int().min(16).max(512).default(64).describe("width and height, in pixels"),
    simulatedSaliency: z.strictObject({
      grow: z.int().min(0).max(64).default(2).describe("pixels that the foreground is grown by"),
    }).optional().describe(
      "an extra map saliency, 0 or 255, which is MADE OF THE GROUND TRUTH: it stands for a saliency detector, which this world has not; " +
        "what learns from it is no longer supervised by image labels alone",
    ),
  }),
  create: ({ size, simulatedSaliency }, { split }) =>
    new MiniDataset(parseSplit(split), size, simulatedSaliency?.grow),
});
