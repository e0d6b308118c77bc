import { fromFileUrl } from "../../core/recipe/paths.ts";
import { PEAK } from "./peaks.ts";
import { type Row, rowOf } from "./row.ts";

const SCRIPT = fromFileUrl(new URL("../peers/peak.py", import.meta.url));

/**
 * What PyTorch reaches on the same GPU.
 *
 * @param python the interpreter
 * @returns peaks; none where there is no CUDA
 * @throws {Error} with Python's errors where it fails
 */
export async function pytorchPeaks(python: string): Promise<Row[]> {
  const { success, stdout, stderr } = await new Deno.Command(python, { args: [SCRIPT] }).output();
  const decoder = new TextDecoder();
  if (!success) {
    throw new Error(`Cannot measure PyTorch's peaks: ${decoder.decode(stderr).trim()}`);
  }
  const found: Record<string, { seconds: number; flop?: number; bytes?: number }> = JSON.parse(
    decoder.decode(stdout),
  );
  return Object.entries(found).map(([name, { seconds, ...work }]) =>
    rowOf({ name: PEAK + name, ...work }, { pytorch: 1e3 * seconds })
  );
}
