import type { StateDict } from "../../../core/contracts/state_dict.ts";
import type { ParamSpec } from "../../../core/contracts/params.ts";
import { torchShape } from "../../wsss/parameters/layout.ts";
import type { Program, Step } from "./program.ts";

/** Functions of one or two tensors, by the operation's name. */
const FUNCTIONS: Readonly<Record<string, string>> = {
  relu: "F.relu",
  relu6: "F.relu6",
  elu: "F.elu",
  abs: "torch.abs",
  neg: "torch.neg",
  exp: "torch.exp",
  log: "torch.log",
  erf: "torch.erf",
  sqrt: "torch.sqrt",
  rsqrt: "torch.rsqrt",
  square: "torch.square",
  sigmoid: "torch.sigmoid",
  tanh: "torch.tanh",
  maximum: "torch.maximum",
  minimum: "torch.minimum",
};

const OPERATORS: Readonly<Record<string, string>> = {
  add: "+",
  sub: "-",
  mul: "*",
  div: "/",
  equal: "==",
  matmul: "@",
};

const REDUCTIONS: Readonly<Record<string, string>> = {
  sum: "sum",
  mean: "mean",
  max: "amax",
  min: "amin",
};

const list = (values: unknown) => `[${(values as readonly number[]).join(", ")}]`;

/** A size that is the same on both axes as one number. */
function sides(values: readonly number[]): string {
  return values[0] === values[1] ? String(values[0]) : `(${values.join(", ")})`;
}

/** Padding that PyTorch's layers can do themselves, and what has to be done before. */
function padding(
  x: string,
  [top, left, bottom, right]: readonly number[],
  value: string,
): { readonly x: string; readonly pad: string } {
  if (top === bottom && left === right) {
    return { x, pad: top === 0 && left === 0 ? "" : `, padding=${sides([top!, left!])}` };
  }
  return { x: `F.pad(${x}, (${left}, ${right}, ${top}, ${bottom})${value})`, pad: "" };
}

/** The expression that computes a step. */
function expression(
  { op, inputs, attributes }: Step,
  name: (input: string, op: string) => string,
): string {
  const args = inputs.map((input) => name(input, op));
  const [x, y] = args as [string, string];
  const given = (key: string) => attributes[key] as readonly number[];
  if (Object.hasOwn(FUNCTIONS, op)) return `${FUNCTIONS[op]}(${args.join(", ")})`;
  if (Object.hasOwn(OPERATORS, op)) return `${x} ${OPERATORS[op]} ${y}`;
  if (Object.hasOwn(REDUCTIONS, op)) {
    const keep = attributes["keep"] === 1 ? ", keepdim=True" : "";
    return `${x}.${REDUCTIONS[op]}(${list(attributes["axes"])}${keep})`;
  }
  const option = (key: string, usual: string, text: string) =>
    text === usual ? "" : `, ${key}=${text}`;
  switch (op) {
    case "conv": {
      const padded = padding(x, given("pads"), "");
      return `F.conv2d(${padded.x}, ${y}${option("stride", "1", sides(given("strides")))}` +
        `${padded.pad}${option("dilation", "1", sides(given("dilations")))}` +
        `${option("groups", "1", String(attributes["groups"]))})`;
    }
    case "max-pool": {
      const { x: padded, pad } = padding(x, given("pads"), ', value=float("-inf")');
      return `F.max_pool2d(${padded}, ${sides(given("kernel"))}, ${sides(given("strides"))}${pad})`;
    }
    case "average-pool": {
      const { x: padded, pad } = padding(x, given("pads"), "");
      const counted = pad === "" ? "" : ", count_include_pad=False";
      return `F.avg_pool2d(${padded}, ${sides(given("kernel"))}, ${
        sides(given("strides"))
      }${pad}${counted})`;
    }
    case "batch-norm": {
      const [, scale, offset, mean, variance] = args;
      return `F.batch_norm(${x}, ${mean}, ${variance}, ${scale}, ${offset}, eps=${
        attributes["epsilon"]
      })`;
    }
    case "identity":
      return x;
    case "float":
      return `${x}.float()`;
    case "softmax":
      return `${x}.softmax(-1)`;
    case "transpose":
      return `${x}.permute(${list(attributes["perm"]).slice(1, -1)})`;
    case "reshape":
      return `${x}.reshape(${list(attributes["shape"])})`;
    case "tile":
      return `${x}.repeat(${list(attributes["repeats"])})`;
    case "concat":
      return `torch.cat([${args.join(", ")}], ${attributes["axis"]})`;
    case "slice": {
      const ends = given("ends");
      return `${x}[${given("starts").map((start, i) => `${start}:${ends[i]}`).join(", ")}]`;
    }
    case "split":
      return `${x}.split(${list(attributes["sizes"])}, ${attributes["axis"]})`;
  }
  throw new Error(`No PyTorch function is known for ${op}`);
}

/** Constants with more elements stand in the weights file, not in the text. */
const INLINE = 16;

/**
 * Constants that the weights file holds beside the parameters.
 *
 * @param program the network
 * @returns the arrays, by the names that they have there
 */
export function storedConstants({ constants }: Program): StateDict {
  return new Map(
    [...constants].filter(([, { values }]) => values.length > INLINE).map(([name, constant]) => [
      `constants.${name}`,
      { dtype: "F32", shape: constant.shape, data: Float32Array.from(constant.values) },
    ]),
  );
}

/** What the file says of the network. */
export interface TorchModel {
  readonly program: Program;
  readonly params: readonly ParamSpec[];
  /** Of the image, `[1,3,H,W]`. */
  readonly image: readonly number[];
  /** Lines about it, for the head of the file. */
  readonly about: readonly string[];
  /** Name of the weights file beside it. */
  readonly weights: string;
}

const LOADER = `
def load(path=pathlib.Path(__file__).with_name(WEIGHTS)):
    """The network with the weights of a safetensors file, ready for inference."""
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = file.read()
    state = {}
    for name, entry in header.items():
        if name in SHAPES:
            begin, end = entry["data_offsets"]
            values = numpy.frombuffer(data[begin:end], "<f4").reshape(entry["shape"])
            state[name] = torch.from_numpy(values.copy())
    network = Network()
    network.load_state_dict(state)
    return network.eval()
`;

/**
 * Writes a network as a module for PyTorch: parameters by their names, inference as a list of calls.
 *
 * @param model the network
 * @returns Python
 */
export function torchModule({ program, params, image, about, weights }: TorchModel): string {
  const known = new Map(params.map((spec) => [spec.name, spec]));
  const used = new Set(program.steps.flatMap(({ inputs }) => inputs));
  const stored = storedConstants(program);
  const shapes: readonly (readonly [string, readonly number[]])[] = [
    ...params.filter(({ name }) => used.has(name)).map((spec) =>
      [spec.name, torchShape(spec)] as const
    ),
    ...[...stored].map(([name, { shape }]) => [name, shape] as const),
  ];
  const name = (input: string, op: string) => {
    if (known.has(input)) return `p[${JSON.stringify(input)}]`;
    if (stored.has(`constants.${input}`)) return `p["constants.${input}"]`;
    const constant = program.constants.get(input);
    if (!constant) return input;
    const { shape, values } = constant;
    if (shape.length === 0 && Object.hasOwn(OPERATORS, op)) return String(values[0]);
    return `image.new_tensor(${list(values)}).reshape(${list(shape)})`;
  };
  const lines: string[] = [];
  let part = "";
  for (const step of program.steps) {
    const param = step.inputs.find((input) => known.has(input));
    const next = param?.split(".").slice(0, -1).join(".") ?? part;
    if (next !== part) lines.push(`# ${part = next}`);
    lines.push(`${step.outputs.join(", ")} = ${expression(step, name)}`);
  }
  const outputs = Object.entries(program.outputs)
    .map(([key, { name }]) => `${JSON.stringify(key)}: ${name}`).join(", ");
  const buffers = shapes.map(([name]) => name)
    .filter((name) => known.get(name)?.role === "buffer" || stored.has(name));
  return `"""${about.join("\n")}
"""
import json
import pathlib
import struct

import numpy
import torch
import torch.nn.functional as F

WEIGHTS = ${JSON.stringify(weights)}

# Parameters by name; constants.* are matrices of interpolations.
SHAPES = {
${shapes.map(([name, shape]) => `    ${JSON.stringify(name)}: ${list(shape)},`).join("\n")}
}

# Running statistics and constants: no gradients.
BUFFERS = {${buffers.map((each) => JSON.stringify(each)).join(", ")}}


class Network(torch.nn.Module):
    """image [${
    image.join(", ")
  }], normalised -> dict of outputs; maps are channels first, channel 0 of a CAM is the background."""

    def __init__(self):
        super().__init__()
        for name, shape in SHAPES.items():
            *path, last = name.split(".")
            module = self
            for part in path:
                if part not in module._modules:
                    module.add_module(part, torch.nn.Module())
                module = module._modules[part]
            if name in BUFFERS:
                module.register_buffer(last, torch.zeros(shape))
            else:
                module.register_parameter(last, torch.nn.Parameter(torch.zeros(shape)))

    def forward(self, image):
        p = {**dict(self.named_parameters()), **dict(self.named_buffers())}
${lines.map((line) => `        ${line}`).join("\n")}
        return {${outputs}}

${LOADER}`;
}
