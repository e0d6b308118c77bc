import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { readMask } from "../../../plugins/images/mask_store.ts";
import { decodePng } from "../../../plugins/images/png.ts";
import { pseudoMask } from "../../../plugins/wsss/cams/pseudo_mask.ts";
import { readCams } from "../../../plugins/wsss/cams/cam_store.ts";
import { callSeamstress } from "../../call.ts";
import { inTempFolder } from "../../command.ts";
import { photographs, shortRun } from "./short_run.ts";

Deno.test("cam infers photographs as the run's own stage does, with the threshold that the run scored", async () => {
  await inTempFolder(async (folder) => {
    const run = await shortRun(folder);
    const images = await photographs(folder, 2);
    for (const { name, path, image, classes } of images) {
      const out = `${folder}/out-${name}`;
      const found = await callSeamstress([
        "cam",
        path,
        "--from",
        run,
        "--backend=wasm",
        "--out",
        out,
        ...classes.map((each) => `--class=${each}`),
      ]);
      assertEquals(found.code, 0, found.err);
      const { cams } = await readCams(`${run}/stages/cams/cams`, name);
      const wanted = pseudoMask(cams!.maps, image.width * image.height, 0.3);
      assertEquals((await readMask(out, name, 8)).data, wanted);
      assertStringIncludes(found.err, "alpha 0.3 from stage score");
      for (const file of [`${name}.overlay.png`, `${name}.cam-${classes[0]}.png`]) {
        const { raster } = decodePng(await Deno.readFile(`${out}/${file}`), file);
        assertEquals([raster.width, raster.height, raster.channels], [
          image.width,
          image.height,
          3,
        ]);
      }
    }
  });
});

Deno.test("cam without --class takes a folder, shows what the network sees and writes scores as table and JSON", async () => {
  await inTempFolder(async (folder) => {
    const run = await shortRun(folder);
    const images = await photographs(folder, 3);
    const out = `${folder}/out`;
    const marker = JSON.parse(await Deno.readTextFile(`${run}/stages/seam/stage.json`));
    const file = `${run}/stages/seam/${marker.artifact.info.weights}`;
    const args = ["cam", `${folder}/photos`, "--backend=wasm", "--alpha=0.5", "--out", out];
    const { code, out: table, err } = await callSeamstress([...args, "--from", file]);
    assertEquals(code, 0, err);
    assertEquals(table.trim().split("\n").length, 2 + images.length);
    assertEquals(await Deno.readTextFile(`${out}/scores.md`), table);
    const scores = JSON.parse(await Deno.readTextFile(`${out}/scores.json`));
    assertEquals(scores.settings.alpha, 0.5);
    assertEquals(scores.weights, marker.artifact.info.weights);
    for (const { name, shown, probabilities, files } of scores.images) {
      const likely = Object.entries<number>(probabilities).sort(([, a], [, b]) => b - a);
      const seen = likely.filter(([, p]) => p >= 0.5).map(([label]) => label);
      assertEquals([...shown].sort(), seen.length > 0 ? seen.sort() : [likely[0]![0]], name);
      for (const file of files) assert((await Deno.stat(`${out}/${file}`)).size > 0);
    }
    const json = await callSeamstress([...args, "--from", `${run}/stages/seam`, "--json"]);
    assertEquals(JSON.parse(json.out).images, scores.images);
  });
});

Deno.test("cam says what is wrong: no run, a stage not finished, a lone checkpoint, no image, an unknown class", async () => {
  await inTempFolder(async (folder) => {
    const run = await shortRun(folder);
    const [image] = await photographs(folder, 1);
    const stray = `${folder}/stray.safetensors`;
    await Deno.writeFile(stray, new Uint8Array(8));
    await Deno.mkdir(`${folder}/empty`);
    await Deno.mkdir(`${folder}/classes/cat`, { recursive: true });
    await Deno.mkdir(`${folder}/b`);
    await Deno.copyFile(image!.path, `${folder}/b/${image!.name}.png`);
    const cases: [readonly string[], string][] = [
      [[image!.path, "--from", `${folder}/rnu`], `no such file or folder; runs in ${folder}: run`],
      [[image!.path, "--from", folder], "it has no recipe.yaml, which every run folder has"],
      [[image!.path, "--from", stray], "import-checkpoint"],
      [[image!.path], "Cannot infer without --from"],
      [["--from", run], "Cannot infer without an image"],
      [[`${folder}/no.jpg`, "--from", run], "no.jpg: there is no such file or folder"],
      [
        [`${folder}/empty`, "--from", run],
        "it holds no image; looked for endings jpg, jpeg, png\n",
      ],
      [
        [`${folder}/classes/`, "--from", run],
        `png; folders in it are given by name: ${folder}/classes/cat\n`,
      ],
      [[stray, "--from", run], "Cannot decode"],
      [[image!.path, `${folder}/b`, "--from", run], `would both be named ${image!.name}`],
      [[image!.path, "--from", run, "--class", "sqare"], "the network learned"],
      [[image!.path, "--from", run, "--stage", "score"], "it left table, and a checkpoint"],
      [[image!.path, "--from", run, "--stage", "saem"], 'did you mean "seam"?'],
      [[image!.path, "--from", run, "--alpha", "2"], "expected a number from 0 to 1"],
    ];
    for (const [args, message] of cases) {
      const { code, err } = await callSeamstress([
        "cam",
        ...args,
        "--backend=wasm",
        "--out",
        `${folder}/out`,
      ]);
      assertEquals(code, 1, message);
      assertStringIncludes(err, message);
      assert(!err.includes("    at "), err);
    }
    // A run that was stopped within its training.
    const marker = JSON.parse(await Deno.readTextFile(`${run}/stages/seam/stage.json`));
    const { fingerprint, modules } = marker;
    await Deno.writeTextFile(
      `${run}/stages/seam/stage.json`,
      JSON.stringify({ fingerprint, modules }),
    );
    const { code, err } = await callSeamstress(["cam", image!.path, "--from", run]);
    assertEquals(code, 1);
    assertStringIncludes(err, "not finished: seam; go on with");
  });
});
