import type { JoinOptions, PackedError } from "seamstress";
import type { Wire } from "../wire.ts";

/** Which method of the group ranks are in: all have to be in the same. */
export type Call = "gather" | "broadcast" | "barrier" | "sum";

/** Begins a rank. */
export interface Start {
  readonly type: "start";
  readonly rank: number;
  readonly size: number;
  readonly options: JoinOptions;
  /** For sums and tallies. */
  readonly memory: SharedArrayBuffer;
  /** What gradients travel as. */
  readonly wire: Wire;
}

/** What ranks exchange in a call: their own value, or those of all. */
export interface Exchange<T = unknown> {
  readonly type: "exchange";
  readonly call: Call;
  readonly value: T;
}

/** Messages from rank 0 to another: an exchange holds every rank's value, or rank 0's alone. */
export type ToRank = Start | Exchange;

/** Messages from a rank to rank 0. */
export type FromRank = Exchange | { readonly type: "error"; readonly error: PackedError };
