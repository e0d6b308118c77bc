import { dataCommand } from "../../../plugins/commands/data.ts";
import { dataPlugins } from "../../../plugins/data.ts";

/** Runs a data command. */
export async function data(
  args: readonly string[],
  dataset: string,
): Promise<{ code: number; out: string; note: string }> {
  const out: string[] = [], notes: string[] = [];
  const code = await dataCommand(args, { plugins: dataPlugins, dataset, cwd: "/" }, {
    print: (text) => void out.push(text),
    note: (text) => void notes.push(text),
    progress: { live: false, write() {}, now: () => 0 },
  });
  return { code, out: out.join("\n"), note: notes.join("\n") };
}
