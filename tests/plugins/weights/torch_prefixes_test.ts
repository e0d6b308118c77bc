import { assert, assertEquals, assertRejects } from "@std/assert";
import { isUserError } from "../../../core/errors.ts";
import { torchShape } from "../../../plugins/wsss/parameters/layout.ts";
import { Registry } from "../../../core/registry/registry.ts";
import { readSafetensors } from "../../../plugins/formats/safetensors.ts";
import { plugins } from "../../../plugins/mod.ts";
import { runScene, withFolder } from "../stages/scene.ts";
import { archive, object, sizes, tensor } from "./torch_pickle.ts";

const registry = new Registry(plugins);
const BACKBONE = { use: "resnet38", width: 1 };
const HEAD = { use: "deeplabv1", channels: 2, dilation: 2 };
const CLASSES = 6;

/** Names that semantic-segmentation-codebase gives a network, `lib/net/deeplabv1.py` around `lib/net/backbone/resnet38d.py`. */
const THEIRS = [
  "backbone.conv1a.weight",
  "backbone.b2.bn_branch2b1.running_mean",
  "backbone.b4_1.conv_branch2a.weight",
  "backbone.b6.conv_branch2b2.weight",
  "backbone.b7.bn_branch2b2.running_var",
  "backbone.bn7.bias",
  "conv_fov.weight",
  "bn_fov.running_var",
  "conv_fov2.weight",
  "bn_fov2.weight",
  "cls_conv.weight",
  "cls_conv.bias",
];

/** A file of `torch.save` that holds float32 arrays of some shapes, each of one number: 1, 2, … */
function saved(shapes: readonly (readonly [string, readonly number[]])[]): Uint8Array {
  const storages: Record<string, Float32Array> = {};
  const entries = shapes.map(([name, shape], i) => {
    const length = shape.reduce((product, size) => product * size, 1);
    const strides = shape.map((_, d) => shape.slice(d + 1).reduce((a, b) => a * b, 1));
    storages[i] = new Float32Array(length).fill(1 + i);
    const key = String(i);
    return [
      name,
      tensor({ key, length, shape: sizes(...shape), strides: sizes(...strides) }),
    ] as const;
  });
  return archive(object(Object.fromEntries(entries)), storages);
}

/** Every parameter of the authors' network at a sixty-fourth of its width, and a batch norm's counter. */
async function retrained(): Promise<[string, readonly number[]][]> {
  const { taps, params } = await registry.create("backbone", BACKBONE, undefined);
  const head = await registry.create("head", HEAD, { taps, classes: CLASSES });
  return [
    ...params.map((spec): [string, readonly number[]] => [
      `backbone.${spec.name}`,
      torchShape(spec),
    ]),
    ...head.params.map((spec): [string, readonly number[]] => [spec.name, torchShape(spec)]),
    ["backbone.bn7.num_batches_tracked", [1]],
  ];
}

const imported = (file: string, options: Record<string, unknown>) => ({
  id: "net",
  run: "import-checkpoint",
  split: "val",
  backbone: BACKBONE,
  head: HEAD,
  weights: { use: "torch", file, ...options },
});

Deno.test("a network that the authors' codebase retrained is taken without the prefix of its backbone", async () => {
  await withFolder(async (folder) => {
    const shapes = await retrained();
    const names = shapes.map(([name]) => name);
    assertEquals(THEIRS.filter((name) => !names.includes(name)), []);
    const file = `${folder}/deeplabv1_resnet38.pth`;
    await Deno.writeFile(file, saved(shapes));
    const { artifacts } = await runScene(`${folder}/run`, [
      imported(file, { prefixes: ["backbone."] }),
    ]);
    const { info } = artifacts.get("net")!;
    const { tensors } = await readSafetensors(`${folder}/run/net/${info["weights"]}`);
    assertEquals(tensors.size, shapes.length - 1);
    for (const [i, [name]] of shapes.slice(0, -1).entries()) {
      const { data } = tensors.get(name.replace(/^backbone\./, ""))!;
      assert(data.every((value) => value === 1 + i), name);
    }
    const error = await assertRejects(
      () => runScene(`${folder}/other`, [imported(file, {})]),
      RangeError,
      '191 of the 191 parameters that it lacks are in it under names that begin with "backbone."; option prefixes takes it off: prefixes: [backbone.]',
    );
    assert(isUserError(error));
  });
});

Deno.test("prefixes are taken off one after the other, names without them stay, and two that become one are refused", async () => {
  await withFolder(async (folder) => {
    const open = async (names: readonly string[], prefixes: readonly string[]) => {
      await Deno.writeFile(`${folder}/w.pth`, saved(names.map((name) => [name, [1]])));
      const use = { use: "torch", file: "w.pth", prefixes };
      return await registry.create("weights", use, { base: folder });
    };
    const names = ["module.backbone.a", "module.b", "module.backbone.module.c"];
    const weights = await open(names, ["module.", "backbone."]);
    assertEquals([...(await weights.read()).keys()], ["a", "b", "module.c"]);
    assertEquals([...(await weights.shapes!())!.keys()], ["a", "b", "module.c"]);
    assertEquals([...(await (await open(["a.x"], ["backbone."])).read()).keys()], ["a.x"]);
    const refused: [readonly string[], string][] = [
      [["backbone.x", "x"], 'without backbone. "backbone.x" and "x" both are "x"'],
    ];
    for (const [names, message] of refused) {
      const weights = await open(names, ["backbone."]);
      const error = await assertRejects(() => weights.check(), SyntaxError, message);
      assert(isUserError(error), "a trace would be printed");
    }
  });
});
