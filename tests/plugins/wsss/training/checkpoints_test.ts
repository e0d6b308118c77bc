import { assert, assertEquals, assertRejects } from "@std/assert";
import { writeAtomic } from "../../../../core/run/atomic.ts";
import type { Checkpoint } from "../../../../core/contracts/checkpoint_store.ts";
import { Checkpoints } from "../../../../plugins/wsss/training/checkpoints.ts";
import { isUserError } from "../../../../core/errors.ts";
import { readSafetensors } from "../../../../plugins/formats/safetensors.ts";
import type { StateArray } from "../../../../core/contracts/state_dict.ts";
import { inFolder } from "../../../core/trainer_toy.ts";

function array(...values: number[]): StateArray {
  return { dtype: "F32", shape: [values.length], data: new Float32Array(values) };
}

function checkpoint(step: number): Checkpoint {
  return {
    step,
    weights: new Map([["fc8.weight", array(step, 2, 3)]]),
    training: {
      optimizer: new Map([["momentum/fc8.weight", array(-step, 0.1, 1e-40)]]),
      progress: { step, sums: { er: { sum: 0.1 + 0.2, count: 3 } } },
    },
  };
}

async function namesIn(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder))).map((entry) => entry.name).sort();
}

/** read() refuses, naming the file. */
async function refused(checkpoints: Checkpoints, ...texts: string[]): Promise<void> {
  const error = await assertRejects(() => checkpoints.read("last"), Error);
  assert(isUserError(error));
  for (const text of texts) {
    assert(error.message.includes(text), `"${error.message}" does not say "${text}"`);
  }
}

Deno.test("Checkpoints gives back what was saved, to the last bit, and keeps the last two", () =>
  inFolder(async (folder) => {
    const checkpoints = await Checkpoints.open(`${folder}/checkpoints`, writeAtomic);
    assertEquals(await checkpoints.last(), undefined);
    assertEquals(await checkpoints.read("last"), undefined);
    for (const step of [3, 5, 10]) await checkpoints.save("last", checkpoint(step));
    const again = await Checkpoints.open(checkpoints.folder, writeAtomic);
    assertEquals(await again.last(), {
      step: 10,
      weights: `${checkpoints.folder}/last-10.safetensors`,
    });
    assertEquals(await again.read("last"), checkpoint(10));
    assertEquals(await namesIn(checkpoints.folder), [
      "last-10.safetensors",
      "last-10.state.safetensors",
      "last-5.safetensors",
      "last-5.state.safetensors",
      "last.json",
      "last.previous.json",
    ]);
  }));

Deno.test("Checkpoints keeps the best beside the last", () =>
  inFolder(async (folder) => {
    const checkpoints = await Checkpoints.open(folder, writeAtomic);
    const { step, weights } = checkpoint(5);
    await checkpoints.save("best", { step, weights });
    await checkpoints.save("last", checkpoint(5));
    await checkpoints.save("last", checkpoint(6));
    assertEquals(await checkpoints.read("best"), { step, weights });
    assertEquals((await checkpoints.last())?.step, 6);
    // A run resumed from before its best epoch reaches it again.
    const other = new Map([["fc8.weight", array(7, 7, 7)]]);
    await checkpoints.save("best", { step, weights: other });
    assertEquals(await checkpoints.read("best"), { step, weights: other });
  }));

Deno.test("Checkpoints writes weights that are plain safetensors", () =>
  inFolder(async (folder) => {
    const checkpoints = await Checkpoints.open(folder, writeAtomic);
    const { weights } = await checkpoints.save("last", checkpoint(5));
    const { tensors, metadata } = await readSafetensors(weights);
    assertEquals([...tensors], [...checkpoint(5).weights]);
    assertEquals(metadata, { format: "pt", step: "5" });
  }));

Deno.test("Checkpoints never sees one that was killed before its pointer moved", () =>
  inFolder(async (folder) => {
    const checkpoints = await Checkpoints.open(folder, writeAtomic);
    await checkpoints.save("last", checkpoint(5));
    await Deno.writeTextFile(`${folder}/last-10.safetensors`, "whole, but its state is missing");
    await Deno.writeTextFile(`${folder}/last-10.state.safetensors.0123abcd.tmp`, "half");
    assertEquals(await checkpoints.read("last"), checkpoint(5));
    await checkpoints.save("last", checkpoint(15));
    assertEquals(await namesIn(folder), [
      "last-15.safetensors",
      "last-15.state.safetensors",
      "last-5.safetensors",
      "last-5.state.safetensors",
      "last.json",
      "last.previous.json",
    ]);
  }));

Deno.test("Checkpoints keeps the one before where the next cannot be written", () =>
  inFolder(async (folder) => {
    const checkpoints = await Checkpoints.open(folder, writeAtomic);
    await checkpoints.save("last", checkpoint(5));
    await Deno.mkdir(`${folder}/last-10.state.safetensors`);
    await assertRejects(
      () => checkpoints.save("last", checkpoint(10)),
      Error,
      "last-10.state.safetensors",
    );
    assertEquals(await checkpoints.read("last"), checkpoint(5));
  }));

Deno.test("Checkpoints names a file that was changed, cut or removed", () =>
  inFolder(async (folder) => {
    const checkpoints = await Checkpoints.open(folder, writeAtomic);
    await checkpoints.save("last", checkpoint(5));
    const state = `${folder}/last-5.state.safetensors`, weights = `${folder}/last-5.safetensors`;
    const bytes = await Deno.readFile(state);
    const changed = bytes.slice();
    changed[changed.length - 1]! ^= 1;
    await Deno.writeFile(state, changed);
    await refused(checkpoints, state, "changed");
    await Deno.writeFile(state, bytes.subarray(0, -4));
    await refused(checkpoints, state, "changed");
    await Deno.writeFile(state, bytes);
    assertEquals(await checkpoints.read("last"), checkpoint(5));
    await Deno.remove(weights);
    await refused(checkpoints, weights);
    for (const text of ["", "{}", "null", '{"step": 5}']) {
      await Deno.writeTextFile(`${folder}/last.json`, text);
      await refused(checkpoints, `${folder}/last.json`);
    }
  }));

/** What may happen to a checkpoint's files. */
const DAMAGE: Readonly<Record<string, (path: string) => Promise<void>>> = {
  changed: async (path) => {
    const bytes = await Deno.readFile(path);
    bytes[bytes.length - 3]! ^= 4;
    await Deno.writeFile(path, bytes);
  },
  cut: async (path) => await Deno.truncate(path, 20),
  emptied: async (path) => await Deno.truncate(path, 0),
  removed: async (path) => await Deno.remove(path),
};

for (const [name, damage] of Object.entries(DAMAGE)) {
  Deno.test(`Checkpoints goes back to the one before where a file of the newest was ${name}`, async () => {
    for (const file of ["last-10.safetensors", "last-10.state.safetensors", "last.json"]) {
      await inFolder(async (folder) => {
        const checkpoints = await Checkpoints.open(folder, writeAtomic);
        for (const step of [3, 5, 10]) await checkpoints.save("last", checkpoint(step));
        assertEquals(await checkpoints.recover("seam"), undefined);
        await damage(`${folder}/${file}`);
        const text = await checkpoints.recover("seam");
        assert(text?.includes(`${folder}/${file}`) && text.includes("of step 5"), text);
        assertEquals(await checkpoints.read("last"), checkpoint(5));
        assertEquals(await checkpoints.recover("seam"), undefined);
        // The training reaches the damaged one's step again.
        await checkpoints.save("last", checkpoint(10));
        assertEquals(await checkpoints.read("last"), checkpoint(10));
        await damage(`${folder}/last-10.safetensors`);
        assert((await checkpoints.recover("seam"))?.includes("of step 5"));
      });
    }
  });
}

Deno.test("Checkpoints names all that is damaged where there is no whole one, and the stage to begin anew", () =>
  inFolder(async (folder) => {
    const checkpoints = await Checkpoints.open(folder, writeAtomic);
    assertEquals(await checkpoints.recover("seam"), undefined);
    for (const step of [5, 10]) await checkpoints.save("last", checkpoint(step));
    await Deno.truncate(`${folder}/last-10.safetensors`, 9);
    await Deno.remove(`${folder}/last-5.state.safetensors`);
    const error = await assertRejects(() => checkpoints.recover("seam"), Error);
    assert(isUserError(error));
    for (const text of ["last-10.safetensors", "last-5.state.safetensors", "--from seam"]) {
      assert(error.message.includes(text), error.message);
    }
  }));

Deno.test("Checkpoints writes over a damaged pointer to the best, and follows none out of its folder", () =>
  inFolder(async (folder) => {
    const checkpoints = await Checkpoints.open(folder, writeAtomic);
    const { step, weights } = checkpoint(5);
    await checkpoints.save("best", { step, weights });
    await Deno.writeTextFile(`${folder}/best.json`, '{"st');
    await checkpoints.save("best", { step, weights });
    assertEquals(await checkpoints.read("best"), { step, weights });
    const elsewhere = { step: 5, weights: { file: "../x", sha256: "" } };
    await Deno.writeTextFile(`${folder}/best.json`, JSON.stringify(elsewhere));
    await assertRejects(() => checkpoints.read("best"), SyntaxError, "names no checkpoint");
  }));
