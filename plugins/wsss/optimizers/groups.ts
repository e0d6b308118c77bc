import type * as tf from "@tensorflow/tfjs";
import * as z from "zod";
import { userError } from "../../../core/errors.ts";
import { matchesAny } from "../parameters/glob.ts";
import type { Params, ParamSpec } from "../../../core/contracts/params.ts";

/** Schema of one of the groups. */
export type Group = z.ZodObject<{
  match: z.ZodOptional<z.ZodArray<z.ZodString>>;
  pretrained: z.ZodOptional<z.ZodBoolean>;
  role: z.ZodOptional<z.ZodEnum<{ weight: "weight"; bias: "bias" }>>;
  lr: z.ZodDefault<z.ZodNumber>;
  weightDecay: z.ZodOptional<z.ZodNumber>;
}, z.core.$strict>;

const group: Group = z.strictObject({
  match: z.array(z.string()).optional().describe("Names, * for any text; all where left out"),
  pretrained: z.boolean().optional().describe(
    "Only parameters that do, or do not, come from pretraining",
  ),
  role: z.enum(["weight", "bias"]).optional().describe("Only weights, or only biases"),
  lr: z.number().min(0).default(1).describe("Factor on the optimizer's learning rate"),
  weightDecay: z.number().min(0).optional().describe("Instead of the optimizer's"),
});

/** Options that every optimizer has for its parameter groups. */
export const groupOptions: {
  weightDecay: z.ZodDefault<z.ZodNumber>;
  groups: z.ZodDefault<z.ZodArray<Group>>;
} = {
  weightDecay: z.number().min(0).default(0)
    .describe("L2 penalty's factor; on weights only, biases have none unless a group says so"),
  groups: z.array(group).default([])
    .describe("Parameters with a learning rate or weight decay of their own; the first match wins"),
};

/** A trainable parameter and how it is updated. */
export interface Grouped {
  /** As in PyTorch. */
  readonly name: string;
  /** Its value. */
  readonly variable: tf.Variable;
  /** Factor on the optimizer's learning rate. */
  readonly rate: number;
  /** Factor of the L2 penalty, or of decoupled decay. */
  readonly weightDecay: number;
}

/** The trainable parameters of a network, with their groups' settings. */
export interface Groups {
  /** Every one of them. */
  readonly params: readonly Grouped[];
  /** Learning-rate factor of each group that has parameters, in the recipe's order; what no group matches comes last. */
  readonly rates: readonly number[];
}

/**
 * Sorts a network's trainable parameters into groups.
 *
 * @param params the network's parameters
 * @param options the optimizer's weight decay and groups
 * @returns every trainable parameter, in the network's order
 * @throws {RangeError} where a group's names match no trainable parameter
 */
export function groupParams(
  params: Params,
  options: z.output<z.ZodObject<typeof groupOptions>>,
): Groups {
  const specs = params.trainable();
  options.groups.forEach(({ match }, i) => {
    if (match && !specs.some((spec) => matchesAny(spec.name, match))) {
      throw userError(
        new RangeError(
          `Cannot apply groups[${i}] of the optimizer: no trainable parameter matches ${
            match.join(", ")
          }`,
        ),
      );
    }
  });
  const used = new Map<number, number>();
  const grouped = specs.map((spec): Grouped => {
    const found = options.groups.findIndex((group) => belongs(spec, group));
    const index = found < 0 ? options.groups.length : found;
    const { lr = 1, weightDecay } = options.groups[index] ?? {};
    used.set(index, lr);
    return {
      name: spec.name,
      variable: params.get(spec.name),
      rate: lr,
      weightDecay: weightDecay ?? (spec.role === "weight" ? options.weightDecay : 0),
    };
  });
  const rates = [...used].toSorted(([a], [b]) => a - b).map(([, rate]) => rate);
  return { params: grouped, rates };
}

function belongs(spec: ParamSpec, { match, pretrained, role }: z.output<typeof group>): boolean {
  return (match === undefined || matchesAny(spec.name, match)) &&
    (pretrained === undefined || pretrained === spec.pretrained) &&
    (role === undefined || role === spec.role);
}
