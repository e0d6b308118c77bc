import { assert, assertEquals, assertMatch } from "@std/assert";
import { presentBackends } from "./backends.ts";
import { inTempFolder, runSeamstress } from "./command.ts";
import { loggedSteps } from "./logged.ts";

/** A loss whose device fails at its third call in the way that FAULT says. */
const PLUGIN = `
import * as tf from "@tensorflow/tfjs";
import { definePlugin } from "seamstress";
import * as z from "zod";

let calls = 0;
const faults = {
  memory: (backend) =>
    backend.device.dispatchEvent(
      new GPUUncapturedErrorEvent("uncapturederror", {
        cancelable: true,
        error: new GPUOutOfMemoryError("not enough memory left"),
      }),
    ),
  // Between two kernels: tfjs throws at the next buffer that it makes or reads.
  lost: (backend) => backend.device.destroy(),
  shader(backend) {
    const program = {
      variableNames: ["x"],
      outputShape: [8],
      uniforms: "",
      size: true,
      workgroupSize: [8, 1, 1],
      dispatchLayout: { x: [0] },
      dispatch: [1, 1, 1],
      variableComponents: [1],
      outputComponent: 1,
      shaderKey: "unclosed",
      getUserCode: () => "fn main(index : i32) { result[index] = (x[index]; }",
    };
    const x = tf.ones([8]);
    backend.disposeData(backend.runWebGPUProgram(program, [x], "float32").dataId);
    x.dispose();
  },
};

export const faulty = definePlugin({
  kind: "loss",
  name: "faulty",
  summary: "zero, on a device that fails",
  options: z.strictObject({}),
  create: () => ({
    needs: ["cam"],
    compute({ views }) {
      if (++calls === 3) faults[Deno.env.get("FAULT")]?.(tf.backend());
      return tf.tidy(() => views[0].cam.sum().mul(0));
    },
  }),
});
`;

const RECIPE = `
name: failing
backend: webgpu
plugins: [./faulty.js]
dataset: { use: mini, size: 16 }
observers: [jsonl]
stages:
  - id: train
    run: train
    split: "train[0:18]"
    backbone: tiny
    head: { use: cam, dropout: 0 }
    method: classification-cam
    losses: [classification, faulty]
    optimizer: { use: sgd, lr: 0.01 }
    batch: { size: 2 }
    workers: 0
    epochs: 1
    checkpointEvery: 1
    transforms: [normalize]
`;

/** What happens in one run after the other, and the steps done by then. */
const FAULTS = [
  {
    fault: "memory",
    says:
      /^error: Cannot go on training train in step 3 .+: The WebGPU device is out of memory \(not enough memory left\): lower batch\.micro/m,
    done: [1, 2],
  },
  {
    fault: "lost",
    says:
      /^error: Cannot go on training train in step 5 \(the last good checkpoint is of step 4, .+\): The WebGPU device was lost \(.+--resume; .* lower batch\.micro/m,
    done: [1, 2, 3, 4],
  },
  {
    fault: "shader",
    says: /Cannot compile shader unclosed, line \d+, for this WebGPU device; use "backend: wasm"/,
    done: [1, 2, 3, 4, 5, 6],
  },
];

const ignore = !presentBackends.includes("webgpu");

async function scene(
  fn: (
    run: (options: readonly string[], env: Record<string, string>) => ReturnType<
      typeof runSeamstress
    >,
    folder: string,
  ) => Promise<void>,
): Promise<void> {
  await inTempFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/faulty.js`, PLUGIN);
    await Deno.writeTextFile(`${folder}/r.yaml`, RECIPE);
    const args = ["run", `${folder}/r.yaml`, `--out=${folder}/run`];
    await fn((options, env) => runSeamstress([...args, ...options], { env }), folder);
  });
}

async function steps(folder: string): Promise<number[]> {
  return (await loggedSteps(`${folder}/run`)).map(({ step }) => step);
}

Deno.test({
  name: "a device that fails is said, and the run goes on from its last checkpoint",
  ignore,
  fn: () =>
    scene(async (run, folder) => {
      const resume: string[] = [];
      for (const { fault, says, done } of FAULTS) {
        const failed = await run(resume, { FAULT: fault });
        assertEquals(failed.code, 1);
        assertMatch(failed.err, says);
        assertEquals(await steps(folder), done);
        resume[0] = "--resume";
      }
      const resumed = await run(resume, { FAULT: "none" });
      assertEquals(resumed.code, 0, resumed.err);
      assertEquals(await steps(folder), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    }),
});

/** Loses the device after the second image of stage cams. */
const LOSER = `
import * as tf from "@tensorflow/tfjs";
import { definePlugin } from "seamstress";
import * as z from "zod";

export const loser = definePlugin({
  kind: "observer",
  name: "loser",
  summary: "loses the device",
  options: z.strictObject({}),
  create: () => ({
    progress({ stage, done }) {
      if (stage === "cams" && done === 2) tf.backend().device.destroy();
    },
  }),
});
`;

const INFERRING = `
name: inferring
backend: webgpu
plugins: [./loser.js]
dataset: { use: mini, size: 16 }
observers: [loser]
stages:
  - id: net
    run: train
    split: "train[0:2]"
    backbone: tiny
    head: { use: cam, dropout: 0 }
    method: classification-cam
    losses: [classification]
    optimizer: { use: sgd, lr: 0.01 }
    batch: { size: 2 }
    workers: 0
    epochs: 1
    transforms: [normalize]
  - { id: cams, run: infer, from: net, split: "val[0:4]", scales: [1], flip: false }
`;

Deno.test({
  name:
    "a device that is lost in another stage than a training is said, with what to do; the images so far stay",
  ignore,
  fn: () =>
    inTempFolder(async (folder) => {
      const recipe = `${folder}/r.yaml`, run = `${folder}/run`;
      await Deno.writeTextFile(`${folder}/loser.js`, LOSER);
      await Deno.writeTextFile(recipe, INFERRING);
      const { code, err } = await runSeamstress(["run", recipe, `--out=${run}`]);
      assertEquals(code, 1);
      assertMatch(
        err,
        /^error: Cannot go on with stage cams: The WebGPU device was lost \(.+continue with --resume; .+ recompute: blocks.*backend\.memory/m,
      );
      assert(!/^ +at /m.test(err), err);
      const stored = await Array.fromAsync(Deno.readDir(`${run}/stages/cams/cams`));
      assertEquals(stored.length, 2);
      await Deno.writeTextFile(`${folder}/loser.js`, LOSER.replace("done === 2", "done === 9"));
      const resumed = await runSeamstress(["run", recipe, `--out=${run}`, "--resume"]);
      assertEquals(resumed.code, 0, resumed.err);
    }),
});

Deno.test("a machine without an adapter is told of wasm, and no run folder is made", async () => {
  await scene(async (run, folder) => {
    // The Vulkan loader finds no driver; Metal and D3D12 do not ask it.
    if (Deno.build.os !== "linux") return;
    const { code, err } = await run([], {
      VK_ICD_FILENAMES: "/dev/null",
      VK_DRIVER_FILES: "/dev/null",
      __EGL_VENDOR_LIBRARY_FILENAMES: "/dev/null",
    });
    assertEquals(code, 1);
    assertMatch(err, /error: Cannot use backend webgpu: no WebGPU adapter.*"backend: wasm"/);
    const names = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
    assert(!names.includes("run"));
  });
});
