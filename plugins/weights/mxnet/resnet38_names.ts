/** What PyTorch calls the parameters of a batch norm. */
const BATCH_NORM: Readonly<Record<string, string>> = {
  gamma: "weight",
  beta: "bias",
  moving_mean: "running_mean",
  moving_var: "running_var",
};

/** `res4b1_branch2a_weight`: stage 4, second block, layer 2a. */
const CONVOLUTION = /^res(\d)(a|b\d)_(branch\w+)_weight$/;
const NORM = /^bn(\d)(a|b\d)_(branch\w+)_(gamma|beta|moving_mean|moving_var)$/;
const LAST_NORM = /^bn7_(gamma|beta|moving_mean|moving_var)$/;
const OTHER = /^(conv1a|linear1000)_(weight|bias)$/;

/**
 * Translates a parameter's name in the ImageNet weights of ResNet38 (`ilsvrc-cls_rna-a1_cls1000_ep-0001.params`) as psa's
 * `network/resnet38d.py`, `convert_mxnet_to_torch`, does.
 *
 * @param name as stored, with or without MXNet's `arg:` and `aux:`
 * @returns PyTorch's name; any other name as it is, without `arg:` and `aux:`
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { resnet38Name } from "./resnet38_names.ts";
 * assertEquals(resnet38Name("arg:res4b1_branch2a_weight"), "b4_1.conv_branch2a.weight");
 * assertEquals(resnet38Name("aux:bn4a_branch2a_moving_var"), "b4.bn_branch2a.running_var");
 * assertEquals(resnet38Name("arg:linear1000_bias"), "linear1000.bias");
 * ```
 */
export function resnet38Name(name: string): string {
  const plain = name.replace(/^(arg|aux):/, "");
  const convolution = CONVOLUTION.exec(plain);
  if (convolution) return `${block(convolution)}.conv_${convolution[3]}.weight`;
  const norm = NORM.exec(plain);
  if (norm) return `${block(norm)}.bn_${norm[3]}.${BATCH_NORM[norm[4]!]}`;
  const last = LAST_NORM.exec(plain);
  if (last) return `bn7.${BATCH_NORM[last[1]!]}`;
  return plain.replace(OTHER, "$1.$2");
}

/** Block letter a is the stage's first, b1 the second: `b4`, `b4_1`. */
function block([, stage, letter]: RegExpExecArray): string {
  return letter === "a" ? `b${stage}` : `b${stage}_${letter!.slice(1)}`;
}
