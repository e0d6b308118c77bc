import { type LoadedRecipe, loadWritten, type Plugin } from "seamstress";
import { plugins as shipped } from "seamstress/plugins";

/** A training on the embedded world, in the words of a recipe; what is left out stands below. */
export interface MiniRecipe {
  /**
   * Plugins beside those that ship, or URLs and paths of modules that export some. Data sets and transforms are made in other threads
   * too, and must be in modules.
   */
  readonly plugins?: readonly (Plugin | string)[];
  /**
   * Keys of stage `train`, such as `head`, `method`, `losses`, `batch`. In place of what is left out: 16 images, backbone `tiny`, head
   * `cam` without dropout, method `classification-cam`, loss `classification`, `adam`, 2 epochs in batches of 4, flips.
   */
  readonly train?: Readonly<Record<string, unknown>>;
  /** Stages behind it, as a recipe writes them; what each check says where left out. */
  readonly stages?: readonly Readonly<Record<string, unknown>>[];
  /** Keys of the recipe itself, such as `seed` or `dataset`; the backend is `wasm`, the data set `mini` of 32 x 32 pixels unless given. */
  readonly recipe?: Readonly<Record<string, unknown>>;
}

/** Id of the training's stage. */
export const TRAIN = "train";

const STAGE = {
  id: TRAIN,
  run: "train",
  split: "train[0:16]",
  backbone: "tiny",
  head: { use: "cam", dropout: 0 },
  method: "classification-cam",
  losses: ["classification"],
  optimizer: { use: "adam", lr: 0.004 },
  batch: { size: 4 },
  epochs: 2,
  workers: 0,
  transforms: ["flip", "normalize"],
};

/** Checks such a recipe as one that is read from a file. */
export async function loadMini({
  plugins = [],
  train = {},
  stages = [],
  recipe = {},
}: MiniRecipe): Promise<LoadedRecipe> {
  const modules = plugins.filter((plugin) => typeof plugin === "string");
  const values = plugins.filter((plugin) => typeof plugin !== "string");
  const written = {
    name: "mini-run",
    backend: "wasm",
    group: "single",
    dataset: { use: "mini", size: 32 },
    observers: [],
    ...recipe,
    plugins: modules,
    stages: [{ ...STAGE, ...train, id: TRAIN, run: "train" }, ...stages],
  };
  return await loadWritten(written, "of a mini run", {
    plugins: [...new Set<Plugin>([...shipped, ...values])],
    environment: () => undefined,
    cwd: Deno.cwd(),
    base: Deno.cwd(),
  });
}
