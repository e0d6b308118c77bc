import type { BesidePydensecrf } from "../dense_crf/pydensecrf.ts";
import type { LoadFound } from "../measure/load.ts";
import type { Row } from "../measure/row.ts";
import type { TurnsRow } from "../measure/turns.ts";
import type { StepProfile } from "../step/profile.ts";
import type { StepRow } from "../step/row.ts";

/** What a result was made with, as far as the page says it. */
export interface MadeWith {
  readonly device?: string;
  readonly processor?: string;
  readonly cores?: number;
  readonly deno?: string;
  readonly tfjs?: string;
  readonly commit?: string;
  readonly started?: string;
  /** Absent from results of before it was watched. */
  readonly load?: LoadFound;
}

/** Of a comparison of operations: webgpu_kernels, webgpu_head, wasm_kernels. */
export interface Compared {
  readonly madeWith: MadeWith;
  readonly measured: string;
  readonly rows: readonly Row[];
}

/** Of a step that was recorded with --profile. */
export interface Profiled extends StepProfile {
  readonly madeWith: MadeWith;
}

/** Of bench/full_size.ts. */
export type FullSize = readonly {
  readonly what: string;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peak: {
    readonly tensorBytes: number;
    readonly gpuBytesInUse?: number;
    readonly backendBytes: number;
    readonly residentBytes: number;
  };
  readonly madeWith: MadeWith;
}[];

/** Of dense_crf. */
export interface DenseCrf {
  readonly machine: string;
  readonly load?: LoadFound;
  readonly date: string;
  readonly deno: string;
  readonly webgpuAdapter?: { readonly name: string };
  readonly pydensecrf: { readonly rows: readonly BesidePydensecrf[] } | {
    readonly notMeasured: string;
  };
  readonly rows: readonly {
    readonly what: string;
    readonly labels?: number;
    readonly images: number;
    readonly seconds: number;
    readonly cpuSeconds: number;
  }[];
}

/** Of random_walk. */
export interface RandomWalk {
  readonly madeWith: MadeWith;
  readonly rows: readonly {
    readonly what: string;
    readonly sparseSecondsOf3Classes: number;
    readonly sparseSecondsOf21Classes: number;
    readonly denseSeconds: number;
    readonly ratio: number;
    readonly sparseBytes: number;
    readonly denseBytes: number;
  }[];
}

/** Of bench/load_weights.ts. */
export interface LoadWeights {
  readonly machine: string;
  readonly files: readonly {
    readonly file: string;
    readonly cpuSeconds: number;
    readonly residentBytes: number;
  }[];
}

/** Of `cli.ts verify --json`. */
export interface Verified {
  readonly device: string;
  readonly results: readonly {
    readonly path: string;
    readonly kind: string;
    readonly seconds: number;
    readonly quantities: readonly { readonly maxRelative: number }[];
    readonly passed: boolean;
  }[];
}

/** All results of one folder; benchmarks that were not run are absent. */
export interface Results {
  readonly step?: readonly StepRow[];
  readonly mobilenetStep?: readonly TurnsRow[];
  readonly infer?: readonly TurnsRow[];
  readonly profile?: Profiled;
  readonly webgpuKernels?: Compared;
  readonly webgpuHead?: Compared;
  readonly wasmKernels?: Compared;
  readonly fullSize?: FullSize;
  readonly denseCrf?: DenseCrf;
  readonly randomWalk?: RandomWalk;
  readonly loadWeights?: LoadWeights;
  readonly verify?: Verified;
}

const FILES: Readonly<Record<keyof Results, string>> = {
  step: "step.json",
  mobilenetStep: "mobilenet_step.json",
  infer: "infer.json",
  profile: "profile.json",
  webgpuKernels: "webgpu_kernels.json",
  webgpuHead: "webgpu_head.json",
  wasmKernels: "wasm_kernels.json",
  fullSize: "full_size.json",
  denseCrf: "dense_crf.json",
  randomWalk: "random_walk.json",
  loadWeights: "load_weights.json",
  verify: "verify.json",
};

/**
 * Reads a folder of results.
 *
 * @param folder such as `bench/results`
 * @returns what it has; empty where there is no such folder
 */
export async function readResults(folder: string): Promise<Results> {
  const entries = await Promise.all(
    Object.entries(FILES).map(async ([key, name]) => {
      try {
        return [[key, JSON.parse(await Deno.readTextFile(`${folder}/${name}`))]];
      } catch (error) {
        if (error instanceof Deno.errors.NotFound) return [];
        throw error;
      }
    }),
  );
  return Object.fromEntries(entries.flat());
}
