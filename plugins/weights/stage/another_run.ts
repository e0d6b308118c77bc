import {
  hashFile,
  type PluginFactory,
  readFinishedStage,
  readSafetensors,
  readSafetensorsHeader,
  userError,
  type WeightsArgs,
} from "seamstress";
import { ARTIFACTS, cardOf } from "seamstress/wsss";
import type { StageSource } from "./source.ts";

/** Fails where the network learned other classes than the data set has. */
function checkClasses(path: string, learned: readonly string[], wanted?: readonly string[]): void {
  if (wanted === undefined || learned.join() === wanted.join()) return;
  throw userError(
    new RangeError(
      `Cannot start from ${path}: it learned ${learned.join(", ")}, the data set has ${
        wanted.join(", ")
      }`,
    ),
  );
}

/**
 * The network of a finished stage of another run.
 *
 * @param run the run folder, absolute
 * @param from the stage
 * @param args the data set's classes, where they are to be the same
 * @param factory makes the backbone, for what it expects of images
 * @returns what the weights plugin gives, but for the options
 */
export function ofAnotherRun(
  run: string,
  from: string,
  { classes }: WeightsArgs,
  factory: PluginFactory,
): StageSource {
  const path = `${run}/stages/${from}`;
  const find = async () => {
    const { info } = await readFinishedStage(run, from, ARTIFACTS.checkpoint);
    checkClasses(path, info.classes, classes);
    return { ...info, file: `${path}/${info.weights}` };
  };
  return {
    path,
    from: { run },
    async check() {
      const { backbone, classes } = await find();
      // A backbone that this recipe does not know, of that one's own plugins, says nothing of images; its shapes are compared all the same.
      const made = await factory.create("backbone", backbone, { classes: classes.length })
        .catch(() => undefined);
      return made ? cardOf(made) : {};
    },
    async fingerprint() {
      return await hashFile((await find()).file);
    },
    async shapes() {
      const { entries } = await readSafetensorsHeader((await find()).file);
      return new Map(entries.map(({ name, dtype, type, shape }) => [
        name,
        dtype ? { dtype, shape } : { unread: `is of a type that is not read, ${type}` },
      ]));
    },
    async read() {
      return (await readSafetensors((await find()).file)).tensors;
    },
  };
}
