import { assert, assertEquals, assertMatch } from "@std/assert";
import { fromFileUrl } from "../core/recipe/paths.ts";
import { inTempFolder, runDeno } from "./command.ts";
import { allExamples, DOCUMENTED } from "./doc_examples.ts";

const ROOT = fromFileUrl(new URL("..", import.meta.url));

/** What Deno takes for an example and what not: marks, languages, quotes, lists, comments that are no doc comments. */
const COMMENTS = `/**
 * \`\`\`ts
 * import { b } from "./a.ts";
 * if (b !== 1) throw new Error("right");
 * \`\`\`
 *
 * \`\`\`ts ignore
 * throw new Error("ignored");
 * \`\`\`
 * \`\`\`sh
 * throw new Error("another language");
 * \`\`\`
 * - \`throw\`:
 *   \`\`\`js
 *   const one = [
 *     1,
 *   ];
 *   throw new Error("wrong");
 *   \`\`\`
 */
export const b = 1;
// \`\`\`ts
// throw new Error("line");
// \`\`\`
/* \`\`\`ts
 * throw new Error("block");
 * \`\`\` */
/** \`\`\`ts
 * await Promise.resolve();
 * \`\`\` */
export const c = 1;
`;

/** The names of the examples that Deno itself finds. */
async function denosExamples(paths: readonly string[], root: string): Promise<string[]> {
  const { err } = await runDeno(
    ["test", "--doc", "--no-run", "--no-check", "--log-level=debug", ...paths],
    { cwd: root },
  );
  const found = err.matchAll(/file:\/\/(\S+#\d+-\d+\.[a-z]+)/g);
  return [...new Set(Array.from(found, ([, path]) => path!.replace(root, "")))].sort();
}

const namesOf = async (paths: readonly string[], root: string) =>
  (await allExamples(paths, root)).map(({ name }) => name).sort();

Deno.test("the task test-docs runs the examples that deno test --doc runs", async () => {
  const names = await namesOf(DOCUMENTED, ROOT);
  assertEquals(names, await denosExamples(DOCUMENTED, ROOT));
  assert(names.length > 250, String(names.length));
});

Deno.test("an example that fails fails the task, by the name and at the line that it has in its file", async () => {
  await inTempFolder(async (folder) => {
    const root = `${await Deno.realPath(folder)}/`;
    await Deno.writeTextFile(`${root}a.ts`, COMMENTS);
    const names = ["a.ts#2-6.ts", "a.ts#14-20.js", "a.ts#28-31.ts"];
    assertEquals(await namesOf(["a.ts"], root), names.toSorted());
    assertEquals(await denosExamples(["a.ts"], root), names.toSorted());
    const script = ["run", "-A", `--config=${ROOT}deno.json`, `${ROOT}tests/doc_examples.ts`];
    const { code, out } = await runDeno([...script, "a.ts"], { cwd: root });
    assertEquals(code, 1);
    assertMatch(out, /a\.ts#14-20\.js \.\.\. FAILED/);
    assertMatch(out, /Error: wrong\n[^]*a\.ts_14-20\.js:18:9/);
    assertMatch(out, /2 passed \| 1 failed/);
  });
});
