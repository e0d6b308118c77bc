import { parseArgs } from "@std/cli";
import { fromFileUrl, messageOf } from "seamstress";
import { skipped } from "../measure/print.ts";
import { runPython } from "../measure/python.ts";
import { type Row, rowOf } from "../measure/row.ts";
import { PEAK } from "./peaks.ts";

const SCRIPT = fromFileUrl(new URL("../peers/peak.py", import.meta.url));

/**
 * Measures PyTorch's throughput on the same GPU.
 *
 * @param args of the command; `--python PYTHON` names the interpreter
 * @returns peaks; none where not requested, and none with a printed notice where Python fails
 */
export async function pytorchPeaks(args: readonly string[]): Promise<readonly Row[]> {
  const { python } = parseArgs([...args], { string: ["python"] }) as { python?: string };
  if (python === undefined) return [];
  try {
    const { success, text, errors } = await runPython([python], [SCRIPT]);
    if (!success) throw new Error(errors);
    const found: Record<string, { seconds: number; flop?: number; bytes?: number }> = JSON.parse(
      text,
    );
    return Object.entries(found).map(([name, { seconds, flop, bytes }]) => {
      const once = [1e3 * seconds];
      const times = { pytorch: { wall: once, processor: once, counted: once } };
      const amount = {
        ...flop !== undefined && { flops: flop },
        ...bytes !== undefined && { bytes },
      };
      return rowOf(PEAK + name, amount, times);
    });
  } catch (error) {
    skipped(`PyTorch's peaks: ${messageOf(error)}`);
    return [];
  }
}
