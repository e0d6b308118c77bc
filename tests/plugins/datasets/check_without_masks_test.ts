import { assertEquals } from "@std/assert";
import { encodeRgbPng } from "seamstress";
import { inTempFolder, runSeamstress } from "../../command.ts";

Deno.test("data check of photographs without masks says nothing of masks but that there are none", async () => {
  await inTempFolder(async (folder) => {
    for (const name of ["cat/a", "cat/b", "dog/c"]) {
      await Deno.mkdir(`${folder}/${name.slice(0, 3)}`, { recursive: true });
      const image = { width: 4, height: 3, channels: 3, data: new Uint8Array(36) };
      await Deno.writeFile(`${folder}/${name}.png`, encodeRgbPng(image));
    }
    const { code, out, err } = await runSeamstress(["data", "check", folder, "--dataset=folder"]);
    assertEquals(code, 0, err);
    const lines = out.trim().split("\n");
    assertEquals(lines.slice(lines.findIndex((line) => line.startsWith("class"))), [
      "class  labelled",
      "cat           2",
      "dog           1",
      "",
      "3 distinct images, sides 3 to 4; no masks",
      "Labels from folders",
      "No faults",
    ]);
  });
});
