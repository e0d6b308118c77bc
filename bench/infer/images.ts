import { encodeRgbPng, type Raster, Registry, Rng, type Use, userError } from "seamstress";
import { plugins } from "seamstress/plugins";

/** Width and height of images that are made, a photograph's. */
const WIDTH = 500, HEIGHT = 375;

const SEED = 1, WAVES = 24;

/** An image that both sides infer. */
export interface InferredImage {
  readonly name: string;
  readonly path: string;
  /** Indices of its foreground classes. */
  readonly classes: readonly number[];
}

/** Images, and the data set that has them. */
export interface InferredImages {
  readonly dataset: Use<"dataset">;
  readonly images: readonly InferredImage[];
  /** What they are, for the name of the row. */
  readonly what: string;
}

/** Places where a root may have its images, as data set `voc12` looks for them. */
async function devkitOf(root: string): Promise<string> {
  const places = [root, `${root}/VOC2012`, `${root}/VOCdevkit/VOC2012`];
  for (const place of places) {
    if (await Deno.stat(`${place}/JPEGImages`).then(() => true, () => false)) return place;
  }
  throw userError(
    new Deno.errors.NotFound(
      `Cannot infer photographs of --root ${root}: there is no folder JPEGImages in ${
        places.join(", ")
      }`,
    ),
  );
}

/**
 * The first photographs of a split, and their labels.
 *
 * @param dataset `voc12` with its root
 * @param root of the same
 * @param split whose images
 * @param count how many
 * @returns the images
 * @throws {RangeError} a user error, where the split has fewer
 */
export async function photographs(
  dataset: Use<"dataset">,
  root: string,
  split: string,
  count: number,
): Promise<InferredImages> {
  const devkit = await devkitOf(root);
  const registry = new Registry(plugins);
  const found = await registry.create("dataset", dataset, { split, base: Deno.cwd() });
  if (found.length < count) {
    throw userError(
      new RangeError(
        `Cannot infer --images ${count}: split ${split} of ${root} has ${found.length}`,
      ),
    );
  }
  const images = Array.from({ length: count }, (_, i) => ({
    name: found.name(i),
    path: `${devkit}/JPEGImages/${found.name(i)}.jpg`,
    classes: [...found.label(i).keys()].filter((c) => found.label(i)[c]! > 0),
  }));
  return { dataset, images, what: `${count} photographs` };
}

/** Smooth waves of every channel, with fine noise. */
function texture(index: number): Raster {
  const rng = Rng.of(SEED, "texture", index);
  const waves = Array.from({ length: WAVES }, () => ({
    x: rng.uniform(-0.1, 0.1),
    y: rng.uniform(-0.1, 0.1),
    phase: rng.uniform(0, 2 * Math.PI),
  }));
  const data = new Uint8Array(WIDTH * HEIGHT * 3);
  for (let i = 0; i < data.length; i++) {
    const x = Math.floor(i / 3) % WIDTH, y = Math.floor(i / 3 / WIDTH);
    let sum = 0;
    for (let w = i % 3; w < WAVES; w += 3) {
      const wave = waves[w]!;
      sum += Math.sin(wave.x * x + wave.y * y + wave.phase);
    }
    data[i] = Math.round(127.5 + 14 * sum + rng.uniform(-8, 8));
  }
  return { width: WIDTH, height: HEIGHT, channels: 3, data };
}

/**
 * Makes images of a photograph's size, for a machine that has none: random textures, two labels each.
 *
 * @param dataset whose classes they have
 * @param folder that they are written into, in the layout of a VOCdevkit
 * @param count how many
 * @returns the images
 */
export async function textures(
  dataset: Use<"dataset">,
  folder: string,
  count: number,
): Promise<InferredImages> {
  const known = dataset["classes"] as readonly string[];
  const labels: Record<string, readonly string[]> = {};
  await Deno.mkdir(`${folder}/JPEGImages`, { recursive: true });
  const images: InferredImage[] = [];
  for (let i = 0; i < count; i++) {
    const name = `texture_${String(i).padStart(4, "0")}`, path = `${folder}/JPEGImages/${name}.png`;
    const classes = [i % known.length, (i + 1) % known.length].sort();
    await Deno.writeFile(path, encodeRgbPng(texture(i)));
    labels[name] = classes.map((c) => known[c]!);
    images.push({ name, path, classes });
  }
  const table = `${folder}/labels.json`;
  await Deno.writeTextFile(table, JSON.stringify(labels));
  return {
    ...{ images, what: `${count} textures of ${WIDTH}x${HEIGHT}` },
    dataset: { use: "voc12", root: folder, labels: table, classes: known },
  };
}
