import { assert, assertEquals } from "@std/assert";
import { readSafetensors } from "../../../plugins/formats/safetensors.ts";
import { network, refusing, runScene, withFolder } from "./scene.ts";

/** A training of one step that starts from an earlier stage's network and learns nothing. */
const train = (weights: Readonly<Record<string, unknown>>, head: unknown = "cam") => ({
  id: "more",
  run: "train",
  split: "train[0:4]",
  backbone: { use: "tiny", weights: { use: "stage", from: "first", ...weights } },
  head,
  method: "classification-cam",
  losses: ["classification"],
  optimizer: { use: "sgd", lr: 1e-30 },
  batch: { size: 4 },
  epochs: 1,
  workers: 0,
  transforms: ["normalize"],
});

async function tensorsOf(path: string) {
  return new Map(
    [...(await readSafetensors(path)).tensors].map((
      [name, { data }],
    ) => [name, [...data as Float32Array]]),
  );
}

Deno.test("a training starts from the whole network of an earlier stage, head included", async () => {
  await withFolder(async (folder) => {
    const { artifacts } = await runScene(folder, [network("first", "cam"), train({})]);
    const info = artifacts.get("more")!.info as { readonly weights: string };
    const found = await tensorsOf(`${folder}/more/${info.weights}`);
    const first = await tensorsOf(`${folder}/first/w.safetensors`);
    assertEquals([...found.keys()], [...first.keys()]);
    for (const [name, values] of first) {
      assert(found.get(name)!.every((value, i) => Math.abs(value - values[i]!) <= 1e-7), name);
    }
  });
});

Deno.test("a training from a stage with another head says what it leaves out and what is new", async () => {
  await withFolder(async (folder) => {
    const refused = refusing(folder, {});
    const heads = [network("first", "seam"), train({})];
    await refused(heads, RangeError, "f9.weight");
    await refused(
      [network("first", "cam"), train({}, { use: "seam", low: "t3", mid: "t4" })],
      RangeError,
      "f9.weight",
    );
    const { artifacts } = await runScene(folder, [
      network("first", "seam"),
      train({ allowExtra: ["f8_3.*", "f8_4.*", "f9.*"] }),
    ]);
    const info = artifacts.get("more")!.info as { readonly weights: string };
    const found = await tensorsOf(`${folder}/more/${info.weights}`);
    const first = await tensorsOf(`${folder}/first/w.safetensors`);
    assertEquals(found.get("fc8.weight"), first.get("fc8.weight"));
    assertEquals(found.has("f9.weight"), false);
  });
});

Deno.test("a training from a stage that is not there, or leaves no network, is refused", async () => {
  await withFolder(async (folder) => {
    const refused = refusing(folder, {});
    await refused([train({})], RangeError, '"first"');
    const cams = {
      id: "first",
      run: "infer",
      from: "net",
      split: "val[0:2]",
      scales: [1],
      flip: false,
    };
    await refused([network("net", "cam"), cams, train({})], TypeError, "checkpoint");
    const other = train({});
    const narrow = { ...other, backbone: { ...other.backbone, use: "resnet38", width: 1 } };
    await refused([network("first", "cam"), narrow], RangeError, "stage first");
  });
});
