import { isUserError } from "../../../core/errors.ts";
import { readResult, RESULT } from "../../wsss/scores/result.ts";
import { USUAL_ALPHA } from "../../wsss/scores/threshold.ts";
import type { OpenRun } from "../from_run/load_run.ts";

/** Scales and mirroring where the run infers no CAMs itself: the SEAM authors'. */
const USUAL = { scales: [0.5, 1, 1.5, 2], flip: true } as const;

/** Long side that photographs are reduced to where the run does not say: those of VOC have at most 500. */
const USUAL_LONG_SIDE = 512;

/** How the CAMs of a photograph are inferred. */
export interface CamSettings {
  readonly scales: readonly number[];
  readonly flip: boolean;
  readonly longSide: number;
  /** Head output that the CAMs come from. */
  readonly output: string;
  /** CAM below which a pixel is background. */
  readonly alpha: number;
  /** Where alpha comes from, for people. */
  readonly alphaFrom: string;
}

/** What `infer` was told, as far as it is used here. */
interface InferOptions {
  readonly from: string;
  readonly scales: readonly number[];
  readonly flip: boolean;
  readonly longSide?: number;
  readonly output?: string;
}

/**
 * Chooses how CAMs are inferred: as the run itself infers those of this network, with the threshold that it scored them at.
 *
 * @param run whose network it is
 * @param stage that trained it
 * @param outputs of its head
 * @returns the settings
 */
export async function camSettings(
  run: OpenRun,
  stage: string,
  outputs: readonly string[],
): Promise<CamSettings> {
  const { recipe } = run.loaded;
  const infers = recipe.stages.filter(({ run: plugin, from }) =>
    plugin === "infer" && from === stage
  );
  const [first] = infers;
  // Stage infer's own schema checked them.
  const options = (first ?? {}) as unknown as Partial<InferOptions>;
  const found = await scoredAlpha(run, infers.map(({ id }) => id));
  return {
    scales: options.scales ?? USUAL.scales,
    flip: options.flip ?? USUAL.flip,
    longSide: options.longSide ?? USUAL_LONG_SIDE,
    output: options.output ?? (outputs.includes("cam_rv") ? "cam_rv" : "cam"),
    ...found ?? { alpha: USUAL_ALPHA, alphaFrom: "the usual one" },
  };
}

/** The threshold of the first evaluation of CAMs that is finished. */
async function scoredAlpha(
  { folder, loaded: { recipe }, markers }: OpenRun,
  cams: readonly string[],
): Promise<Pick<CamSettings, "alpha" | "alphaFrom"> | undefined> {
  for (const { id, from } of recipe.stages) {
    if (!cams.includes(String(from)) || markers.get(id)?.artifact?.kind !== "table") continue;
    try {
      const { table } = await readResult(`${folder}/stages/${id}`);
      const alpha = table.threshold?.value;
      if (alpha !== undefined) return { alpha, alphaFrom: `stage ${id} (stages/${id}/${RESULT})` };
    } catch (error) {
      // A damaged table of another stage is no reason to refuse a photograph.
      if (!isUserError(error)) throw error;
    }
  }
  return undefined;
}
