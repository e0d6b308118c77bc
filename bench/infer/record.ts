import { parseArgs } from "@std/cli";
import { type BackendInfo, Registry } from "seamstress";
import { ops, plugins } from "seamstress/plugins";
import { refuseUnknown, wholeNumber } from "../measure/arguments.ts";
import { compare, type Times } from "../measure/compare.ts";
import { digits } from "../measure/digits.ts";
import type { Load } from "../measure/load.ts";
import { print } from "../measure/print.ts";
import type { Interpreter } from "../measure/python.ts";
import { madeWith, writeRows } from "../measure/results.ts";
import { RECORDED } from "../measure/sample.ts";
import { type Apart, type Turn, turnsRow } from "../measure/turns.ts";
import { SEED } from "../step/problem.ts";
import { type Animals, readAnimals } from "../voc_animals/recipe.ts";
import { camsApart } from "./agree.ts";
import { type InferredImages, photographs, textures } from "./images.ts";
import { partsOf, writeInference } from "./recipe.ts";
import { ownSides, peerSides, type Side } from "./sides.ts";

/** Parts of the images, each a round; those on one thread take the first alone, since they take twice as long. Threads wait for each other at the end of a part. */
const PARTS = 4, ONE_THREAD_PARTS = 1;

/** Images before those that count. */
const WARM = 4;

const QUESTION = "infer";

/** What the command asks for. */
export interface InferWanted {
  /** Of a VOCdevkit; images are made where there is none. */
  readonly root: string | undefined;
  readonly split: string | undefined;
  readonly images: number;
  readonly pythons: readonly Interpreter[] | undefined;
}

/**
 * Reads the arguments.
 *
 * @param args of the command
 * @returns what is asked for
 * @throws {RangeError} a user error, naming the argument that is not valid
 */
export function parseInfer(args: readonly string[]): InferWanted {
  const names = ["root", "split", "images", "python"];
  const given = parseArgs([...args], {
    string: names,
    unknown: refuseUnknown(QUESTION, names),
    default: { images: `${4 * PARTS}` },
  });
  const text = (name: string) => given[name] as string | undefined, python = text("python");
  return {
    ...{ root: text("root"), split: text("split"), images: wholeNumber(given, "images", PARTS) },
    pythons: python === undefined ? undefined : [[python]],
  };
}

async function imagesOf(
  { root, split, images }: InferWanted,
  folder: string,
): Promise<{ readonly animals: Animals; readonly inferred: InferredImages }> {
  if (root === undefined) {
    const animals = await readAnimals();
    const inferred = await textures(animals.dataset, `${folder}/textures`, images);
    return { animals, inferred };
  }
  const labels = `dataset.labels=${JSON.stringify(`${root}/cls_labels.npy`)}`;
  const animals = await readAnimals([`dataset.root=${JSON.stringify(root)}`, labels]);
  const { dataset, inference } = animals;
  return {
    animals,
    inferred: await photographs(dataset, root, split ?? inference.split, images),
  };
}

/** Rounds of all sides, then those of the sides on all cores. */
async function measure(sides: readonly Side[], sizes: readonly number[]): Promise<Turn[]> {
  const next = new Map(sides.map(({ name }) => [name, 0]));
  const works = (chosen: readonly Side[]) =>
    Object.fromEntries(chosen.map(({ name, service }) => {
      const images = () => {
        const part = next.get(name)!;
        next.set(name, part + 1);
        return sizes[part]!;
      };
      return [name, service.work("part", images)];
    }));
  const how = {
    measured: RECORDED,
    taken: (name: string, _: number, { wall }: { wall: number }) =>
      print(`part ${next.get(name)! - 1}/${PARTS}  ${name}: ${digits(wall)} ms an image`),
  };
  const first = await compare(works(sides), { ...how, rounds: ONE_THREAD_PARTS, warmUps: 1 });
  const all = sides.filter(({ threads }) => threads > 1);
  const rest = await compare(works(all), {
    ...how,
    rounds: PARTS - ONE_THREAD_PARTS,
    warmUps: 0,
  });
  const none: Times = { wall: [], processor: [], counted: [] };
  return sides.map(({ name, threads, device }) => {
    const [a, b] = [first[name]!, rest[name] ?? none];
    return {
      ...{ name, threads, ...device !== undefined && { device } },
      times: { wall: [...a.wall, ...b.wall], processor: [...a.processor, ...b.processor] },
    };
  });
}

/**
 * Compares inference over a folder of photographs, and writes a row into bench/results/infer.json. Writes nothing where CAMs differ.
 *
 * @param args of the command
 * @param load of the machine
 */
export async function recordInfer(args: readonly string[], load: Load): Promise<void> {
  const wanted = parseInfer(args);
  const registry = new Registry(plugins);
  const chosen = await registry.create("backend", { use: "wasm" }, undefined);
  const backend: BackendInfo = await chosen.prepare(ops);
  const folder = await Deno.makeTempDir();
  try {
    const { animals, inferred } = await imagesOf(wanted, folder);
    const parts = partsOf(inferred.images, PARTS, WARM);
    const files = await writeInference(folder, animals, inferred, parts);
    await using stack = new AsyncDisposableStack();
    const options = {
      ...{ files, folder, load, stack, pythons: wanted.pythons },
      cores: navigator.hardwareConcurrency,
    };
    const own = ownSides(options), sides = [...own, ...await peerSides(options)];
    const turns = await measure(sides, parts.map(({ length }) => length));
    const names = parts[0]!.map(({ name }) => name), [reference, ...others] = sides;
    const apart: Record<string, Apart> = {};
    for (const { name, read } of others) {
      apart[name] = { ...await camsApart(names, reference!.read, read) };
    }
    const { scales, flip, longSide } = animals.inference;
    const row = turnsRow(turns, {
      what: `${inferred.what}, long side ${longSide}, scales ${scales.join(", ")}${
        flip ? ", mirrored too" : ""
      }`,
      images: 1,
      references: own.map(({ name }) => name),
      apart,
      madeWith: { ...await madeWith(backend, load, SEED) },
    });
    print(JSON.stringify(row, null, 1));
    await writeRows(`${QUESTION}.json`, [row]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
