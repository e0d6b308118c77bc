import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import * as z from "zod";
import type { GoldenFile, Quantity } from "../../core/contracts/fixture.ts";
import { definePlugin } from "../../core/plugin.ts";
import { Registry } from "../../core/registry.ts";
import { encodeSafetensors } from "../../core/safetensors.ts";
import { verify } from "../../core/verify.ts";
import { compare } from "../../core/verify/compare.ts";
import { formatVerification } from "../../core/verify/format.ts";

const BOUND = { criterion: "maxRelative", tolerance: 1e-3 } as const;

/** A fixture whose golden number is to be 1, or NaN where the file says so. */
const one = definePlugin({
  kind: "fixture",
  name: "one",
  summary: "1",
  options: z.strictObject({}),
  create: () => ({
    async verify(file: GoldenFile): Promise<readonly Quantity[]> {
      const { sibling } = file.metadata;
      if (sibling !== undefined) await file.sibling(sibling);
      if (file.metadata["defect"] !== undefined) throw new Error("a defect");
      const got = file.metadata["nan"] === undefined ? 1 : NaN;
      return [compare("number", [got], file.tensors.get("number")!.data as Float32Array, BOUND)];
    },
  }),
});
const maker = new Registry([one]);

async function write(
  path: string,
  metadata: Readonly<Record<string, string>>,
  number = 1,
): Promise<void> {
  const data = new Float32Array([number]);
  const bytes = encodeSafetensors(
    new Map([["number", { dtype: "F32", shape: [1], data }]]),
    metadata,
  );
  await Deno.writeFile(path, bytes);
}

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("compare() gives both errors", () => {
  const { maxRelative, relativeL2 } = compare("x", [1, 2, 2.5], [1, 2, 2], BOUND);
  assertEquals([maxRelative, relativeL2], [0.25, 0.5 / 3]);
});

Deno.test("compare() has no error to divide by 0, and infinity where there is one", () => {
  assertEquals(compare("x", [0, 0], [0, 0], BOUND).maxRelative, 0);
  assertEquals(compare("x", [0, 1], [0, 0], BOUND).relativeL2, Infinity);
  assertEquals(compare("x", [NaN], [1], BOUND).maxRelative, NaN);
});

Deno.test("compare() refuses another number of values", () => {
  assertThrows(() => compare("x", [1], [1, 2], BOUND), RangeError, "Cannot compare x: 1 values");
});

Deno.test("verify() passes what is within its tolerance and fails the rest", async () => {
  await inFolder(async (folder) => {
    await write(`${folder}/good.safetensors`, { kind: "one" });
    await write(`${folder}/bad.safetensors`, { kind: "one" }, 1.01);
    await write(`${folder}/nan.safetensors`, { kind: "one", nan: "" });
    const paths = ["good", "bad", "nan"].map((name) => `${folder}/${name}.safetensors`);
    const results = await verify(paths, { maker });
    assertEquals(results.map(({ passed }) => passed), [true, false, false]);
    assert(results.every(({ kind, error }) => kind === "one" && error === undefined));
  });
});

Deno.test("verify() takes a folder's golden files in order and leaves the rest", async () => {
  await inFolder(async (folder) => {
    await write(`${folder}/b.safetensors`, { kind: "one" });
    await write(`${folder}/a.safetensors`, { kind: "one" });
    await write(`${folder}/model.safetensors`, {});
    await Deno.writeTextFile(`${folder}/notes.txt`, "");
    const results = await verify([`${folder}/`], { maker });
    assertEquals(results.map(({ path }) => path), [
      `${folder}/a.safetensors`,
      `${folder}/b.safetensors`,
    ]);
  });
});

Deno.test("verify() has an error for every file that it cannot recompute", async () => {
  await inFolder(async (folder) => {
    const path = (name: string) => `${folder}/${name}.safetensors`;
    await write(path("unknown"), { kind: "on" });
    await write(path("kindless"), {});
    await write(path("nosy"), { kind: "one", sibling: "../kindless.safetensors" });
    await write(path("lonely"), { kind: "one", sibling: "gone.safetensors" });
    await Deno.writeTextFile(path("text"), "this is no safetensors file at all");
    const whole = await Deno.readFile(path("kindless"));
    await Deno.writeFile(path("cut"), whole.subarray(0, whole.length - 2));
    await Deno.mkdir(`${folder}/empty`);
    const messages: Record<string, string> = {
      [path("unknown")]: 'did you mean "one"?',
      [path("kindless")]: "its metadata names no kind",
      [path("nosy")]: 'names "../kindless.safetensors": it must be a file beside it',
      [path("lonely")]: "gone.safetensors",
      [path("text")]: "as safetensors",
      [path("cut")]: "as safetensors",
      [path("missing")]: "no such file",
      [`${folder}/empty`]: "it holds no *.safetensors",
    };
    const results = await verify(Object.keys(messages), { maker });
    for (const { path, passed, error, quantities } of results) {
      assertEquals([passed, quantities], [false, []]);
      assertStringIncludes(error!, messages[path]!);
      assertStringIncludes(error!, folder);
      assert(!error!.includes("\n    at "), error);
    }
    assertEquals(results.length, Object.keys(messages).length);
  });
});

Deno.test("verify() reports a broken file in a folder", async () => {
  await inFolder(async (folder) => {
    await write(`${folder}/a.safetensors`, { kind: "one" });
    await Deno.writeTextFile(`${folder}/b.safetensors`, "broken");
    const results = await verify([folder], { maker });
    assertEquals(results.map(({ passed }) => passed), [true, false]);
  });
});

Deno.test("verify() fails a file on which the device reported an error", async () => {
  await inFolder(async (folder) => {
    await write(`${folder}/a.safetensors`, { kind: "one" });
    const check = () => Promise.reject(new Error("device lost"));
    const [result] = await verify([`${folder}/a.safetensors`], { maker, check });
    assertEquals(result!.passed, false);
    assertStringIncludes(result!.error!, "device lost");
  });
});

Deno.test("verify() keeps the trace of a defect", async () => {
  await inFolder(async (folder) => {
    await write(`${folder}/a.safetensors`, { kind: "one", defect: "" });
    const [result] = await verify([`${folder}/a.safetensors`], { maker });
    assertStringIncludes(result!.error!, "verify_test.ts");
  });
});

Deno.test("formatVerification() lines numbers up and marks the one that counts", () => {
  const quantity = { maxRelative: 5.2e-7, relativeL2: 0, tolerance: 5e-5, passed: true };
  const text = formatVerification([
    {
      path: "a.safetensors",
      kind: "one",
      seconds: 1.26,
      passed: false,
      quantities: [
        { ...quantity, name: "cam", criterion: "maxRelative" },
        { ...quantity, name: "gradient", criterion: "relativeL2", relativeL2: NaN, passed: false },
      ],
    },
    { path: "b", seconds: 0, quantities: [], error: "Cannot verify b: why", passed: false },
  ]);
  assertEquals(text.split("\n"), [
    "FAIL  a.safetensors (one)  1.3 s",
    "        quantity   max rel    rel L2    tolerance",
    "  pass  cam        5.2e-7 <        0       5.0e-5",
    "  FAIL  gradient   5.2e-7        NaN <     5.0e-5",
    "FAIL  b  0.0 s",
    "      Cannot verify b: why",
    "0 of 2 files pass",
  ]);
});
