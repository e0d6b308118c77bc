import * as z from "zod";
import {
  definePlugin,
  encodeSafetensors,
  finishedArtifact,
  type LoadStateOptions,
  plannedArtifact,
  type PluginFactory,
  pluginOption,
  Rng,
  type StageContext,
  type StagePlan,
  type Weights,
  writeAtomic,
} from "seamstress";
import {
  ARTIFACTS,
  createNetwork,
  type Network,
  ParamStore,
  refuseMismatch,
} from "seamstress/wsss";
import { checkCard, fingerprintOf } from "./train/pretrained.ts";

/** The weights within the stage's folder. */
const WEIGHTS = "weights.safetensors";

const options = z.strictObject({
  split: z.string().min(1).describe("Any split of the data set, whose classes the head has"),
  backbone: pluginOption("backbone").describe("Image → feature taps"),
  head: pluginOption("head").describe("Feature taps → outputs"),
  weights: pluginOption("weights").describe("Trained parameters of both"),
});
type Options = z.output<typeof options>;

async function makeNetwork(
  settings: Options,
  factory: PluginFactory,
  { dataset, base }: Pick<StagePlan, "dataset" | "base">,
): Promise<Network & { classes: readonly string[] }> {
  const { classes } = await factory.create("dataset", dataset, { split: settings.split, base });
  return { ...await createNetwork(settings, classes.length, factory), classes };
}

/** Allowed differences between file and network: those of the file's options; nothing else may be initialised at random. */
function meant({ path: from, allowMissing, allowExtra, options }: Weights): LoadStateOptions {
  return {
    from,
    ...allowMissing && { allowMissing },
    ...allowExtra && { allowExtra },
    ...options && { options },
  };
}

async function check(settings: Options, plan: StagePlan): Promise<readonly string[]> {
  const { id, factory, base } = plan;
  const { backbone, head, classes } = await makeNetwork(settings, factory, plan);
  const reader = await factory.create("weights", settings.weights, { base, classes });
  await checkCard(id, reader, backbone, "weights");
  const shapes = await reader.shapes?.();
  if (shapes) refuseMismatch([...backbone.params, ...head.params], shapes, meant(reader));
  return [await fingerprintOf(reader), classes.join()];
}

async function run(settings: Options, context: StageContext) {
  const { id, factory, base, folder } = context;
  const { backbone, head, classes } = await makeNetwork(settings, factory, context);
  const reader = await factory.create("weights", settings.weights, { base });
  const params = ParamStore.create([...backbone.params, ...head.params], Rng.of(context.seed), {
    state: new Map(await reader.read()),
    ...meant(reader),
  });
  try {
    await writeAtomic(`${folder}/${WEIGHTS}`, encodeSafetensors(await params.toStateDict()));
  } finally {
    params.dispose();
  }
  return finishedArtifact(ARTIFACTS.checkpoint, {
    weights: WEIGHTS,
    backbone: settings.backbone,
    head: settings.head,
    classes,
    split: settings.split,
    imported: reader.path,
  }, { kind: "checkpoint", path: `stages/${id}/${WEIGHTS}` });
}

/** Imports trained weights for every stage that reads those of `train`. */
export const importCheckpointStage = definePlugin({
  kind: "stage",
  name: "import-checkpoint",
  summary: "reads trained weights of a backbone and a head → checkpoint",
  options,
  create: (settings) => ({
    from: [],
    gives: () =>
      plannedArtifact(ARTIFACTS.checkpoint, {
        network: { backbone: settings.backbone, head: settings.head },
      }),
    check: (plan) => check(settings, plan),
    run: (context) => run(settings, context),
  }),
});
