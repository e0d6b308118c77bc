import { assertEquals } from "@std/assert";
import { commitAt } from "../../../core/run/manifest.ts";
import { inTempFolder } from "../../command.ts";

const LOOSE = "a".repeat(40), PACKED = "b".repeat(40), DETACHED = "c".repeat(40);

async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    await Deno.writeTextFile(path, text);
  }
}

Deno.test("the commit is found in checkouts and worktrees, of loose and packed branches", async () => {
  await inTempFolder(async (folder) => {
    const git = `${folder}/main/.git`;
    await write({
      [`${git}/HEAD`]: "ref: refs/heads/main\n",
      [`${git}/refs/heads/main`]: `${LOOSE}\n`,
      [`${git}/packed-refs`]: `# pack-refs with: peeled\n${PACKED} refs/heads/idea\n`,
      [`${git}/worktrees/idea/HEAD`]: "ref: refs/heads/idea\n",
      [`${git}/worktrees/idea/commondir`]: "../..\n",
      [`${folder}/idea/.git`]: `gitdir: ${git}/worktrees/idea\n`,
      [`${git}/worktrees/old/HEAD`]: `${DETACHED}\n`,
      [`${folder}/old/.git`]: `gitdir: ${git}/worktrees/old\n`,
    });
    assertEquals(await commitAt(git), LOOSE);
    assertEquals(await commitAt(`${folder}/idea/.git`), PACKED);
    assertEquals(await commitAt(`${folder}/old/.git`), DETACHED);
    assertEquals(await commitAt(`${folder}/none/.git`), "unknown");
  });
});
