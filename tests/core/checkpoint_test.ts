import { assert, assertEquals, assertRejects } from "@std/assert";
import { type Checkpoint, Checkpoints } from "../../core/checkpoint.ts";
import { isMistake } from "../../core/errors.ts";
import { readSafetensors } from "../../core/safetensors.ts";
import type { StateArray } from "../../core/state_dict.ts";
import { inFolder } from "./trainer_toy.ts";

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
  assert(isMistake(error));
  for (const text of texts) {
    assert(error.message.includes(text), `"${error.message}" does not say "${text}"`);
  }
}

Deno.test("Checkpoints gives back what was saved, to the last bit, and keeps only the newest", () =>
  inFolder(async (folder) => {
    const checkpoints = await Checkpoints.open(`${folder}/checkpoints`);
    assertEquals(await checkpoints.last(), undefined);
    assertEquals(await checkpoints.read("last"), undefined);
    await checkpoints.save("last", checkpoint(5));
    await checkpoints.save("last", checkpoint(10));
    const again = await Checkpoints.open(checkpoints.folder);
    assertEquals(await again.last(), {
      step: 10,
      weights: `${checkpoints.folder}/last-10.safetensors`,
    });
    assertEquals(await again.read("last"), checkpoint(10));
    assertEquals(await namesIn(checkpoints.folder), [
      "last-10.safetensors",
      "last-10.state.safetensors",
      "last.json",
    ]);
  }));

Deno.test("Checkpoints keeps the best beside the last", () =>
  inFolder(async (folder) => {
    const checkpoints = await Checkpoints.open(folder);
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
    const checkpoints = await Checkpoints.open(folder);
    const { weights } = await checkpoints.save("last", checkpoint(5));
    const { tensors, metadata } = await readSafetensors(weights);
    assertEquals([...tensors], [...checkpoint(5).weights]);
    assertEquals(metadata, { format: "pt", step: "5" });
  }));

Deno.test("Checkpoints never sees one that was killed before its pointer moved", () =>
  inFolder(async (folder) => {
    const checkpoints = await Checkpoints.open(folder);
    await checkpoints.save("last", checkpoint(5));
    await Deno.writeTextFile(`${folder}/last-10.safetensors`, "whole, but its state is missing");
    await Deno.writeTextFile(`${folder}/last-10.state.safetensors.tmp`, "half");
    await Deno.writeTextFile(`${folder}/last.json.tmp`, '{"step": 1');
    assertEquals(await checkpoints.read("last"), checkpoint(5));
    await checkpoints.save("last", checkpoint(15));
    assertEquals(await namesIn(folder), [
      "last-15.safetensors",
      "last-15.state.safetensors",
      "last.json",
    ]);
  }));

Deno.test("Checkpoints keeps the one before where the next cannot be written", () =>
  inFolder(async (folder) => {
    const checkpoints = await Checkpoints.open(folder);
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
    const checkpoints = await Checkpoints.open(folder);
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
