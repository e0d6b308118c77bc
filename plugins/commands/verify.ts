import type { CommandOutput } from "../../core/contracts/data_commands.ts";
import { userError } from "../../core/errors.ts";
import { Registry } from "../../core/registry/registry.ts";
import { flags } from "../command_line/flags.ts";
import { formatVerification } from "../fixtures/verify/format.ts";
import { verify } from "../fixtures/verify/verify.ts";
import { useDawn } from "./verify/dawn.ts";
import type { Shipped } from "./shipped.ts";

/** Puts another WebGPU in the place of Deno's. */
async function useDevice(device: string, backend: string | undefined): Promise<void> {
  const refuse = (why: string) =>
    userError(new RangeError(`Cannot verify on --device ${device}: ${why}`));
  if (device !== "dawn") throw refuse("valid: dawn; without it, Deno's own WebGPU (wgpu)");
  if (backend !== "webgpu") throw refuse("it goes with --backend webgpu");
  await useDawn();
}

/**
 * Recomputes golden files.
 *
 * @param args what stands behind `verify`
 * @param shipped the plugins that ship
 * @param out where to write
 * @returns the exit code: 0 where all numbers are within their tolerances, else 1
 */
export async function verifyCommand(
  args: readonly string[],
  { plugins }: Shipped,
  out: CommandOutput,
): Promise<number> {
  const given = flags(args, { text: ["backend", "precision", "device"], on: ["json"] });
  if (given._.length === 0) {
    throw userError(
      new TypeError("Cannot verify: expected files or folders, such as tests/fixtures"),
    );
  }
  const device = given.text("device");
  if (device !== undefined) await useDevice(device, given.text("backend"));
  const registry = new Registry(plugins);
  const precision = given.text("precision");
  const chosen = await registry.create(
    "backend",
    { use: given.text("backend") ?? "auto", ...precision !== undefined && { precision } },
    undefined,
  );
  const backend = await chosen.prepare(await registry.createAll("op", undefined));
  const results = await verify(given._, { factory: registry, check: backend.check });
  if (given.on("json")) {
    out.print(JSON.stringify({ backend: backend.name, device: backend.device, results }, null, 2));
  } else out.print(`${backend.name}: ${backend.device}\n${formatVerification(results)}`);
  return results.every(({ passed }) => passed) ? 0 : 1;
}
