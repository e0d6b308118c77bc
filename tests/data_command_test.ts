import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { isUserError } from "../core/errors.ts";
import { fromFileUrl } from "../core/recipe/paths.ts";
import { dataCommand } from "../plugins/commands/data.ts";
import { plugins } from "../plugins/mod.ts";
import { callSeamstress } from "./call.ts";
import { inTempFolder, runDeno } from "./command.ts";
import { writeDevkit } from "./plugins/datasets/voc12_devkit.ts";

const CAT = 8;

Deno.test("data check says what there is, and fails where a file is broken", async () => {
  await inTempFolder(async (folder) => {
    const devkit = await writeDevkit(folder, [{ name: "a", classes: [0, CAT] }]);
    const good = await callSeamstress(["data", "check", folder]);
    assertEquals([good.code, good.err], [0, ""]);
    assertStringIncludes(good.out, "No faults");
    assertStringIncludes(good.out, "No labels were looked at: give --labels FILE");
    await Deno.writeTextFile(`${folder}/labels.json`, '{"a": ["cat", "dog"]}');
    await Deno.writeTextFile(`${devkit}/JPEGImages/a.jpg`, "no photograph");
    const bad = await callSeamstress(["data", "check", folder, "--json"]);
    assertEquals([bad.code, bad.err], [1, ""]);
    const { faults, labels } = JSON.parse(bad.out);
    assertEquals(faults.length, 1);
    assertEquals(labels, { from: `${folder}/labels.json`, compared: 1, different: 1 });
  });
});

Deno.test("data check asks for the classes of data that are not VOC's", async () => {
  await inTempFolder(async (folder) => {
    await writeDevkit(folder, [{ name: "a", classes: [0, 1] }]);
    await Deno.writeTextFile(`${folder}/labels.json`, '{"a": ["tree"]}');
    const { code, err } = await callSeamstress(["data", "check", folder]);
    assertEquals(code, 1);
    assertStringIncludes(err, "--classes cat,dog,tree");
    const given = await callSeamstress(["data", "check", folder, "--classes", "tree"]);
    assertEquals([given.code, given.err], [0, ""]);
    // Classes with names of VOC have VOC's numbers, as in a recipe, unless the vocabulary is stated.
    const cats = ["data", "check", folder, "--classes", "cat"];
    await Deno.writeTextFile(`${folder}/labels.json`, '{"a": ["cat"]}');
    const byVoc = await callSeamstress(cats);
    assertEquals(byVoc.code, 1);
    assertStringIncludes(byVoc.out, "hold 1 (aeroplane)");
    const own = await callSeamstress([...cats, "--vocabulary", "cat"]);
    assertEquals([own.code, own.err], [0, ""]);
    const voc = await callSeamstress([...cats, "--vocabulary", "voc"]);
    assertStringIncludes(voc.out, "a number is a class's place in vocabulary");
  });
});

Deno.test("data labels writes what a recipe reads, to a file or to standard output", async () => {
  await inTempFolder(async (folder) => {
    await writeDevkit(folder, [{ name: "a", classes: [0, CAT] }, { name: "b", classes: [0] }]);
    const args = ["data", "labels", folder, "--from", "masks"];
    const { code, out, err } = await callSeamstress(args);
    assertEquals([code, JSON.parse(out)], [0, { a: ["cat"], b: [] }]);
    assertEquals(err, "2 images labelled; 1 of them without any class\n");
    const file = `${folder}/labels.json`;
    const written = await callSeamstress([...args, "--out", file]);
    assertEquals([written.code, written.out], [0, ""]);
    assertEquals(await Deno.readTextFile(file), out);
  });
});

Deno.test("data check and data labels read no image of more pixels than told", async () => {
  await inTempFolder(async (folder) => {
    await writeDevkit(folder, [{ name: "a", classes: [0, CAT] }]);
    const few = await callSeamstress(["data", "check", folder, "--pixels", "383"]);
    assertEquals(few.code, 1);
    assertStringIncludes(few.out, "2 faults");
    assertStringIncludes(few.out, "a.jpg: its header states 24x16, 384 pixels, at most 383");
    assertStringIncludes(few.out, "a.png: its header states 24x16, 384 pixels, at most 383");
    assertStringIncludes(few.err, "--pixels N");
    assertEquals((await callSeamstress(["data", "check", folder, "--pixels", "384"])).code, 0);
    const labels = ["data", "labels", folder, "--from", "masks", "--pixels"];
    const refused = await callSeamstress([...labels, "383"]);
    assertEquals(refused.code, 1);
    assertStringIncludes(refused.err, "a.png: its header states 24x16");
    assertEquals((await callSeamstress([...labels, "384"])).code, 0);
  });
});

const shipped = { plugins, dataset: "voc12", cwd: Deno.cwd() };

const silent = {
  print: () => {},
  note: () => {},
  progress: { live: false, write: () => {}, now: () => 0 },
};

Deno.test("data says what is wrong with its arguments, without a trace", async () => {
  await inTempFolder(async (folder) => {
    await writeDevkit(folder, [{ name: "a", classes: [0, CAT] }]);
    const cases: [string[], string][] = [
      [
        ["check", folder, "--pixels", "many"],
        "Cannot read option --pixels: found many, expected a number of pixels >= 1",
      ],
      [["chek", folder], 'Cannot do data chek (did you mean "check"?); valid: check, labels'],
      [["check"], "Cannot check data: expected one folder, found 0"],
      [["check", `${folder}/gone`], "Cannot find a folder JPEGImages"],
      [["check", `${folder}/gone`], "; docs/downloads.md says what to fetch"],
      [["check", folder, "--labls=a.npy"], '--labls=a.npy (did you mean "labels"?)'],
      [["check", folder, "--labels=a.txt"], "Cannot read labels a.txt: expected xml, or a file"],
      [["check", folder, "--labels=a.npy"], "Cannot find labels a.npy: looked for"],
      [["check", folder, "--labels=a.npy"], "; docs/downloads.md says what to fetch"],
      [["check", folder, "--classes=cat,,dog"], "--classes: a name is empty"],
      [["check", folder, "--classes=cat,cat"], '"cat" is there twice'],
      [["check", folder, "--vocabulary=cat,"], "--vocabulary: a name is empty"],
      [["check", folder, "--classes=cat", "--vocabulary=dog"], "the data's classes are dog"],
      [["check", folder, "--classes=cat,tumour"], "list its classes in vocabulary"],
      [
        ["labels", folder, "--from=masks", "--classes=dog"],
        "no pixel of dog: its masks hold 8 (cat)",
      ],
      [["labels", folder], "Cannot make labels: --from is missing; expected --from masks"],
      [["labels", folder, "--from=json"], "Cannot make labels: --from is json"],
      [["labels", folder, "--from=masks", "--out=/no/such/folder/l.json"], "Cannot write"],
    ];
    for (const [args, message] of cases) {
      const error = await assertRejects(() => dataCommand(args, shipped, silent), Error, message);
      assert(isUserError(error), "a trace would be printed");
    }
    const { code, err } = await callSeamstress(["data", ...cases[0]![0]]);
    assertEquals([code, err], [1, `error: ${cases[0]![1]}\n`]);
  });
});

Deno.test("data labels, started as the task is, says where it may write", async () => {
  await inTempFolder(async (folder) => {
    await writeDevkit(folder, [{ name: "a", classes: [0, CAT] }]);
    const { code, err } = await runDeno([
      ...["run", "--no-prompt", "--allow-read", "--allow-write=.", "cli.ts"],
      ...["data", "labels", folder, "--from", "masks", "--out", `${folder}/labels.json`],
    ]);
    assertEquals(code, 1, err);
    assertStringIncludes(err, "leave out --out and send standard output there");
  });
});

const HEAP = `
import * as z from "zod";
import { definePlugin, userError } from "seamstress";
export const heap = definePlugin({
  kind: "dataset",
  name: "heap",
  summary: "a heap of pictures",
  options: z.strictObject({}),
  data: {
    usage: "  deno task data count ROOT   how many files there are",
    commands: {
      async count([root], out) {
        if (!root) throw userError(new TypeError("Cannot count: no folder"));
        const files = await Array.fromAsync(Deno.readDir(root));
        out.print(files.length + " files");
        return files.length === 0 ? 1 : 0;
      },
    },
  },
  create: () => Promise.reject(new Error("not asked for")),
});
`;

Deno.test("data runs the commands of the data set that is named, an outside plugin's too", async () => {
  await inTempFolder(async (folder) => {
    const module = `${folder}/heap.ts`, empty = `${folder}/empty`;
    await Deno.writeTextFile(module, HEAP);
    await Deno.mkdir(empty);
    const use = ["--dataset", "heap", "--plugins", module];
    const full = await callSeamstress(["data", ...use, "count", folder]);
    assertEquals([full.code, full.out, full.err], [0, "2 files\n", ""]);
    const none = await callSeamstress(["data", "count", empty, "--dataset=heap", ...use.slice(2)]);
    assertEquals([none.code, none.out], [1, "0 files\n"]);
    const help = await callSeamstress(["data", "help", ...use]);
    assertStringIncludes(help.out, "deno task data count ROOT");
    assert(!help.out.includes("VOCdevkit"), "the usage of another data set");
    const wrong = await callSeamstress(["data", "check", folder, ...use]);
    assertEquals([wrong.code, wrong.err], [1, "error: Cannot do data check; valid: count\n"]);
  });
});

Deno.test("data says which data sets have commands, and what is missing behind its options", async () => {
  const cases: [string[], string][] = [
    [["check", ".", "--dataset", "voc21"], 'voc21 (did you mean "voc12"?); valid: voc12'],
    [["check", ".", "--dataset", "mini"], "the plugin has no commands; those that have: voc12"],
    [["check", "--dataset"], "Cannot read option --dataset: it needs a value"],
    [["check", ".", "--plugins="], "Cannot read option --plugins: it needs a value"],
    [["check", ".", "--plugins", "/gone.ts"], "Cannot load plugins from /gone.ts"],
  ];
  for (const [args, message] of cases) {
    const error = await assertRejects(() => dataCommand(args, shipped, silent), Error, message);
    assert(isUserError(error), "a trace would be printed");
  }
});

Deno.test("the command line imports no data set: commands come with the plugin", async () => {
  const cli = await Deno.readTextFile(fromFileUrl(import.meta.resolve("../cli.ts")));
  assert(!cli.includes("plugins/datasets/"), "cli.ts imports a data set");
});
