import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fromFileUrl } from "../core/recipe/paths.ts";
import { inTempFolder } from "./command.ts";

const ROOT = fromFileUrl(new URL("..", import.meta.url).href).replace(/\/$/, "");

/** The command line with the permissions of its task. */
async function studio(args: readonly string[]): Promise<Deno.Command> {
  const { tasks } = JSON.parse(await Deno.readTextFile(`${ROOT}/deno.json`));
  const [, ...words] = (tasks.studio.command as string).split(" ");
  return new Deno.Command(Deno.execPath(), {
    args: [...words, ...args],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
}

/** Runs it to its end; for what does not serve. */
async function end(...args: string[]): Promise<{ code: number; err: string }> {
  const { code, stderr } = await (await studio(args)).output();
  return { code, err: new TextDecoder().decode(stderr) };
}

Deno.test("the studio serves until it is stopped; a second one on its port is refused with what to do", async () => {
  await inTempFolder(async (folder) => {
    const first = (await studio([folder, "--port", "0"])).spawn();
    const reader = first.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const { value: url = "" } = await reader.read();
    const port = url.match(/^http:\/\/127\.0\.0\.1:(\d+)\/\n$/)?.[1];
    assert(port, url);
    const { code, err } = await end(folder, "--port", port);
    first.kill("SIGINT");
    assertEquals(code, 1);
    assertStringIncludes(
      err,
      `error: Cannot serve the studio on 127.0.0.1:${port}: another program`,
    );
    assertStringIncludes(err, "--port");
    assertEquals((await first.status).code, 0);
    await reader.cancel();
    assertEquals(await new Response(first.stderr).text(), `0 runs in ${folder}; Ctrl-C ends it\n`);
  });
});

Deno.test("the studio cannot write while it serves, but into its cache where its task lets it; an export has no network", async () => {
  await inTempFolder(async (folder) => {
    const probe = `${folder}/probe.ts`;
    await Deno.writeTextFile(
      probe,
      `import { studioCommand } from "${ROOT}/plugins/commands/studio.ts";
      const tell = () => {
        const state = (name, path) => Deno.permissions.querySync({ name, path }).state;
        console.log(state("write"), state("net"), state("read"));
        console.log(...["runs", "runs/a", "${folder}", "runs/.studio"].map((path) => state("write", path)));
        Deno.exit(0);
      };
      const shipped = { plugins: [], pluginModules: [], workerModules: [] };
      const out = { print: tell, note: tell, progress: undefined };
      await studioCommand(Deno.args, shipped, out).catch(tell);`,
    );
    const states = async (options: readonly string[], ...args: string[]) => {
      const { stdout } = await new Deno.Command(Deno.execPath(), {
        args: [
          "run",
          "--no-prompt",
          "--no-check",
          ...options,
          `--config=${ROOT}/deno.json`,
          probe,
          ...args,
        ],
        env: { NO_COLOR: "1" },
      }).output();
      return new TextDecoder().decode(stdout).trim().split("\n");
    };
    const all = ["--allow-read", "--allow-write", "--allow-net"];
    assertEquals(
      await states(all, folder, "--port", "0"),
      ["prompt granted granted", "prompt prompt prompt prompt"],
    );
    assertEquals(
      await states(all, "export", folder, "--out", `${folder}/out`),
      ["granted prompt granted", "granted granted granted granted"],
    );
    const { tasks } = JSON.parse(await Deno.readTextFile(`${ROOT}/deno.json`));
    const own = (tasks.studio.command as string).match(/--allow-\S+/g)!;
    assertEquals(
      await states(own, folder, "--port", "0"),
      ["prompt prompt granted", "prompt prompt prompt granted"],
    );
    const more = own.map((flag) => flag.includes("write") ? `${flag},${folder}` : flag);
    assertEquals(
      await states(more, folder, "--port", "0"),
      ["prompt prompt granted", "prompt prompt prompt granted"],
    );
  });
});

for (
  const [what, args, said] of [
    [
      "a folder that is not there",
      ["no-such-folder"],
      "Cannot look for runs in no-such-folder: it is not there",
    ],
    ["a file", ["README.md"], "Cannot look for runs in README.md: it is a file"],
    ["two folders", ["runs", "docs"], "Cannot show runs and docs: give one folder"],
    [
      "a port that is none",
      ["docs", "--port", "70000"],
      "Cannot use --port 70000: expected a whole number from 0 to 65535",
    ],
    ["an unknown option", ["--prot", "1"], 'Cannot read option --prot (did you mean "port"?)'],
    ["an export of nothing", ["export"], "Cannot export: no run folder given"],
    ["an export of what is no run", ["export", "core"], "Cannot export core: it is no run folder"],
    ["an export of few images", ["export", "docs", "--images", "many"], "Cannot use --images"],
  ] as const
) {
  Deno.test(`studio: ${what} is refused`, async () => {
    const { code, err } = await end(...args);
    assertEquals(code, 1);
    assertStringIncludes(err, `error: ${said}`);
  });
}
