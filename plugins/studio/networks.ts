import {
  messageOf,
  type PluginFactory,
  readArtifact,
  readSafetensorsHeader,
  readStored,
  userError,
} from "seamstress";
import {
  ARTIFACTS,
  CAM_OUTPUTS,
  comparesPixels,
  createNetwork,
  type NetworkOfWeights,
  type PhotographSettings,
  photographSettings,
  refuseMismatch,
  USUAL_ALPHA,
} from "seamstress/wsss";
import { readMark } from "./read_mark.ts";
import type { RecipeStage, RunDetails } from "./read_run.ts";

/** Powers of affinity, and steps. */
type Walk = Readonly<Record<"beta" | "logt", number>>;

/** The same, and how far a step leads. */
type BoundaryWalk = Readonly<Record<"beta" | "logt" | "radius", number>>;

/** A trained network of a run, as the page may compute by it. */
export interface StudioNetwork {
  /** Stage that left it. */
  readonly stage: string;
  /** Backbone, head and classes. */
  readonly use?: NetworkOfWeights;
  /** Size of its weights file. */
  readonly bytes?: number;
  /** What can be computed: CAMs; of a pixel the PCM's affinity, AffinityNet's and IRN's affinity and random walk. */
  readonly gives: {
    readonly cams: boolean;
    readonly pcm: boolean;
    readonly affinitynet: boolean;
    readonly irn: boolean;
  };
  /** How CAMs of a photograph are inferred. */
  readonly settings?: PhotographSettings;
  /** Numbers of AffinityNet's random walk. */
  readonly walk?: Walk;
  /** Numbers of IRN's. */
  readonly boundaryWalk?: BoundaryWalk;
  /** Why it cannot be used. */
  readonly fault?: string;
}

/** A network, and where its weights are. */
export interface FoundNetwork {
  readonly network: StudioNetwork;
  readonly weights?: string;
}

const NOTHING = { cams: false, pcm: false, affinitynet: false, irn: false };

/** The authors' settings of AffinityNet's random walk, where the run walks by other networks, or not at all. */
const USUAL_WALK: Walk = { beta: 8, logt: 6 };

/** Those of IRN's. */
const USUAL_BOUNDARY_WALK: BoundaryWalk = { beta: 10, logt: 8, radius: 5 };

/** A file in a folder, as a checkpoint names its weights: nothing that leads out of it. */
const INSIDE = /^(?!\.)[\w.-]+(?:\/(?!\.)[\w.-]+)*$/;

/** A number, or the stage `choose` that finds it. */
type Chosen = number | { readonly from: string };

/** A refinement that walks, as a recipe has it: its numbers by name. */
interface WalkOptions extends Readonly<Record<string, unknown>> {
  readonly use: string;
  readonly from?: string;
}

/** How the run itself walks along the affinities of a stage, by a refinement: the numbers that are usual, or its own. */
function walkOf<W extends Readonly<Record<string, number>>>(
  { recipe, stages = [] }: RunDetails,
  trained: string,
  use: "random-walk" | "boundary-walk",
  usual: W,
): W {
  const links = (recipe?.stages ?? []).flatMap((stage) => {
    const { refinements } = stage as { readonly refinements?: unknown };
    return Array.isArray(refinements) ? refinements as readonly WalkOptions[] : [];
  });
  const link = links.find((link) => link?.use === use && link.from === trained);
  const numberOf = ([name, otherwise]: [string, number]): [string, number] => {
    const value = link?.[name] as Chosen | undefined;
    if (typeof value !== "object") return [name, value ?? otherwise];
    const { result } = stages.find(({ id }) => id === value.from) ?? {};
    return [name, result?.table.summary[`${use}.${name}`] ?? otherwise];
  };
  return Object.fromEntries(Object.entries(usual).map(numberOf)) as W;
}

/** The threshold of the first evaluation that scored CAMs of these stages. */
function alphaOf({ stages = [] }: RunDetails, infers: readonly string[]): number {
  for (const { result } of stages) {
    const alpha = result?.table.threshold?.value;
    if (result && alpha !== undefined && infers.includes(result.about.from)) return alpha;
  }
  return USUAL_ALPHA;
}

async function networkOf(
  folder: string,
  run: RunDetails,
  stage: RecipeStage,
  factory: PluginFactory,
): Promise<FoundNetwork | undefined> {
  const { id } = stage, at = `${folder}/stages/${id}`;
  const marker = await readMark(at).catch(() => undefined);
  if (marker?.artifact?.kind !== ARTIFACTS.checkpoint.name) return undefined;
  try {
    const checkpoint = readArtifact({ ...marker.artifact, folder: at }, ARTIFACTS.checkpoint)!;
    const { weights, backbone, head, classes } = checkpoint.info;
    if (!INSIDE.test(weights)) {
      throw new Error(`it names its weights ${weights}, not in its folder`);
    }
    const network = await createNetwork({ backbone, head }, classes.length, factory);
    const { entries } = await readSafetensorsHeader(`${at}/${weights}`);
    refuseMismatch(
      [...network.backbone.params, ...network.head.params],
      new Map(entries.flatMap(({ name, dtype, shape }) => dtype ? [[name, { dtype, shape }]] : [])),
      { from: weights },
    );
    const { outputs } = network.head;
    const stages = run.recipe?.stages ?? [];
    const { settings, infers } = photographSettings(stages, id, outputs);
    // A network that infers no CAMs itself refines those of another: it sees images of that one's size.
    const cams = stages.find((stage) => stage.run === "infer");
    const longSide = cams && infers.length === 0
      ? photographSettings(stages, String(cams["from"]), outputs).settings.longSide
      : settings.longSide;
    return {
      weights: `${at}/${weights}`,
      network: {
        stage: id,
        use: { backbone, head, classes },
        bytes: entries.reduce((most, { end }) => Math.max(most, end), 0),
        gives: {
          cams: outputs.some((output) => CAM_OUTPUTS.includes(output)),
          pcm: comparesPixels(network.head),
          affinitynet: outputs.includes("affinity"),
          irn: outputs.includes("boundary"),
        },
        settings: { ...settings, longSide, alpha: alphaOf(run, infers) },
        walk: walkOf(run, id, "random-walk", USUAL_WALK),
        boundaryWalk: walkOf(run, id, "boundary-walk", USUAL_BOUNDARY_WALK),
      },
    };
  } catch (error) {
    const fault = `The network of stage ${id} cannot be used here: ${messageOf(error)}`;
    return { network: { stage: id, gives: NOTHING, fault } };
  }
}

/**
 * Finds the trained networks of a run.
 *
 * @param folder of the run
 * @param run what it holds
 * @param factory makes networks, of the plugins that ship: those that a recipe names itself would be programs to run
 * @returns networks in the order of the recipe's stages
 */
export async function findNetworks(
  folder: string,
  run: RunDetails,
  factory: PluginFactory,
): Promise<readonly FoundNetwork[]> {
  const found: FoundNetwork[] = [];
  for (const stage of run.recipe?.stages ?? []) {
    const network = await networkOf(folder, run, stage, factory);
    if (network) found.push(network);
  }
  return found;
}

/**
 * Reads a network's weights, unchanged since its stage wrote them.
 *
 * @param found one of {@linkcode findNetworks}
 * @returns the safetensors file
 * @throws {Error} where the network cannot be used
 */
export async function readWeights({ network, weights }: FoundNetwork): Promise<Uint8Array> {
  if (weights === undefined) throw userError(new Error(network.fault ?? "it has no weights"));
  return await readStored(weights, "read weights from");
}
