import type * as tf from "@tensorflow/tfjs";
import type { Network } from "./network.ts";
import type { ForwardContext } from "./forward_context.ts";
import type { TapSpec } from "./backbone.ts";
import type { Outputs } from "./head.ts";
import type { StagePlan } from "./stage.ts";
import type { MicroStanding, TrainingPart } from "./training_part.ts";
import type { DrawnView } from "./view.ts";

/** One micro-batch on the backend. */
export interface TensorBatch {
  /** `[N,H,W,3]` float32, normalised. */
  readonly image: tf.Tensor4D;
  /**
   * Target name → tensor; always `label`, `[N,C]` float32 in {0,1}; `mask` where the data set gives it, `[N,H,W]` int32, 255 ignored; its extra
   * maps by name, `[N,H,W,K]` float32.
   */
  readonly targets: Readonly<Record<string, tf.Tensor>>;
}

/** What a loss is computed from. */
export interface LossInput {
  /** The batch's targets, and those that the method adds. */
  readonly targets: Readonly<Record<string, tf.Tensor>>;
  /** Head outputs of each view, raw scores. */
  readonly views: readonly Outputs[];
  /**
   * For two-view methods, outputs that may be compared position by position: `first` = A(max_norm(view 0)) · label, `second` =
   * max_norm(view 1) · label, `[N,h,w,1+C]` in 0..1, channel 0 the background's own normalised score. SEAM eq. 5.
   */
  readonly pair?: { readonly first: Outputs; readonly second: Outputs };
  /** A, by which the second view was made of the first. */
  readonly view?: DrawnView;
  /** What else the method says that it provides, by name. */
  readonly provided?: Readonly<Record<string, tf.Tensor>>;
}

/** What a method gets for one micro-batch. */
export interface StepContext extends MicroStanding {
  /** The network that trains. */
  readonly model: Network;
  /** Returns the forward context of view `view`; dropout differs from view to view and is drawn per sample. */
  context(view: number): ForwardContext;
}

/** A training that is planned and has not begun. */
export interface PlannedTraining {
  /** The stage. */
  readonly id: string;
  /** The backbone's, by depth. */
  readonly taps: readonly TapSpec[];
  /** Id of the earlier stage whose masks are learned from; without it, masks are the data set's. */
  readonly masks?: string;
  /** What that stage, or another, says that it will leave; see {@linkcode StagePlan.earlier}. */
  readonly earlier: StagePlan["earlier"];
  /** Size of the network's input, as one image of the split has it behind the transforms. Reads that image. */
  inputSize(): Promise<{ readonly width: number; readonly height: number }>;
}

/** Contract of kind `method`: one training step, batch → views → outputs. */
export interface Method extends TrainingPart {
  /** What it adds to {@linkcode LossInput} beyond `views`: `pair`, `view`, and any names of `provided`. */
  readonly provides: readonly string[];
  /** What it learns from besides image labels, `mask` or maps of the data set by name; the data set must have it. */
  readonly targets?: readonly string[];
  /** Head outputs that it cannot do without. */
  readonly needs: readonly string[];
  /** Fails before the run starts where it could not learn so. */
  check?(training: PlannedTraining): Promise<void>;
  /** Runs the network on the views of a micro-batch. */
  step(batch: TensorBatch, context: StepContext): LossInput;
}
