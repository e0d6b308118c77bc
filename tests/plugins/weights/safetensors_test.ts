import { assertEquals, assertRejects } from "@std/assert";
import { Registry } from "../../../core/registry/registry.ts";
import { encodeSafetensors, readSafetensors } from "../../../plugins/formats/safetensors.ts";
import { safetensorsWeights } from "../../../plugins/weights/safetensors.ts";

const registry = new Registry([safetensorsWeights]);
const base = new URL("../../fixtures", import.meta.url).pathname;

Deno.test("safetensors weights check and read a file relative to the base, and hand on what may differ", async () => {
  const use = {
    use: "safetensors",
    file: "pth_expected.safetensors",
    allowMissing: ["fc8.*"],
    allowExtra: ["linear1000.*"],
  };
  const weights = await registry.create("weights", use, { base });
  const card = await weights.check();
  const tensors = await weights.read();
  const wanted = await readSafetensors(`${base}/pth_expected.safetensors`);
  assertEquals([...tensors.keys()], [...wanted.tensors.keys()]);
  assertEquals(card, wanted.metadata);
  assertEquals(weights.path, `${base}/pth_expected.safetensors`);
  assertEquals(weights.allowMissing, ["fc8.*"]);
  assertEquals(weights.allowExtra, ["linear1000.*"]);
});

Deno.test("safetensors weights' check fails on a missing, broken or truncated file and on a folder", async () => {
  const folder = await Deno.makeTempDir();
  const make = (file: string) =>
    registry.create("weights", { use: "safetensors", file }, { base: folder });
  try {
    const none = await make("none.safetensors");
    await assertRejects(() => none.check(), Deno.errors.NotFound, `${folder}/none.safetensors`);
    await Deno.writeTextFile(`${folder}/text.safetensors`, "not weights at all");
    const text = await make("text.safetensors");
    await assertRejects(() => text.check(), SyntaxError, "text.safetensors");
    const array = { dtype: "F32" as const, shape: [100], data: new Float32Array(100) };
    const whole = encodeSafetensors(new Map([["fc8.weight", array]]));
    await Deno.writeFile(`${folder}/cut.safetensors`, whole.subarray(0, -1));
    const cut = await make("cut.safetensors");
    await assertRejects(() => cut.check(), SyntaxError, '"fc8.weight"');
    await Deno.writeFile(`${folder}/empty.safetensors`, new Uint8Array());
    const empty = await make("empty.safetensors");
    await assertRejects(() => empty.check(), SyntaxError, "0 bytes");
    await Deno.mkdir(`${folder}/folder.safetensors`);
    const inner = await make("folder.safetensors");
    await assertRejects(() => inner.check(), Error, "no file");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
