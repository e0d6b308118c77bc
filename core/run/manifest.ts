import type { BackendInfo } from "../contracts/backend.ts";
import type { Chosen } from "../contracts/stage.ts";
import type { Recipe } from "../recipe/schema.ts";
import { fromFileUrl } from "../recipe/paths.ts";

/** Version of this project, as results and manifests state it. */
export const VERSION = "0.1.0";

/** The versions, device and options of a run: enough to reproduce it. */
export interface Manifest {
  /** Version of this project. */
  readonly seamstress: string;
  /** Commit of the checkout that ran, or "unknown" outside one. */
  readonly commit: string;
  /** Version of Deno. */
  readonly deno: string;
  /** Version of TensorFlow.js. */
  readonly tfjs: string;
  /** Operating system and architecture. */
  readonly os: string;
  /** Logical processors. */
  readonly cores: number;
  /** Name of the backend. */
  readonly backend: string;
  /** What the backend computes on, as it names it. */
  readonly device: string;
  /** How activations were stored, where not in float32. */
  readonly precision?: "f16";
  /** Threads or processes that computed together, where more than one. */
  readonly ranks?: number;
  /** Of every stream of random numbers. */
  readonly seed: number;
  /** Folder that relative paths start from: the recipe's. */
  readonly base: string;
  /** The recipe's own plugin modules, whose code ran; where it names any. */
  readonly modules?: readonly string[];
  /** Hashes of the data that each stage reads. */
  readonly data: Readonly<Record<string, readonly string[]>>;
  /** When the run began, as ISO 8601 in UTC. */
  readonly started: string;
  /** Options that stages left to the device, by stage and path. */
  readonly chosen?: Readonly<Record<string, Chosen>>;
  /** The run's manifests before it was resumed, oldest first. */
  readonly earlier?: readonly Omit<Manifest, "earlier" | "data">[];
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return (await Deno.readTextFile(path)).trim();
  } catch {
    return undefined;
  }
}

/** Commit of a checkout or worktree by its entry `.git`, from git's own files: no process starts. "unknown" where there is none. */
export async function commitAt(dotGit: string): Promise<string> {
  const git = (await readText(dotGit))?.match(/^gitdir: (.+)$/)?.[1] ?? dotGit;
  const head = await readText(`${git}/HEAD`);
  const branch = head?.match(/^ref: (.+)$/)?.[1];
  if (branch === undefined) return head ?? "unknown";
  const common = `${git}/${await readText(`${git}/commondir`) ?? "."}`;
  const packed = (await readText(`${common}/packed-refs`))?.split("\n") ?? [];
  return await readText(`${common}/${branch}`) ||
    (packed.find((line) => line.endsWith(` ${branch}`))?.split(" ")[0] ?? "unknown");
}

/**
 * Creates the manifest of a run.
 *
 * @param recipe resolved; only its seed and modules are written down
 * @param backend prepared
 * @param base folder that relative paths start from
 * @param data hashes of the data that each stage reads, by stage
 * @returns plain JSON
 */
export async function makeManifest(
  recipe: Pick<Recipe, "seed" | "plugins">,
  backend: BackendInfo,
  base: string,
  data: Readonly<Record<string, readonly string[]>>,
): Promise<Manifest> {
  // Here and not above: recipes, plugins and data-loading Workers reach this module without a need for tfjs.
  const { version_core } = await import("@tensorflow/tfjs");
  return {
    seamstress: VERSION,
    commit: import.meta.url.startsWith("file:")
      ? await commitAt(fromFileUrl(new URL("../../.git", import.meta.url)))
      : "unknown",
    deno: Deno.version.deno,
    tfjs: version_core,
    os: `${Deno.build.os} ${Deno.build.arch}`,
    cores: navigator.hardwareConcurrency,
    backend: backend.name,
    device: backend.device,
    ...backend.precision === "f16" && { precision: backend.precision },
    seed: recipe.seed,
    base,
    ...recipe.plugins.length > 0 && { modules: recipe.plugins },
    data,
    started: new Date().toISOString(),
  };
}

/**
 * Keeps the earlier manifests of a resumed run.
 *
 * @param manifest of this invocation
 * @param before what the run folder holds, if anything
 * @returns the manifest with the earlier ones, oldest first
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { continueManifest, type Manifest } from "./manifest.ts";
 * const at = (started: string) => ({ started, data: {} }) as Manifest;
 * const second = continueManifest(at("tuesday"), at("monday"));
 * assertEquals(continueManifest(at("friday"), second).earlier?.map(({ started }) => started), ["monday", "tuesday"]);
 * ```
 */
export function continueManifest(manifest: Manifest, before: Manifest | undefined): Manifest {
  if (!before) return manifest;
  const { earlier = [], data: _, ...last } = before;
  return { ...manifest, earlier: [...earlier, last] };
}
