import { type StagePlan, userError } from "seamstress";
import {
  checkLabelled,
  checkParameters,
  makeParts,
  type Parts,
  splitBackbone,
  type TrainingOptions as Options,
} from "seamstress/wsss";
import { checkSides } from "./check_sides.ts";
import { inputSize } from "./estimate.ts";
import { checkMasks, checkTargets, wantsMask } from "./masks.ts";
import { checkNormalization } from "./normalization.ts";
import { checkCard, checkShapes, fingerprintOf } from "./pretrained.ts";
import { checkStatistics } from "./statistics.ts";
import { checkTrainingCams } from "./training_cams.ts";
import { checkValidation } from "./validate.ts";

/** Checks that the head and the method provide what every loss and the method read. */
function checkNeeds(id: string, settings: Options, { head, method, losses }: Parts): void {
  const has = [...head.outputs, ...method.provides];
  const users = [
    { what: `method ${settings.method.use}`, needs: method.needs },
    ...losses.map(({ name, loss }) => ({ what: `loss ${name}`, needs: loss.needs })),
  ];
  for (const { what, needs } of users) {
    const missing = needs.filter((need) => !has.includes(need));
    if (missing.length > 0) {
      throw userError(
        new TypeError(
          `Cannot plan stage ${id}: ${what} needs ${
            missing.join(", ")
          }, but head ${settings.head.use} with ` +
            `method ${settings.method.use} gives ${has.join(", ")}`,
        ),
      );
    }
  }
}

/**
 * Checks a training before anything runs.
 *
 * @param settings of the training
 * @param plan of the stage
 * @returns hashes of the data and of files that it reads
 * @throws {Error} where something is missing or does not fit
 */
export async function checkTraining(
  settings: Options,
  plan: StagePlan,
): Promise<readonly string[]> {
  const { id, factory, base } = plan;
  const { size, micro = size } = settings.batch;
  if (micro !== "auto" && micro > size) {
    throw userError(
      new RangeError(
        `Cannot plan stage ${id}: batch.micro is ${micro}, expected at most batch.size ${size}`,
      ),
    );
  }
  const dataset = await factory.create("dataset", plan.dataset, { split: settings.split, base });
  if (dataset.length < size) {
    throw userError(
      new RangeError(
        `Cannot plan stage ${id}: split ${settings.split} has ${dataset.length} images, batch.size is ${size}`,
      ),
    );
  }
  const parts = await makeParts(settings, dataset.classes.length, factory);
  checkNeeds(id, settings, parts);
  if (settings.recompute === "blocks" && parts.backbone.blocks === undefined) {
    throw userError(
      new TypeError(
        `Cannot plan stage ${id}: recompute is blocks, but backbone ${settings.backbone.use} names none; leave recompute out`,
      ),
    );
  }
  checkStatistics(id, parts, settings.batch);
  const ofEpoch = Math.floor(dataset.length / size), steps = ofEpoch * settings.epochs;
  const all = Math.min(steps, settings.maxSteps ?? steps);
  const validated = await checkValidation(settings, plan, parts, { ofEpoch, all });
  await checkTrainingCams(settings, plan, parts, { ofEpoch, all });
  const idle = parts.losses.find(({ start }) => start >= steps);
  if (idle) {
    throw userError(
      new RangeError(
        `Cannot plan stage ${id}: loss ${idle.name} starts at step ${idle.start}, but there are ${steps} steps`,
      ),
    );
  }
  checkNormalization(id, settings.transforms, parts.backbone.input);
  for (const use of settings.transforms) {
    await factory.create("transform", use, { normalization: parts.backbone.input });
  }
  await checkParameters(id, settings, parts, factory);
  const { weights } = splitBackbone(settings.backbone);
  const files: string[] = [];
  if (weights) {
    const args = { base, classes: dataset.classes, earlier: plan.earlier };
    const reader = await factory.create("weights", weights, args);
    await checkCard(id, reader, parts.backbone, "backbone.weights");
    await checkShapes(reader, [...parts.backbone.params, ...parts.head.params]);
    if (typeof reader.from !== "string") files.push(await fingerprintOf(reader));
  }
  checkTargets(id, settings.method.use, parts.method, dataset);
  await dataset.check({
    mask: wantsMask(parts.method) && settings.masks === undefined,
    maps: true,
  });
  if (!wantsMask(parts.method)) checkLabelled(id, settings.split, dataset);
  await checkMasks(settings, plan, parts.method, dataset);
  const findSize = () => inputSize(settings, plan, dataset, parts);
  const { sideMultiple } = parts.backbone;
  await checkSides(id, {
    use: settings.backbone.use,
    ...sideMultiple !== undefined && { sideMultiple },
  }, findSize);
  const { masks } = settings;
  await parts.method.check?.({
    id,
    taps: parts.backbone.taps,
    ...masks !== undefined && { masks },
    earlier: plan.earlier,
    inputSize: findSize,
  });
  return [await dataset.fingerprint(), ...validated, ...files];
}
