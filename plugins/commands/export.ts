import type { CommandOutput } from "../../core/contracts/data_commands.ts";
import { userError } from "../../core/errors.ts";
import { resolvePath } from "../../core/recipe/paths.ts";
import { didYouMean } from "../../core/registry/suggest.ts";
import { writeAtomic } from "../../core/run/atomic.ts";
import { realFolder } from "../../core/run/real_folder.ts";
import { flags } from "../command_line/flags.ts";
import { encodeSafetensors, readSafetensors } from "../formats/safetensors.ts";
import { createNetwork } from "../wsss/training/create_network.ts";
import { lower } from "./export/lower.ts";
import { encodeOnnx } from "./export/onnx.ts";
import { recordNetwork } from "./export/record.ts";
import { storedConstants, torchModule } from "./export/torch.ts";
import { findCheckpoint } from "./from_run/find_checkpoint.ts";
import { needWriteAccess } from "./permissions.ts";
import type { Shipped } from "./shipped.ts";

/** Formats that a network can be written in. */
const FORMATS = ["onnx", "torch"];

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
  if (format === undefined || !FORMATS.includes(format)) {
    throw userError(
      new RangeError(
        `Cannot export ${format === undefined ? "without --to" : `to ${format}`}${
          format === undefined ? "" : didYouMean(format, FORMATS)
        }; valid: ${FORMATS.join(", ")}`,
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
  const path = `${checkpoint.folder}/${file}`;
  const { tensors } = await readSafetensors(path);
  const recording = await recordNetwork(network, { width, height });
  const program = lower(recording, params);
  const image = [1, 3, height, width];
  const { mean, std } = backbone.input;
  await Deno.mkdir(folder, { recursive: true });
  const name = `${recipe.name}-${stage}`;
  const files: string[] = [];
  const write = async (file: string, content: string | Uint8Array<ArrayBuffer>) => {
    await writeAtomic(`${folder}/${file}`, content);
    files.push(file);
  };
  if (format === "onnx") {
    const metadata = {
      classes: JSON.stringify(classes),
      mean: JSON.stringify(mean),
      std: JSON.stringify(std),
    };
    await write(`${name}.onnx`, encodeOnnx({ program, weights: tensors, image, metadata }));
  } else {
    // A module's name has no dots or dashes.
    const module = name.replaceAll(/\W/g, "_");
    const about = [
      `Stage ${stage} of ${recipe.name}, written by Seamstress.`,
      "",
      `Classes: background, ${classes.join(", ")}.`,
      `Images: (rgb / 255 - mean) / std, mean ${mean.join(" ")}, std ${std.join(" ")}.`,
    ].map((line) => line.replaceAll(/["\\]/g, "'"));
    const weights = `${module}.safetensors`;
    await write(`${module}.py`, torchModule({ program, params, image, about, weights }));
    await write(
      weights,
      encodeSafetensors(new Map([...tensors, ...storedConstants(program)]), { format: "pt" }),
    );
  }
  out.print(files.map((file) => `${folder}/${file}`).join("\n"));
  out.note(
    `stage ${stage}, outputs ${
      Object.keys(program.outputs).join(", ")
    }, images of ${width}x${height}`,
  );
  return 0;
}
