import { assertThrows } from "@std/assert";
import { assemble, FunctionBuilder } from "../../../../plugins/ops/wasm/module.ts";

Deno.test("a module takes a memory of a page or more, so that the engine checks no constant offset by itself", () => {
  const module = new WebAssembly.Module(assemble({ f: new FunctionBuilder() }));
  const on = (initial: number) => {
    const memory = new WebAssembly.Memory({ initial });
    return new WebAssembly.Instance(module, { env: { memory } });
  };
  assertThrows(() => on(0), WebAssembly.LinkError);
  on(1);
});
