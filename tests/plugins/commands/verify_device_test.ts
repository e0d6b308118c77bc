import { assertEquals, assertStringIncludes } from "@std/assert";
import { callSeamstress } from "../../call.ts";

Deno.test("verify names the devices that there are, and the backend that they go with", async () => {
  const file = "tests/fixtures/miou.safetensors";
  const cases: [readonly string[], string][] = [
    [["--backend=webgpu", "--device=down"], "valid: dawn"],
    [["--backend=wasm", "--device=dawn"], "it goes with --backend webgpu"],
    [["--device=dawn"], "it goes with --backend webgpu"],
  ];
  for (const [flags, message] of cases) {
    const { code, err } = await callSeamstress(["verify", file, ...flags]);
    assertEquals(code, 1);
    assertStringIncludes(err, message);
  }
});
