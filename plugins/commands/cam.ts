import type { CommandOutput } from "../../core/contracts/data_commands.ts";
import { userError } from "../../core/errors.ts";
import { resolvePath } from "../../core/recipe/paths.ts";
import { didYouMean } from "../../core/registry/suggest.ts";
import { writeAtomic } from "../../core/run/atomic.ts";
import { realFolder } from "../../core/run/real_folder.ts";
import { flags } from "../command_line/flags.ts";
import { progressLine } from "../command_line/progress_line.ts";
import { readBytes } from "../datasets/voc/files.ts";
import { decodeImage } from "../datasets/voc/image.ts";
import { exifOrientation } from "../images/exif_orientation.ts";
import { loadModel } from "../wsss/inference/loaded_model.ts";
import { inferPhotograph } from "../wsss/inference/photograph.ts";
import { CAM_OUTPUTS } from "../wsss/inference/photograph_settings.ts";
import { plannedOutputs } from "../wsss/stages/planned_outputs.ts";
import { findImages } from "./cam/find_images.ts";
import { type ScoredImage, scoresTable } from "./cam/scores_table.ts";
import { camSettings } from "./cam/settings.ts";
import { writeImage } from "./cam/write_image.ts";
import { findCheckpoint } from "./from_run/find_checkpoint.ts";
import { needWriteAccess } from "./permissions.ts";
import type { Shipped } from "./shipped.ts";

const SHAPE =
  "deno task cam IMAGE... --from RUN|CHECKPOINT, such as deno task cam cat.jpg --from runs/mini-demo";

/** Indices of the classes that were asked for. */
function chooseClasses(asked: readonly string[], classes: readonly string[]): readonly number[] {
  return [...new Set(asked)].map((name) => {
    const index = classes.indexOf(name);
    if (index >= 0) return index;
    throw userError(
      new RangeError(
        `Cannot infer class ${name}${didYouMean(name, classes)}: the network learned ${
          classes.join(", ")
        }`,
      ),
    );
  });
}

/** A number between 0 and 1. */
function parseAlpha(text: string): number {
  const alpha = Number(text);
  if (text.trim() !== "" && alpha >= 0 && alpha <= 1) return alpha;
  throw userError(
    new RangeError(`Cannot read option --alpha ${text}: expected a number from 0 to 1`),
  );
}

/**
 * Infers photographs by the network of a run: overlays, masks and scores.
 *
 * @param args what stands behind `cam`
 * @param shipped the plugins that ship
 * @param out where to write
 * @returns the exit code
 */
export async function camCommand(
  args: readonly string[],
  shipped: Shipped,
  out: CommandOutput,
): Promise<number> {
  const given = flags(args, {
    text: ["from", "stage", "out", "backend", "alpha"],
    list: ["class"],
    on: ["json"],
  });
  const from = given.text("from");
  if (given._.length === 0) {
    throw userError(new TypeError(`Cannot infer without an image: expected ${SHAPE}`));
  }
  if (from === undefined) {
    throw userError(new TypeError(`Cannot infer without --from: expected ${SHAPE}`));
  }
  const wantedAlpha = given.text("alpha");
  const alpha = wantedAlpha === undefined ? undefined : parseAlpha(wantedAlpha);
  const photographs = await findImages(given._);
  const folder = await realFolder(resolvePath(Deno.cwd(), given.text("out") ?? "runs/cam"));
  await needWriteAccess(folder, { command: "cam IMAGE... --from RUN" });
  const { run, stage, checkpoint } = await findCheckpoint(
    from,
    {
      stage: given.text("stage"),
      wanted: "gives CAMs",
      suits: async ({ info: { backbone, head, classes } }, { loaded }) => {
        const facts = { network: { backbone, head } };
        const outputs = await plannedOutputs(facts, classes.length, loaded.registry);
        return outputs?.some((output) => CAM_OUTPUTS.includes(output)) === true;
      },
    },
    shipped,
    out,
  );
  const { registry } = run.loaded;
  const { classes } = checkpoint.info;
  const asked = chooseClasses(given.list("class"), classes);
  const chosen = await registry.create(
    "backend",
    { use: given.text("backend") ?? "auto" },
    undefined,
  );
  const backend = await chosen.prepare(await registry.createAll("op", undefined));
  using loaded = await loadModel(registry, checkpoint);
  const { outputs } = loaded.model.head;
  if (!outputs.some((output) => CAM_OUTPUTS.includes(output))) {
    throw userError(
      new TypeError(
        `Cannot infer CAMs by stage ${stage} of ${run.folder}: its head gives ${
          outputs.join(", ")
        }`,
      ),
    );
  }
  const settings = await camSettings(run, stage, outputs);
  const used = alpha === undefined ? settings : { ...settings, alpha, alphaFrom: "--alpha" };
  out.note(
    `${used.output} of stage ${stage}, scales ${used.scales.join(", ")}${
      used.flip ? ", mirrored too" : ""
    }, long side at most ${used.longSide}, alpha ${used.alpha} from ${used.alphaFrom}; ${backend.name}`,
  );
  await Deno.mkdir(folder, { recursive: true });
  const scored: ScoredImage[] = [];
  const progress = progressLine("images", out.progress);
  for (const { name, path } of photographs) {
    const bytes = await readBytes(path);
    const image = await decodeImage(bytes, path, registry.limits.pixels);
    const orientation = exifOrientation(bytes);
    if (orientation !== 1) {
      out.note(
        `${name}: its EXIF orientation ${orientation} is not applied, the pixels are taken as they lie`,
      );
    }
    const inferred = await inferPhotograph(
      loaded.model,
      image,
      { classes: classes.length, asked },
      used,
      backend,
    );
    const { probabilities, shown, mask } = inferred;
    const share = Object.fromEntries(shown.flatMap((c) => {
      const pixels = mask.reduce((sum, label) => sum + Number(label === 1 + c), 0);
      return pixels > 0 ? [[classes[c]!, pixels / mask.length]] : [];
    }));
    const files = await writeImage(folder, name, image, inferred, classes);
    scored.push({ name, image: path, probabilities, shown, share, files });
    progress(scored.length, photographs.length);
  }
  const table = scoresTable(scored, classes);
  const { scales, flip, longSide, output } = used;
  const json = JSON.stringify(
    {
      run: run.folder,
      stage,
      weights: checkpoint.info.weights,
      classes,
      settings: { output, scales, flip, longSide, alpha: used.alpha, alphaFrom: used.alphaFrom },
      images: scored.map(({ probabilities, shown, ...rest }) => ({
        ...rest,
        probabilities: Object.fromEntries(classes.map((name, c) => [name, probabilities[c]])),
        shown: shown.map((c) => classes[c]),
      })),
    },
    null,
    2,
  );
  await writeAtomic(`${folder}/scores.md`, `${table}\n`);
  await writeAtomic(`${folder}/scores.json`, `${json}\n`);
  out.print(given.on("json") ? json : table);
  out.note(`overlays, masks and scores: ${folder}`);
  return 0;
}
