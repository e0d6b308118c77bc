import { assert, assertEquals, assertMatch } from "@std/assert";
import { fromFileUrl } from "../../core/recipe/paths.ts";
import { leaveOut } from "../leave_out.ts";
import { CHROMIUM } from "../studio/browser.ts";
import type { VerifiedInPage } from "../studio/golden_page.ts";

const VISIT = fromFileUrl(new URL("../studio/visit_golden.ts", import.meta.url).href);
const CONFIG = fromFileUrl(new URL("../../deno.json", import.meta.url).href);

Deno.test("in Chromium: a page recomputes a golden file of SEAM's network on its WebGPU", async () => {
  if (!await Deno.stat(CHROMIUM).catch(() => undefined)) {
    return leaveOut(`no ${CHROMIUM}: apt-get install chromium`);
  }
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "--no-check",
      "--allow-read",
      "--allow-write",
      "--allow-net=127.0.0.1",
      `--allow-run=${CHROMIUM}`,
      `--config=${CONFIG}`,
      VISIT,
      "seam_forward_odd.safetensors",
      "seam_weights.safetensors",
    ],
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  assertEquals({ code, err: text(stderr) }, { code: 0, err: "" });
  const { device, quantities }: VerifiedInPage = JSON.parse(text(stdout));
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
