import type { PackedError } from "../../formats/packed_error.ts";
import type { Sample } from "../../../core/data/sample.ts";
import type { SourceOptions } from "./sample_source.ts";

/** Messages from the loader to a Worker. */
export type ToWorker =
  | { readonly type: "open"; readonly options: SourceOptions }
  | { readonly type: "make"; readonly id: number; readonly epoch: number; readonly index: number };

/** Messages from a Worker to the loader. An error without an id came while opening the data set. */
export type FromWorker =
  | { readonly type: "ready" }
  | { readonly type: "sample"; readonly id: number; readonly sample: Sample }
  | { readonly type: "error"; readonly id?: number; readonly error: PackedError };
