import { removeTemporaries } from "../../../core/run/atomic.ts";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { readCams } from "../../../plugins/wsss/cams/cam_store.ts";
import { isUserError } from "../../../core/errors.ts";
import { network, runScene, withFolder } from "./scene.ts";

const SPLIT = "val[0:6]";
const NAMES = Array.from({ length: 6 }, (_, i) => `mini_${600 + i}`.replace("_6", "_06"));

const infer = { id: "cams", run: "infer", from: "net", split: SPLIT, scales: [0.5, 1] };

function filesOf(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

Deno.test("infer stores the CAMs of every image's labelled classes, and the scores of all", async () => {
  await withFolder(async (folder) => {
    const { artifacts, announced } = await runScene(folder, [network("net", "seam"), infer]);
    const { kind, info } = artifacts.get("cams")!;
    assertEquals(kind, "cams");
    assertEquals(
      [info["output"], info["checkpoint"], info["images"], info["split"]],
      ["cam_rv", "net", 6, SPLIT],
    );
    assertEquals(announced, [{ stage: "cams", kind: "cams", path: "stages/cams/cams" }]);
    assertEquals(
      filesOf(`${folder}/cams/cams`),
      NAMES.map((name) => `${name}.safetensors`),
    );
    let classes = 0;
    for (const name of NAMES) {
      const { cams, scores } = await readCams(`${folder}/cams/cams`, name);
      assertEquals([cams?.width, cams?.height, scores?.length], [32, 32, 6]);
      classes += cams!.maps.size;
      for (const map of cams!.maps.values()) {
        assert(map.every((value) => value <= 1) && Math.max(...map) > 0.99);
      }
    }
    assert(classes >= 6, "every picture has a class");
  });
});

Deno.test("infer takes cam where the head has no cam_rv, reduces large images, and keeps what it is told", async () => {
  await withFolder(async (folder) => {
    const { artifacts } = await runScene(folder, [
      network("net", "cam"),
      { ...infer, longSide: 20, save: ["cams"] },
    ]);
    assertEquals(artifacts.get("cams")!.info["output"], "cam");
    const { cams, scores } = await readCams(`${folder}/cams/cams`, NAMES[0]!);
    assertEquals([cams?.width, cams?.height, scores], [20, 20, undefined]);
  });
});

Deno.test("infer, killed between images, continues with the missing ones and ends with the same files", async () => {
  await withFolder(async (folder) => {
    const stages = [network("net", "cam"), infer];
    const kill = {
      progress: ({ done }: { readonly done: number }) => {
        if (done === 3) throw new Error("killed");
      },
    };
    await assertRejects(() => runScene(folder, stages, { observer: kill }), Error, "killed");
    const stored = `${folder}/cams/cams`;
    assertEquals(filesOf(stored).length, 3);
    // What a kill in the middle of a write leaves.
    await Deno.writeTextFile(`${stored}/${NAMES[3]}.safetensors.0123abcd.tmp`, "half");
    const first = await Deno.stat(`${stored}/${NAMES[0]}.safetensors`);
    const counts: number[] = [];
    await runScene(folder, stages, {
      observer: { progress: ({ done }) => void counts.push(done) },
    });
    assertEquals(counts, [3, 4, 5, 6]);
    // The stage takes it for no CAM; a run removes it as it opens its folder.
    await removeTemporaries(stored);
    assertEquals((await Deno.stat(`${stored}/${NAMES[0]}.safetensors`)).mtime, first.mtime);
    assertEquals(filesOf(stored), NAMES.map((name) => `${name}.safetensors`));
    await withFolder(async (whole) => {
      await runScene(whole, stages);
      for (const name of filesOf(stored)) {
        assertEquals(
          await Deno.readFile(`${stored}/${name}`),
          await Deno.readFile(`${whole}/cams/cams/${name}`),
          name,
        );
      }
    });
  });
});

Deno.test("infer refuses an output that the head will not have, before anything runs", async () => {
  await withFolder(async (folder) => {
    const error = await assertRejects(
      () => runScene(folder, [network("net", "cam"), { ...infer, output: "cam_rv" }]),
      RangeError,
      'Cannot plan stage cams: stage "net" has no output cam_rv; its head gives cam',
    );
    assert(isUserError(error));
    assertEquals(filesOf(folder), []);
  });
});

Deno.test("infer refuses a stage that leaves no checkpoint, and one that does not exist", async () => {
  await withFolder(async (folder) => {
    const wrong = [network("net", "cam"), infer, { ...infer, id: "again", from: "cams" }];
    await assertRejects(
      () => runScene(folder, wrong),
      TypeError,
      'Cannot plan stage again: it reads checkpoint from stage "cams", which runs infer and gives cams',
    );
    await assertRejects(
      () => runScene(folder, [network("net", "cam"), { ...infer, from: "ned" }]),
      RangeError,
      'no earlier stage "ned" (did you mean "net"?)',
    );
  });
});
