import { assert, assertEquals } from "@std/assert";
import { encodeOnnx } from "../../plugins/commands/export/onnx.ts";
import { error, exportedNetworks } from "../../tests/plugins/commands/export_networks.ts";

/** What is used of npm's onnxruntime-web. */
interface OnnxRuntime {
  readonly env: { readonly wasm: { numThreads: number; wasmPaths: string } };
  readonly InferenceSession: {
    create(model: Uint8Array, options: object): Promise<{
      readonly inputNames: readonly string[];
      run(inputs: object): Promise<Record<string, { readonly data: Float32Array }>>;
    }>;
  };
  readonly Tensor: new (type: string, data: Float32Array, shape: readonly number[]) => object;
}

const DIST = new URL("./node_modules/onnxruntime-web/dist/", import.meta.url);

Deno.test("the ONNX file gives what the network gives here, by onnxruntime", async () => {
  const runtime: OnnxRuntime = await import(new URL("ort.wasm.bundle.min.mjs", DIST).href);
  runtime.env.wasm.numThreads = 1;
  runtime.env.wasm.wasmPaths = DIST.href;
  for (const { name, program, weights, image, shape, outputs } of await exportedNetworks()) {
    const file = encodeOnnx({ program, weights, image: shape, metadata: { classes: "[]" } });
    const session = await runtime.InferenceSession.create(file, { executionProviders: ["wasm"] });
    assertEquals(session.inputNames, ["image"]);
    const found = await session.run({ image: new runtime.Tensor("float32", image, shape) });
    assertEquals(Object.keys(found).sort(), Object.keys(outputs).sort());
    for (const [key, wanted] of Object.entries(outputs)) {
      const worst = error(found[key]!.data, wanted);
      assert(worst < 1e-5, `${name} ${key}: ${worst}`);
    }
  }
});
