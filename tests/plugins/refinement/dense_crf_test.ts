import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Refinement } from "../../../core/contracts/refinement.ts";
import { isUserError } from "../../../core/errors.ts";
import { Registry } from "../../../core/registry/registry.ts";
import { verify } from "../../../plugins/fixtures/verify/verify.ts";
import { formatVerification } from "../../../plugins/fixtures/verify/format.ts";
import { denseCrfFixture } from "../../../plugins/fixtures/dense_crf.ts";
import { denseCrfRefinement } from "../../../plugins/refinement/dense_crf.ts";
import { eachBackend } from "../../backends.ts";
import { changedCopy, fixturePath } from "../fixtures/setup.ts";
import { halves, largestDifference, randomScores } from "./crf/setup.ts";
import { CLOSE, webgpuTest, withGpu } from "./crf/webgpu/setup.ts";

const registry = new Registry([denseCrfFixture, denseCrfRefinement]);

function refinement(options: Record<string, unknown> = {}): Promise<Refinement> {
  return registry.create("refinement", { use: "dense-crf", ...options }, undefined);
}

for (const name of ["dense_crf_1it", "dense_crf_3", "dense_crf_21"]) {
  eachBackend(`${name} is recomputed far within its tolerances`, async (backend) => {
    const results = await verify([fixturePath(name)], { factory: registry });
    assert(results[0]?.passed, formatVerification(results));
    const [agreement, q] = results[0].quantities;
    assertEquals(agreement!.maxRelative, 0);
    assert(
      q!.maxRelative < (backend === "webgpu" ? CLOSE / 10 : 1e-6),
      formatVerification(results),
    );
  });
}

eachBackend("a golden file is recomputed on the GPU with backend webgpu only", async (backend) => {
  const noGpu = { requestAdapter: () => Promise.resolve(null) };
  await withGpu(noGpu, async () => {
    const [result] = await verify([fixturePath("dense_crf_1it")], { factory: registry });
    assertEquals(result!.passed, backend !== "webgpu");
    if (backend === "webgpu") assert(result!.error?.includes("no WebGPU adapter"), result!.error);
  });
});

webgpuTest("the GPU refines as the CPU does, whoever builds the lattices", async () => {
  const images = Array.from({ length: 4 }, (_, i) => [16 + i, 12, 1 + i] as const);
  const all = (crf: Refinement) =>
    Promise.all(
      images.map(([width, height, channels], i) =>
        crf.refine(randomScores(width, height, channels, i), halves(width, height, i))
      ),
    );
  const wanted = await all(await refinement({ device: "cpu", workers: 0 }));
  for (const workers of [0, 2]) {
    const crf = await refinement({ device: "webgpu", workers });
    const refined = await all(crf);
    crf.close?.();
    refined.forEach(({ data, ...size }, i) => {
      const { data: cpu, ...cpuSize } = wanted[i]!;
      assertEquals(size, cpuSize);
      assert(largestDifference(data, cpu) < CLOSE, `image ${i}, ${workers} workers`);
    });
  }
});

webgpuTest("on the GPU bad scores reject alone; what is closed starts again", async () => {
  const crf = await refinement({ device: "webgpu", workers: 1 });
  const good = randomScores(8, 8, 2), bad = randomScores(8, 8, 2), image = halves(8, 8);
  bad.data[70] = NaN;
  const [first, second] = await Promise.allSettled([
    crf.refine(bad, image),
    crf.refine(good, image),
  ]);
  assert(first.status === "rejected" && isUserError(first.reason), `${first.status}`);
  assert(`${first.reason}`.includes("the score of label 1 at x 6, y 0 is NaN"), `${first.reason}`);
  assertEquals(second.status, "fulfilled");
  const underWay = crf.refine(good, image);
  crf.close?.();
  await assertRejects(() => underWay, Error, "The dense CRF was closed");
  assertEquals((await crf.refine(good, image)).width, 8);
  crf.close?.();
});

webgpuTest("on the GPU an adapter that comes late is found by the next image", async () => {
  const crf = await refinement({ device: "webgpu", workers: 0 });
  const refine = () => crf.refine(randomScores(4, 3, 2), halves(4, 3));
  await withGpu({ requestAdapter: () => Promise.resolve(null) }, async () => {
    await assertRejects(refine, Error, "Cannot run the dense CRF on webgpu");
  });
  assertEquals((await refine()).channels, 2);
  crf.close?.();
});

Deno.test("a golden file whose q is another one's fails, and a broken one is refused", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/changed.safetensors`;
  const result = async (change: Parameters<typeof changedCopy>[2]) => {
    await changedCopy("dense_crf_3", path, change);
    return (await verify([path], { factory: registry }))[0]!;
  };
  try {
    const fewer = await result((file) => file.metadata["iterations"] = "1");
    assertEquals(fewer.quantities.map(({ passed }) => passed), [false, false]);
    const weaker = await result((file) => file.metadata["bilateral_compat"] = "9");
    assertEquals(weaker.passed, false);
    const negative = await result((file) => file.metadata["gaussian_sxy"] = "-3");
    assert(negative.error?.includes("metadata gaussian_sxy"), negative.error);
    const other = await result((file) => file.tensors.set("q", file.tensors.get("photo")!));
    assert(other.error?.includes('tensor "q" is U8'), other.error);
    const without = await result((file) => file.tensors.delete("photo"));
    assert(without.error?.includes('"photo"'), without.error);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("Workers give the bits that this thread gives, in the order asked for", async () => {
  const images = Array.from({ length: 7 }, (_, i) => [16 + i, 12, 2 + i % 3] as const);
  const all = (crf: Refinement) =>
    Promise.all(
      images.map(([width, height, channels], i) =>
        crf.refine(randomScores(width, height, channels, i), halves(width, height, i))
      ),
    );
  const here = await all(await refinement({ workers: 0 }));
  for (const workers of [1, 3]) {
    const crf = await refinement({ workers });
    assertEquals(await all(crf), here);
    crf.close?.();
  }
});

Deno.test("what is refined in a Worker stays the caller's", async () => {
  const crf = await refinement({ workers: 1 });
  const scores = randomScores(8, 8, 2), image = halves(8, 8);
  const [data, pixels] = [scores.data.slice(), image.data.slice()];
  await crf.refine(scores, image);
  assertEquals([scores.data, image.data], [data, pixels]);
  crf.close?.();
});

Deno.test("bad scores reject without harm to the images beside them", async () => {
  for (const workers of [0, 1]) {
    const crf = await refinement({ workers });
    const good = crf.refine(randomScores(8, 8, 2), halves(8, 8));
    const scores = randomScores(8, 8, 2);
    scores.data[9] = NaN;
    const error = await assertRejects(
      () => crf.refine(scores, halves(8, 8)),
      RangeError,
      "the score of label 0 at x 1, y 1 is NaN",
    );
    assert(isUserError(error));
    assertEquals((await good).channels, 2);
    crf.close?.();
  }
});

Deno.test("closing rejects what is under way; the next image starts again", async () => {
  const crf = await refinement({ workers: 1 });
  const refine = () => crf.refine(randomScores(8, 8, 2), halves(8, 8));
  const [first, second] = [refine(), refine()];
  crf.close?.();
  await assertRejects(() => first, Error, "closed");
  await assertRejects(() => second, Error, "closed");
  assertEquals((await refine()).width, 8);
  crf.close?.();
});

Deno.test("a program that never closes its Workers ends nevertheless", () => endsUnclosed("cpu"));

webgpuTest("a program that never closes its GPU ends nevertheless", () => endsUnclosed("webgpu"));

async function endsUnclosed(device: "cpu" | "webgpu"): Promise<void> {
  const module = (path: string) => JSON.stringify(import.meta.resolve(path));
  const code = `
    import { denseCrfRefinement } from ${module("../../../plugins/refinement/dense_crf.ts")};
    import { halves, randomScores } from ${module("./crf/setup.ts")};
    const options = denseCrfRefinement.options.parse({ workers: 2, device: "${device}" });
    const crf = await denseCrfRefinement.create(options, undefined, undefined);
    const { channels } = await crf.refine(randomScores(4, 4, 3), halves(4, 4));
    Deno.exitCode = 40 + channels;
  `;
  const folder = await Deno.makeTempDir();
  try {
    const script = `${folder}/main.js`;
    await Deno.writeTextFile(script, code);
    const command = new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-check", `--config=${configFile()}`, "--allow-read", script],
      signal: AbortSignal.timeout(120_000),
    });
    assertEquals((await command.output()).code, 43);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function configFile(): string {
  return new URL("../../../deno.json", import.meta.url).pathname;
}

Deno.test("options out of range are refused", () => {
  for (
    const wrong of [
      { iterations: -1 },
      { gaussian: { sxy: 0 } },
      { bilateral: { srgb: -1 } },
      { workers: 1.5 },
      { device: "gpu" },
      { theta: 1 },
    ]
  ) assert(!denseCrfRefinement.options.safeParse(wrong).success, JSON.stringify(wrong));
});
