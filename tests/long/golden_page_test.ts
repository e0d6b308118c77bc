import { assert, assertEquals, assertMatch } from "@std/assert";
import type { VerifiedInPage } from "../studio/golden_page.ts";
import { hasChromium, runVisit } from "../studio/run_visit.ts";

Deno.test("in Chromium: a page recomputes a golden file of SEAM's network on its WebGPU", async () => {
  if (!await hasChromium()) return;
  const files = ["seam_forward_odd.safetensors", "seam_weights.safetensors"];
  const { code, out, err } = await runVisit("visit_golden.ts", files);
  assertEquals({ code, err }, { code: 0, err: "" });
  const { device, quantities }: VerifiedInPage = JSON.parse(out);
  assertMatch(device, /swiftshader/i);
  assertEquals(
    quantities.map(({ name }) => name),
    ["conv3", "conv4", "conv5", "conv6", "cam", "cam_rv"],
  );
  for (const quantity of quantities) {
    const error = quantity[quantity.criterion]!;
    assert(error <= quantity.tolerance, JSON.stringify(quantity));
  }
});
