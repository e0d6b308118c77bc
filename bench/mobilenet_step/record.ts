import { parseArgs } from "@std/cli";
import { Registry, userError } from "seamstress";
import { ops, plugins } from "seamstress/plugins";
import { refuseUnknown, wholeNumber } from "../measure/arguments.ts";
import { compare } from "../measure/compare.ts";
import { digits } from "../measure/digits.ts";
import type { Load } from "../measure/load.ts";
import { print } from "../measure/print.ts";
import type { Interpreter } from "../measure/python.ts";
import { madeWith, writeRows } from "../measure/results.ts";
import { RECORDED } from "../measure/sample.ts";
import { type TurnsRow, turnsRow } from "../measure/turns.ts";
import { COMPARED_STEPS } from "../step/agreement.ts";
import { encodeProblem } from "../step/exchange.ts";
import type { StepNetwork } from "../step/network.ts";
import { makeProblem, SEED } from "../step/problem.ts";
import { ranksOf, shareProblem } from "../step/ranks.ts";
import { LOSSES } from "../step/seam_losses.ts";
import { readAnimals } from "../voc_animals/recipe.ts";
import { agree, type Computed } from "./agree.ts";
import { ownTakers, peerTakers } from "./implementations.ts";

/** Rounds before those that count: V8 compiles on the way. */
const WARM_UPS = 3;

const QUESTION = "mobilenet_step";

/** What the command asks for. */
interface Wanted {
  readonly crop: number;
  readonly batch: number;
  readonly micro: number;
  readonly rounds: number;
  readonly pythons: readonly Interpreter[] | undefined;
}

/**
 * Reads the arguments.
 *
 * @param args of the command
 * @param recipe what it has where they say nothing
 * @returns what is asked for
 * @throws {RangeError} a user error, naming the argument that is not valid
 */
export function parseMobilenetStep(
  args: readonly string[],
  recipe: { readonly crop: number; readonly batch: number },
): Wanted {
  const names = ["crop", "batch", "micro", "rounds", "python"];
  const given = parseArgs([...args], {
    string: names,
    unknown: refuseUnknown(QUESTION, names),
    default: { crop: `${recipe.crop}`, batch: `${recipe.batch}`, rounds: "15" },
  });
  const batch = wholeNumber(given, "batch");
  const micro = wholeNumber({ micro: Math.ceil(batch / 2), ...given }, "micro");
  if (micro > batch) {
    throw userError(
      new RangeError(`Cannot measure with --micro ${micro}: the batch has ${batch} images`),
    );
  }
  return {
    ...{ batch, micro, crop: wholeNumber(given, "crop", 32), rounds: wholeNumber(given, "rounds") },
    pythons: given["python"] === undefined ? undefined : [[given["python"] as string]],
  };
}

/** Measures in turns. @returns the row */
async function measure(
  network: StepNetwork,
  { crop, batch, micro, rounds, pythons }: Wanted,
  load: Load,
  folder: string,
): Promise<TurnsRow> {
  const chosen = await new Registry(plugins).create("backend", { use: "wasm" }, undefined);
  const backend = await chosen.prepare(ops), cores = navigator.hardwareConcurrency;
  const size = { width: 1, crop, batch, micro: batch }, ranks = ranksOf(size, cores);
  const problem = await makeProblem(size, network);
  await using stack = new AsyncDisposableStack();
  const shared = ranks > 1
    ? stack.use(await shareProblem(problem, size, backend, ranks))
    : undefined;
  const file = `${folder}/problem.safetensors`;
  await Deno.writeFile(file, encodeProblem(problem, size, COMPARED_STEPS));
  const own = await ownTakers(problem, shared, micro, backend);
  const takers = [...own, ...await peerTakers(file, { pythons, load, stack, folder, cores })];
  const apart = agree(takers.map(({ computed }) => computed) as [Computed, ...Computed[]]);
  print(`losses ${LOSSES.join(", ")}: ${takers[0]!.computed.losses[0]!.map(digits).join(", ")}`);
  print(`apart: ${JSON.stringify(apart)}`);
  const works = Object.fromEntries(takers.map(({ name, work }) => [name, work]));
  const times = await compare(works, {
    ...{ rounds, measured: RECORDED, warmUps: WARM_UPS },
    taken: (name, round, { wall }) =>
      print(`round ${round}/${rounds}  ${name}: ${digits(wall)} ms`),
  });
  return turnsRow(takers.map((taker) => ({ ...taker, times: times[taker.name]! })), {
    what: `MobileNetV2, ${crop}x${crop}, batch ${batch}`,
    images: batch,
    references: [own[0]!.name, ...shared ? [own.at(-1)!.name] : []],
    apart,
    madeWith: { ...await madeWith(backend, load, SEED) },
  });
}

/**
 * Compares training steps of MobileNetV2 under SEAM, and writes a row into bench/results/mobilenet_step.json. Writes nothing where losses
 * or gradients differ.
 *
 * @param args of the command
 * @param load of the machine
 */
export async function recordMobilenetStep(args: readonly string[], load: Load): Promise<void> {
  const recipe = await readAnimals();
  const odd = LOSSES.filter((name) => !recipe.losses.includes(name));
  if (odd.length > 0 || recipe.losses.length !== LOSSES.length) {
    throw new RangeError(`The recipe has losses ${recipe.losses}, this measures ${LOSSES}`);
  }
  const wanted = parseMobilenetStep(args, recipe);
  const folder = await Deno.makeTempDir();
  try {
    const row = await measure(recipe.network, wanted, load, folder);
    print(JSON.stringify(row, null, 1));
    await writeRows(`${QUESTION}.json`, [row]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
