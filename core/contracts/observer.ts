import type { BackendInfo } from "./backend.ts";
import type { Table } from "./metric.ts";

/** What an observer is created with; nothing is written before `start`. */
export interface ObserverArgs {
  /** The run folder; not there yet where the run is new. */
  readonly folder: string;
  /** True when this invocation continues an existing run folder. */
  readonly resumed: boolean;
  /** The device that the run computes on. */
  readonly backend: BackendInfo;
}

/** The plan of a run. */
export interface RunPlanned {
  /** Ids of the recipe's stages, in order. */
  readonly stages: readonly string[];
}

/** Identity and plan of a run. */
export interface RunStarted {
  /** The recipe's. */
  readonly name: string;
  /** The run's, absolute. */
  readonly folder: string;
  /** Name of the backend. */
  readonly backend: string;
  /** The adapter or processor, for people. */
  readonly device: string;
  /** Threads or processes that compute together, where more than one. */
  readonly ranks?: number;
  /** How activations are stored, where not in float32. */
  readonly precision?: "f16";
  /** Ids, in order. */
  readonly stages: readonly string[];
  /** Options that stages left to the device, by stage and path; those that left any. */
  readonly chosen?: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/**
 * A stage began, finished, was skipped because its inputs had not changed, was left out because others were asked for, or its earlier
 * result was set aside.
 */
export interface StageEvent {
  /** The stage's id. */
  readonly stage: string;
  /** What it runs. */
  readonly plugin: string;
  /** What becomes of it. */
  readonly state: "begin" | "finished" | "skipped" | "left out" | "set aside";
  /**
   * Why its earlier result was set aside: its inputs changed, the stage was asked for again, or its `stage.json` is missing or
   * damaged.
   */
  readonly why?: "changed" | "asked" | "damaged";
  /** The file of a plugin that changed, where that is why: relative to the recipe's folder, or absolute. */
  readonly file?: string;
  /** Seconds, when finished. */
  readonly seconds?: number;
}

/** Progress of long work that is not training: images inferred, masks scored. */
export interface ProgressEvent {
  /** The stage's id. */
  readonly stage: string;
  /** How many are finished. */
  readonly done: number;
  /** How many there are. */
  readonly total: number;
  /** Of what, such as `images`. */
  readonly unit: string;
}

/** A warning: a damaged checkpoint was skipped, a file is written again. */
export interface NoteEvent {
  /** The stage's id. */
  readonly stage: string;
  /** One line, lower case, without a full stop. */
  readonly text: string;
}

/** One optimizer step. */
export interface StepEvent {
  /** The stage's id. */
  readonly stage: string;
  /** From 1: how many steps are done. */
  readonly step: number;
  /** Steps until the training stops: of the whole schedule, or `maxSteps`. */
  readonly totalSteps: number;
  /** From 1. */
  readonly epoch: number;
  /** `loss` is the weighted total; the others by the name the recipe gives, unweighted. */
  readonly losses: Readonly<Record<string, number>>;
  /** Learning rate of each parameter group. */
  readonly rates: readonly number[];
  /** Samples a second over the step. */
  readonly samplesPerSecond: number;
}

/** A part of an optimizer step begins or ends; phases nest. */
export interface PhaseEvent {
  /** The stage's id. */
  readonly stage: string;
  /** `data`, `forward`, `backward`, `wait` and `sum` (over ranks), `optimizer`, `device` (waiting for it) or `checkpoint`. */
  readonly name: string;
  /** What it does now. */
  readonly state: "begin" | "end";
}

/** One epoch finished. */
export interface EpochEvent {
  /** The stage's id. */
  readonly stage: string;
  /** From 1. */
  readonly epoch: number;
  /** How many there will be. */
  readonly epochs: number;
  /** Means of the epoch's losses. */
  readonly losses: Readonly<Record<string, number>>;
}

/** A network that trains was scored on images that it does not learn from. */
export interface ValidationEvent {
  /** The stage's id. */
  readonly stage: string;
  /** Optimizer steps done. */
  readonly step: number;
  /** From 1. */
  readonly epoch: number;
  /** What was scored. */
  readonly split: string;
  /** Headline numbers of the metrics, such as `map` in percent. */
  readonly scores: Readonly<Record<string, number>>;
  /** Whether the weights are the best so far. */
  readonly isBest: boolean;
}

/** A stage wrote its artifact into the run folder. */
export interface ArtifactEvent {
  /** The stage's id. */
  readonly stage: string;
  /** The artifact's. */
  readonly kind: string;
  /** Path relative to the run folder. */
  readonly path: string;
  /** The scores, of an evaluation. */
  readonly table?: Table;
}

/** Contract of kind `observer`: closed set of hooks; a rejected promise or a throw stops the run. */
export interface Observer {
  /** Called before the run folder is created; throws where options do not fit the recipe. */
  check?(event: RunPlanned): void | Promise<void>;
  /** The run begins. */
  start?(event: RunStarted): void | Promise<void>;
  /** A stage begins, ends or is passed over. */
  stage?(event: StageEvent): void | Promise<void>;
  /** Something to know. */
  note?(event: NoteEvent): void | Promise<void>;
  /** Part of a stage is done. */
  progress?(event: ProgressEvent): void | Promise<void>;
  /** An optimizer step is done. */
  step?(event: StepEvent): void | Promise<void>;
  /** A part of a step begins or ends; called on the spot and not waited for. */
  phase?(event: PhaseEvent): void;
  /** An epoch is done. */
  epoch?(event: EpochEvent): void | Promise<void>;
  /** A network that trains was scored. */
  validation?(event: ValidationEvent): void | Promise<void>;
  /** A stage left something. */
  artifact?(event: ArtifactEvent): void | Promise<void>;
  /** The run is done. */
  end?(event: { readonly seconds: number }): void | Promise<void>;
  /** The run failed. */
  error?(event: { readonly error: unknown }): void | Promise<void>;
}
