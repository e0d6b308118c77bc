import type { Table } from "./metric.ts";

/** What an observer is built for; nothing is written before `start`. */
export interface ObserverArgs {
  /** The run folder; not there yet where the run is new. */
  readonly folder: string;
  /** True when this invocation continues an existing run folder. */
  readonly resumed: boolean;
}

/** What a run is going to be. */
export interface RunPlanned {
  /** Ids of the recipe's stages, in order. */
  readonly stages: readonly string[];
}

/** Identity and plan of a run. */
export interface RunStarted {
  readonly name: string;
  readonly folder: string;
  readonly backend: string;
  readonly device: string;
  readonly stages: readonly string[];
  /** Options that stages left to the device, by stage and path; those that left any. */
  readonly chosen?: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/**
 * A stage began, finished, was skipped because its inputs had not changed, was left out because others were asked for, or its earlier
 * result was set aside.
 */
export interface StageEvent {
  readonly stage: string;
  readonly plugin: string;
  readonly state: "begin" | "finished" | "skipped" | "left out" | "set aside";
  /** Why its earlier result was set aside: its inputs changed, or the stage was asked for again. */
  readonly why?: "changed" | "asked";
  /** Seconds, when finished. */
  readonly seconds?: number;
}

/** Progress of long work that is not training: images inferred, masks scored. */
export interface ProgressEvent {
  readonly stage: string;
  readonly done: number;
  readonly total: number;
  readonly unit: string;
}

/** One optimizer step. */
export interface StepEvent {
  readonly stage: string;
  /** From 1: how many steps are done. */
  readonly step: number;
  /** Steps until the training stops: of the whole schedule, or `maxSteps`. */
  readonly totalSteps: number;
  readonly epoch: number;
  /** `loss` is the weighted total; the others by the name the recipe gives, unweighted. */
  readonly losses: Readonly<Record<string, number>>;
  readonly rates: readonly number[];
  /** Samples a second over the step. */
  readonly samplesPerSecond: number;
}

/** One epoch finished. */
export interface EpochEvent {
  readonly stage: string;
  readonly epoch: number;
  readonly epochs: number;
  /** Means of the epoch's losses. */
  readonly losses: Readonly<Record<string, number>>;
}

/** A stage left something in the run folder. */
export interface ArtifactEvent {
  readonly stage: string;
  readonly kind: string;
  /** Path relative to the run folder. */
  readonly path: string;
  readonly table?: Table;
}

/** Contract of kind `observer`: closed set of hooks; a rejected promise or a throw stops the run. */
export interface Observer {
  /** Called before the run folder is made; throws where options do not fit the recipe. */
  check?(event: RunPlanned): void | Promise<void>;
  start?(event: RunStarted): void | Promise<void>;
  stage?(event: StageEvent): void | Promise<void>;
  progress?(event: ProgressEvent): void | Promise<void>;
  step?(event: StepEvent): void | Promise<void>;
  epoch?(event: EpochEvent): void | Promise<void>;
  artifact?(event: ArtifactEvent): void | Promise<void>;
  end?(event: { readonly seconds: number }): void | Promise<void>;
  error?(event: { readonly error: unknown }): void | Promise<void>;
}
