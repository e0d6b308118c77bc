import { assertEquals, assertStringIncludes } from "@std/assert";
import { inTempFolder } from "./command.ts";
import { failureOf, filesOf, runGroup } from "./plugins/groups/setup.ts";
import { StopAfter } from "./stop_after.ts";

/**
 * Runs a training whole, and stopped behind its third step and resumed by two ranks; all checkpoints must have the same bits.
 *
 * @param recipe with a stage `train` of four steps or more and `checkpointEvery: 1`
 */
export async function assertSameWhenStopped(recipe: string): Promise<void> {
  await inTempFolder(async (folder) => {
    await runGroup(`${folder}/whole`, { recipe });
    const whole = await filesOf(`${folder}/whole`, "train");
    const stopped = `${folder}/stopped`;
    const failure = await failureOf(stopped, { recipe, stop: new StopAfter(3) });
    assertStringIncludes(failure, "after step 2 of");
    await runGroup(stopped, { recipe, resume: true, count: 2 });
    assertEquals(await filesOf(stopped, "train"), whole);
  });
}
