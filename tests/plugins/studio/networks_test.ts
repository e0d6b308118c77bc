import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Registry } from "../../../core/registry/registry.ts";
import { Rng } from "../../../core/rng.ts";
import { writeAtomic } from "../../../core/run/atomic.ts";
import { networkPlugins } from "../../../plugins/browser/network_plugins.ts";
import { mini } from "../../../plugins/datasets/mini.ts";
import { encodeSafetensors } from "../../../plugins/formats/safetensors.ts";
import { BOUNDARY_WALK } from "../../../plugins/irn/boundary/boundary_walk.ts";
import { ops } from "../../../plugins/ops/list.ts";
import { writeResult } from "../../../plugins/stages/evaluate/write_table.ts";
import { respond } from "../../../plugins/studio/serve.ts";
import { Studio } from "../../../plugins/studio/studio.ts";
import { ParamStore } from "../../../plugins/wsss/parameters/param_store.ts";
import { inTempFolder } from "../../command.ts";
import { type Get, json, PORT } from "./studio_run.ts";

const registry = new Registry([...networkPlugins, mini]);
const TAPS = { low: "t3", mid: "t4", lowChannels: 4 };
const backbone = { use: "tiny", width: 4 };
const classes = ["cat", "dog"];

/** Checkpoints of a run, by stage: sound ones, and all that is wrong with others. */
const CHECKPOINTS = {
  seam: { backbone, head: { use: "seam", ...TAPS } },
  aff: { backbone, head: { use: "affinity", ...TAPS, midChannels: 4, deepChannels: 8 } },
  irn: { backbone, head: { use: "irn", width: 16 } },
  cam: { backbone, head: { use: "cam" } },
  own: { backbone: { use: "my-own" }, head: { use: "cam" } },
  out: { backbone, head: { use: "cam" }, weights: "../../../secret.safetensors" },
  gone: { backbone, head: { use: "cam" }, weights: "gone.safetensors" },
  text: { backbone, head: { use: "cam" }, weights: "text.safetensors" },
  other: {
    backbone,
    head: { use: "seam", ...TAPS, midChannels: 9 },
    weights: "of_cam.safetensors",
  },
} as const;

const STAGES = [
  { id: "cams", run: "infer", from: "seam", scales: [1], flip: false, longSide: 300 },
  {
    id: "walk",
    run: "refine",
    refinements: [{ use: "random-walk", from: "aff", beta: { from: "beta" }, logt: 2 }],
  },
  {
    id: "within",
    run: "refine",
    refinements: [{ use: "boundary-walk", from: "irn", radius: 3, logt: 2 }],
  },
  { id: "beta", run: "choose" },
];

async function weightsOf({ backbone, head }: { backbone: unknown; head: unknown }) {
  const trunk = await registry.create("backbone", backbone as never, { classes: 2 });
  const made = await registry.create("head", head as never, { taps: trunk.taps, classes: 2 });
  const params = ParamStore.create([...trunk.params, ...made.params], Rng.of(1));
  try {
    return encodeSafetensors(await params.toStateDict());
  } finally {
    params.dispose();
  }
}

interface Listed {
  readonly stage: string;
  readonly gives: Record<string, boolean>;
  readonly fault?: string;
  readonly settings?: Record<string, unknown>;
  readonly walk?: unknown;
  readonly boundaryWalk?: unknown;
}

/** Gives a test a studio of such a run. */
async function withNetworks(fn: (get: Get, folder: string) => Promise<void>): Promise<void> {
  await inTempFolder(async (folder) => {
    await (await registry.create("backend", { use: "cpu" }, undefined)).prepare(ops);
    const run = `${folder}/runs/nets`, ended = new AbortController();
    for (const [id, { backbone, head, ...more }] of Object.entries(CHECKPOINTS)) {
      await Deno.mkdir(`${run}/stages/${id}`, { recursive: true });
      const info = { weights: "w.safetensors", backbone, head, classes, ...more };
      const artifact = { kind: "checkpoint", info };
      await Deno.writeTextFile(
        `${run}/stages/${id}/stage.json`,
        JSON.stringify({ fingerprint: "", artifact }),
      );
      if (id === "own" || "weights" in more) continue;
      await Deno.writeFile(
        `${run}/stages/${id}/w.safetensors`,
        await weightsOf({ backbone, head }),
      );
    }
    await Deno.mkdir(`${run}/stages/beta`);
    await writeResult(`${run}/stages/beta`, {
      table: {
        title: "beta",
        columns: [],
        rows: [],
        summary: { "random-walk.beta": 3 },
        note: "chosen",
      },
      about: {
        ...{ stage: "beta", from: "cams", checkpoint: "seam", output: "cam_rv", split: "val" },
        images: 1,
        maskScale: 1,
      },
    }, writeAtomic);
    await Deno.writeTextFile(
      `${run}/stages/beta/stage.json`,
      JSON.stringify({ fingerprint: "", artifact: { kind: "table", info: {} } }),
    );
    await Deno.writeTextFile(`${run}/stages/text/text.safetensors`, "no tensors");
    const ofCam = await weightsOf(CHECKPOINTS.cam);
    await Deno.writeFile(`${run}/stages/other/of_cam.safetensors`, ofCam);
    await Deno.writeFile(`${folder}/runs/secret.safetensors`, ofCam);
    const stages = [...Object.keys(CHECKPOINTS).map((id) => ({ id, run: "train" })), ...STAGES];
    // JSON is YAML.
    await Deno.writeTextFile(`${run}/recipe.yaml`, JSON.stringify({ name: "nets", stages }));
    const studio = new Studio({ root: `${folder}/runs`, factory: registry, signal: ended.signal });
    try {
      await fn((path) => {
        const request = new Request(`http://127.0.0.1:${PORT}/${path}`, {
          headers: { host: `127.0.0.1:${PORT}` },
        });
        return respond(request, PORT, studio);
      }, run);
    } finally {
      ended.abort();
    }
  });
}

Deno.test("networks are listed with what they give, settings of the run, and why others cannot be used", async () => {
  await withNetworks(async (get) => {
    const { weights, networks } = await json<{ weights: boolean; networks: readonly Listed[] }>(
      get,
      "runs/nets/networks.json",
    );
    assertEquals(weights, true);
    assertEquals(networks.map(({ stage }) => stage), Object.keys(CHECKPOINTS));
    const [seam, aff, irn, cam, own, out, gone, text, other] = networks;
    assertEquals(seam!.gives, { cams: true, pcm: true, affinitynet: false, irn: false });
    assertEquals(aff!.gives, { cams: false, pcm: false, affinitynet: true, irn: false });
    assertEquals(irn!.gives, { cams: false, pcm: false, affinitynet: false, irn: true });
    assertEquals(cam!.gives, { cams: true, pcm: false, affinitynet: false, irn: false });
    assertEquals(seam!.settings, {
      scales: [1],
      flip: false,
      longSide: 300,
      output: "cam_rv",
      normalize: "min-max",
      alpha: 0.26,
    });
    assertEquals(aff!.settings!["longSide"], 300, "that of the CAMs that it refines");
    assertEquals([aff!.walk, seam!.walk], [{ beta: 3, logt: 2 }, { beta: 8, logt: 6 }]);
    assertEquals(irn!.boundaryWalk, { beta: 10, logt: 2, radius: 3 });
    const { stride: _, ...authors } = BOUNDARY_WALK;
    assertEquals(seam!.boundaryWalk, authors);
    for (
      const [listed, why] of [
        [own, "my-own"],
        [out, "not in its folder"],
        [gone, "gone.safetensors"],
        [text, "text.safetensors"],
        [other, "Cannot load of_cam.safetensors into the network"],
      ] as const
    ) {
      assertStringIncludes(listed!.fault!, `network of stage ${listed!.stage} cannot be used here`);
      assertStringIncludes(listed!.fault!, why);
      assertEquals(Object.values(listed!.gives), [false, false, false, false]);
    }
  });
});

Deno.test("weights are given as they are stored, and nothing outside of the run", async () => {
  await withNetworks(async (get, run) => {
    const response = await get("data/runs/nets/networks/0/weights.safetensors");
    assertEquals(response.headers.get("content-type"), "application/octet-stream");
    assertEquals(
      new Uint8Array(await response.arrayBuffer()),
      await Deno.readFile(`${run}/stages/seam/w.safetensors`),
    );
    assertEquals((await get("data/runs/nets/networks/99/weights.safetensors")).status, 404);
    for (const number of [4, 5, 6, 7]) {
      const refused = await get(`data/runs/nets/networks/${number}/weights.safetensors`);
      assertEquals(refused.status, 422);
      assert((await refused.text()).includes("cannot be used here"));
    }
  });
});
