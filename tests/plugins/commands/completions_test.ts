import { assertEquals, assertStringIncludes } from "@std/assert";
import { callSeamstress } from "../../call.ts";

/** What bash completes a line to, by the script that is printed. */
async function complete(script: string, words: readonly string[]): Promise<string[]> {
  const line = `${script}
COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")})
COMP_CWORD=${words.length - 1}
_seamstress
printf '%s\\n' "\${COMPREPLY[@]}"`;
  // By sh, which tests may start.
  const { stdout } = await new Deno.Command("sh", { args: ["-c", 'bash -c "$0"', line] }).output();
  return new TextDecoder().decode(stdout).split("\n").filter(Boolean);
}

Deno.test("bash completes commands, and the options of each", async () => {
  const { code, out } = await callSeamstress(["completions", "bash"]);
  assertEquals(code, 0);
  assertEquals(await complete(out, ["deno", "task", "sw"]), ["sweep"]);
  assertEquals(await complete(out, ["deno", "task", "sweep", "x.yaml", "--se"]), [
    "--seeds",
    "--set",
  ]);
  assertEquals(await complete(out, ["deno", "task", "cam", "--cl"]), ["--class"]);
  assertEquals(await complete(out, ["deno", "task", "run", "--prof"]), [
    "--profile",
    "--profile-steps",
  ]);
  assertEquals(await complete(out, ["deno", "run", "--se"]), []);
  const zsh = await callSeamstress(["completions", "zsh"]);
  assertStringIncludes(zsh.out, "bashcompinit");
  const fish = await callSeamstress(["completions", "fish"]);
  assertEquals(fish.code, 1);
  assertStringIncludes(fish.err, "expected bash or zsh");
});
