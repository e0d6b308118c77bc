import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { readCams } from "../../../plugins/wsss/cams/cam_store.ts";
import { network, refusing, runScene, withFolder } from "../stages/scene.ts";

const SPLIT = "val[0:3]";
const NAMES = ["mini_0600", "mini_0601", "mini_0602"];

const advcam = (options: Record<string, unknown> = {}) => ({
  id: "cams",
  run: "infer-advcam",
  from: "net",
  split: SPLIT,
  scales: [0.5, 1],
  iterations: 3,
  ...options,
});

Deno.test("infer-advcam stores CAMs of the labelled classes, which differ from those of an image that is not climbed", async () => {
  await withFolder(async (folder) => {
    const stages = [network("net", "seam"), advcam(), advcam({ id: "once", iterations: 1 })];
    const { artifacts } = await runScene(folder, [
      ...stages,
      { id: "masks", run: "refine", from: "cams", refinements: ["threshold"] },
    ]);
    const { kind, info } = artifacts.get("cams")!;
    assertEquals([kind, info["output"], info["save"]], ["cams", "cam", ["cams"]]);
    for (const name of NAMES) {
      const { cams, scores } = await readCams(`${folder}/cams/cams`, name);
      const once = (await readCams(`${folder}/once/cams`, name)).cams!;
      assertEquals([cams?.width, cams?.height, scores], [32, 32, undefined]);
      assert(cams!.maps.size > 0);
      for (const [c, map] of cams!.maps) {
        assert(map.every((value) => value >= 0 && value <= 1));
        assertNotEquals(map, once.maps.get(c));
      }
    }
  });
});

Deno.test("infer-advcam, killed between images, continues and ends with the same files, to the bit", async () => {
  await withFolder(async (folder) => {
    const stages = [network("net", "cam"), advcam()];
    const progress = ({ done }: { readonly done: number }) => {
      if (done === 2) throw new Error("killed");
    };
    await assertRejects(
      () => runScene(folder, stages, { observer: { progress } }),
      Error,
      "killed",
    );
    await runScene(folder, stages);
    await withFolder(async (whole) => {
      await runScene(whole, stages);
      for (const name of NAMES) {
        assertEquals(
          await Deno.readFile(`${folder}/cams/cams/${name}.safetensors`),
          await Deno.readFile(`${whole}/cams/cams/${name}.safetensors`),
          name,
        );
      }
    });
  });
});

Deno.test("infer-advcam refuses bad options, an output that is not there, and scores that it does not keep", async () => {
  await withFolder(async (folder) => {
    const refuse = refusing(folder, {});
    const net = network("net", "cam");
    for (
      const [options, message] of [
        [{ iterations: 0 }, "iterations"],
        [{ stepSize: 0 }, "stepSize"],
        [{ regularize: -1 }, "regularize"],
        [{ threshold: 1 }, "threshold"],
        [{ scales: [] }, "scales"],
        [{ flip: false }, 'unknown key "flip"'],
      ] as const
    ) {
      await refuse([net, advcam(options)], TypeError, message);
    }
    await refuse(
      [net, advcam({ output: "cam_rv" })],
      RangeError,
      'Cannot plan stage cams: stage "net" has no output cam_rv; its head gives cam',
    );
    await refuse(
      [net, advcam(), { id: "map", run: "evaluate", from: "cams", metric: "multilabel" }],
      TypeError,
      "scores",
    );
    assertEquals([...Deno.readDirSync(folder)], []);
  });
});
