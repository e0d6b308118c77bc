import { assert, assertEquals, assertRejects } from "@std/assert";
import { readCams } from "../../../plugins/wsss/cams/cam_store.ts";
import { isUserError } from "../../../core/errors.ts";
import { encodeSafetensors, readSafetensors } from "../../../plugins/formats/safetensors.ts";
import type { StateArray } from "../../../core/contracts/state_dict.ts";
import { network, runScene, withFolder } from "./scene.ts";

const infer = { id: "cams", run: "infer", from: "net", split: "val[0:2]", scales: [1] };

/** The stage that takes the weights that a network left, and what of its options differs. */
function imported(file: string, options: Record<string, unknown> = {}) {
  const { backbone, head } = network("net", "cam");
  return {
    id: "net",
    run: "import-checkpoint",
    split: "val",
    backbone,
    head,
    weights: { use: "safetensors", file },
    ...options,
  };
}

Deno.test("import-checkpoint takes weights of backbone and head, and stages that read a training's read them", async () => {
  await withFolder(async (folder) => {
    await runScene(`${folder}/a`, [network("net", "cam"), infer]);
    const weights = imported(`${folder}/a/net/w.safetensors`);
    const { artifacts } = await runScene(`${folder}/b`, [weights, infer]);
    assertEquals(artifacts.get("net")!.kind, "checkpoint");
    for (const name of ["mini_0600", "mini_0601"]) {
      assertEquals(
        await readCams(`${folder}/b/cams/cams`, name),
        await readCams(`${folder}/a/cams/cams`, name),
      );
    }
  });
});

Deno.test("import-checkpoint refuses weights that are missing or of another network", async () => {
  await withFolder(async (folder) => {
    await runScene(`${folder}/a`, [network("net", "cam")]);
    const file = `${folder}/a/net/w.safetensors`;
    const refuse = async (stage: Record<string, unknown>, message: string) => {
      const error = await assertRejects(() => runScene(`${folder}/b`, [stage]), Error, message);
      assert(isUserError(error), "a trace would be printed");
    };
    await refuse(imported(`${folder}/none.safetensors`), `${folder}/none.safetensors`);
    await refuse(imported(file, { head: network("net", "seam")["head"] }), "f9.weight");
    await assertRejects(() => Deno.stat(`${folder}/b`), Deno.errors.NotFound);
  });
});

/** Writes the weights of the network once more, each under a new name and with other values. */
async function rewrite(
  file: string,
  to: string,
  change: (name: string, array: StateArray) => readonly [string, StateArray] | undefined,
): Promise<void> {
  const { tensors } = await readSafetensors(file);
  const changed = [...tensors].map(([name, array]) => change(name, array)).filter((entry) =>
    entry !== undefined
  );
  await Deno.writeFile(to, encodeSafetensors(new Map(changed)));
}

Deno.test("import-checkpoint names the option that a file needs, or says that it is of another network", async () => {
  await withFolder(async (folder) => {
    await runScene(`${folder}/a`, [network("net", "cam")]);
    const file = `${folder}/a/net/w.safetensors`, other = `${folder}/other.safetensors`;
    const refuse = async (...texts: string[]) => {
      const error = await assertRejects(
        () => runScene(`${folder}/b`, [imported(other)]),
        RangeError,
      );
      assert(isUserError(error), "a trace would be printed");
      for (const text of [other, ...texts]) {
        assert(error.message.includes(text), `"${error.message}" does not say "${text}"`);
      }
      return error.message;
    };
    await rewrite(file, other, (name, array) => [`module.${name}`, array]);
    await refuse('names that begin with "module."', "DataParallel", "prefixes: [module.]");
    const use = { use: "safetensors", file: other, prefixes: ["module."] };
    await runScene(`${folder}/c`, [imported(other, { weights: use })]);

    const head = { dtype: "F32", shape: [1], data: Float32Array.of(1) } as const;
    await rewrite(file, other, (name, array) => [name, array]);
    const { tensors } = await readSafetensors(file);
    const more = new Map<string, StateArray>([...tensors, ["decoder.weight", head]]);
    await Deno.writeFile(other, encodeSafetensors(more));
    await refuse("does not know (1): decoder.weight", "allowExtra: [decoder.weight]");
    const allowed = { use: "safetensors", file: other, allowExtra: ["decoder.*"] };
    await runScene(`${folder}/d`, [imported(other, { weights: allowed })]);

    let n = 0;
    await rewrite(file, other, (_, array) => [`encoder.layer.${n++}.attention.kernel`, array]);
    const message = await refuse("weights of another network", "encoder.layer.0.attention.kernel");
    assert(!message.includes("option"), message);
  });
});

Deno.test("import-checkpoint and infer name parameters that are not finite", async () => {
  await withFolder(async (folder) => {
    await runScene(`${folder}/a`, [network("net", "cam"), infer]);
    const file = `${folder}/a/net/w.safetensors`, bad = `${folder}/bad.safetensors`;
    const { tensors } = await readSafetensors(file);
    const [first, second] = [...tensors.keys()] as [string, string];
    await rewrite(file, bad, (name, array) => {
      const data = Float32Array.from(array.data as Float32Array);
      if (name === first) data.set([NaN, -Infinity]);
      if (name === second) data[0] = Infinity;
      return [name, { ...array, data }];
    });
    const error = await assertRejects(() => runScene(`${folder}/b`, [imported(bad)]), RangeError);
    assert(isUserError(error), "a trace would be printed");
    const length = tensors.get(first)!.data.length;
    for (
      const text of [bad, "in 2 of its parameters", `${first} (2 of ${length})`, `${second} (1 of`]
    ) {
      assert(error.message.includes(text), `"${error.message}" does not say "${text}"`);
    }
  });
});
