import type { CommandOutput } from "../../core/contracts/data_commands.ts";
import { userError } from "../../core/errors.ts";
import { folderOf, resolvePath } from "../../core/recipe/paths.ts";
import { didYouMean } from "../../core/registry/suggest.ts";
import { writeAtomic } from "../../core/run/atomic.ts";
import { realFolder } from "../../core/run/real_folder.ts";
import { flags } from "../command_line/flags.ts";
import { readSafetensors } from "../formats/safetensors.ts";
import { createNetwork } from "../wsss/training/create_network.ts";
import { FORMATS } from "./export/files.ts";
import { recordNetwork } from "./export/record.ts";
import { findCheckpoint } from "./from_run/find_checkpoint.ts";
import { needWriteAccess } from "./permissions.ts";
import type { Shipped } from "./shipped.ts";

/** Side of the image, in pixels, where none is given. */
const USUAL_SIZE = "448x448";

function parseSize(text: string): { width: number; height: number } {
  const [, width, height = width] = /^(\d{1,5})(?:x(\d{1,5}))?$/.exec(text) ?? [];
  if (width !== undefined && Number(width) > 0 && Number(height) > 0) {
    return { width: Number(width), height: Number(height) };
  }
  throw userError(
    new RangeError(`Cannot read option --size ${text}: expected WIDTHxHEIGHT, such as 448x448`),
  );
}

/**
 * Writes the network of a run for other programs.
 *
 * @param args what stands behind `export`
 * @param shipped the plugins that ship
 * @param out where to write
 * @returns the exit code
 */
export async function exportCommand(
  args: readonly string[],
  shipped: Shipped,
  out: CommandOutput,
): Promise<number> {
  const given = flags(args, { text: ["to", "stage", "out", "size"] });
  const [from, ...others] = given._;
  if (from === undefined || others.length > 0) {
    throw userError(
      new TypeError(
        `Cannot export: expected one run or checkpoint, found ${given._.length}; such as deno task export runs/mini-demo --to onnx`,
      ),
    );
  }
  const format = given.text("to");
  const formats = Object.keys(FORMATS);
  if (format === undefined || !formats.includes(format)) {
    throw userError(
      new RangeError(
        `Cannot export ${format === undefined ? "without --to" : `to ${format}`}${
          format === undefined ? "" : didYouMean(format, formats)
        }; valid: ${formats.join(", ")}`,
      ),
    );
  }
  const { width, height } = parseSize(given.text("size") ?? USUAL_SIZE);
  const folder = await realFolder(resolvePath(Deno.cwd(), given.text("out") ?? "runs/export"));
  await needWriteAccess(folder, { command: `export RUN --to ${format}` });
  const { run, stage, checkpoint } = await findCheckpoint(
    from,
    {
      stage: given.text("stage"),
      wanted: "can be exported",
      suits: () => Promise.resolve(true),
    },
    shipped,
    out,
  );
  const { registry, recipe } = run.loaded;
  const { classes, weights: file } = checkpoint.info;
  const network = await createNetwork(checkpoint.info, classes.length, registry);
  const { backbone, head } = network;
  const { sideMultiple = 1 } = backbone;
  if (width % sideMultiple !== 0 || height % sideMultiple !== 0) {
    throw userError(
      new RangeError(
        `Cannot export for images of ${width}x${height}: backbone ${checkpoint.info.backbone.use} takes sides that are multiples of ${sideMultiple}; give --size`,
      ),
    );
  }
  const params = [...backbone.params, ...head.params];
  const { tensors: weights } = await readSafetensors(`${checkpoint.folder}/${file}`);
  const recording = await recordNetwork(network, { width, height });
  const files = FORMATS[format]!({
    recipe: recipe.name,
    stage,
    recording,
    params,
    weights,
    classes,
    input: backbone.input,
    size: { width, height },
  });
  for (const [name, content] of files) {
    const path = `${folder}/${name}`;
    await Deno.mkdir(folderOf(path), { recursive: true });
    await writeAtomic(path, content);
  }
  out.print([...files.keys()].map((name) => `${folder}/${name}`).join("\n"));
  out.note(
    `stage ${stage}, outputs ${
      Object.keys(recording.outputs).join(", ")
    }, images of ${width}x${height}`,
  );
  return 0;
}
