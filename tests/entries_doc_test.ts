import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fromFileUrl } from "../core/recipe/paths.ts";
import { inTempFolder, runDeno } from "./command.ts";
import { docFaults, type Source } from "./entries/doc_faults.ts";

const ROOT = fromFileUrl(new URL("..", import.meta.url)).replace(/\/$/, "");
const ENTRIES = [
  "mod.ts",
  "plugins/ops/mod.ts",
  "plugins/wsss/mod.ts",
  "plugins/browser/mod.ts",
  "plugins/testing/mod.ts",
];

const doc = (folder: string, ...args: readonly string[]) =>
  runDeno(["doc", ...args], { cwd: folder });

async function sourcesIn(folder: string): Promise<Source[]> {
  const sources: Source[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) sources.push(...await sourcesIn(path));
    else if (name.endsWith(".ts")) {
      sources.push({ path, lines: (await Deno.readTextFile(path)).split("\n") });
    }
  }
  return sources;
}

Deno.test("every export of the entries is documented, with the types that it names", async () => {
  const { out, err } = await doc(ROOT, "--lint", ...ENTRIES);
  const sources = [...await sourcesIn(`${ROOT}/core`), ...await sourcesIn(`${ROOT}/plugins`)];
  // Tensors are tfjs's: were nothing found, the lint would not have run.
  assertStringIncludes(out + err, "private type 'Tensor4D'");
  assertEquals(docFaults(out + err, sources), []);
});

Deno.test("an export without documentation, and a type that is not exported, are found", async () => {
  await inTempFolder(async (folder) => {
    const module = `interface Hidden {
  readonly a: number;
}

export const named = 1;

/** Documented. */
export function give(): Hidden {
  return { a: named };
}
`;
    await Deno.writeTextFile(`${folder}/mod.ts`, module);
    const { out, err } = await doc(folder, "--lint", "mod.ts");
    const faults = docFaults(out + err, await sourcesIn(folder));
    assertEquals(faults.map((fault) => fault.replace(/^\S+\/(mod\.ts:\d+):\d+/, "$1")).sort(), [
      "mod.ts:5: not documented",
      "mod.ts:8: give names Hidden, which no entry exports",
    ]);
  });
});

Deno.test("entries re-export only, every export under a heading", async () => {
  for (const entry of ENTRIES) {
    const [, head, body] = (await Deno.readTextFile(`${ROOT}/${entry}`))
      .match(/^(\/\*\*.*?@module\n \*\/\n)(.*)$/s)!;
    assert(head!.length > 200, entry);
    const sections = body!.trim().split(/\n\n/);
    assert(sections.length > 1, `${entry} has ${sections.length} sections`);
    for (const section of sections) {
      const [heading, ...exports] = section.trim().split("\n");
      assert(/^\/\/ [A-Z].*\.$/.test(heading!), `${entry}: ${heading}`);
      for (const statement of exports.join("\n").split(/;\n?/).filter(Boolean)) {
        assert(
          /^export (type )?(\*|\{[^}]*\}) from "[^"]+"$/.test(statement),
          `${entry}: ${statement}`,
        );
      }
    }
  }
});
