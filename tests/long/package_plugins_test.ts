import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fromFileUrl } from "../../core/recipe/paths.ts";
import { inTempFolder, runDeno } from "../command.ts";
import { loggedSteps } from "../logged.ts";
import { type LocalRegistry, type Package, serveRegistry } from "./registry.ts";

const ROOT = fromFileUrl(new URL("../..", import.meta.url)).replace(/\/$/, "");

/** A package of npm cannot import `seamstress`, and need not: a plugin is an object. */
const NPM: Package = {
  name: "@you/plugin",
  version: "1.0.0",
  files: {
    "package.json": JSON.stringify({
      name: "@you/plugin",
      version: "1.0.0",
      type: "module",
      exports: "./mod.js",
      dependencies: { zod: "4.6.7" },
    }),
    "mod.js": `
      import * as z from "zod";
      export const quietLoss = {
        kind: "loss",
        name: "quiet",
        summary: "mean square of the CAM",
        options: z.strictObject({}),
        create: () => ({ needs: ["cam"], compute: ({ views }) => views[0].cam.square().mean() }),
      };`,
  },
};

/** One of JSR does as a file of one's own does. */
const JSR: Package = {
  ...NPM,
  files: {
    "mod.ts": `
      import { definePlugin, type Plugin } from "jsr:@seamstress/seamstress@^0.1.0";
      import * as tf from "jsr:@seamstress/seamstress@^0.1.0/tfjs";
      import * as z from "npm:zod@4.6.7";
      export const quietLoss: Plugin<"loss", "quiet"> = definePlugin({
        kind: "loss",
        name: "quiet",
        summary: "mean square of the CAM",
        options: z.strictObject({}),
        create: () => ({
          needs: ["cam"],
          compute: ({ views }) => tf.mean<tf.Scalar>(tf.square(views[0]!["cam"]!)),
        }),
      });`,
  },
};

const recipe = (plugins: string) =>
  `name: quiet
plugins: ["${plugins}"]
backend: wasm
group: single
dataset: mini
observers: [console, jsonl]
stages:
  - id: train
    run: train
    split: train
    backbone: tiny
    head: { use: cam, dropout: 0 }
    method: classification-cam
    losses: [classification, { use: quiet, weight: 0.01 }]
    optimizer: { use: adam, lr: 0.004, schedule: poly }
    batch: { size: 2 }
    epochs: 1
    maxSteps: 2
    transforms: [flip, normalize]
`;

/** Runs a recipe that names a package, in a folder elsewhere that imports this project as a package. */
async function runWith(
  plugins: string,
  registry: LocalRegistry,
  files: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const { denoDir } = JSON.parse(await output(["info", "--json"], ROOT, {}));
  await inTempFolder(async (folder) => {
    await Deno.writeTextFile(
      `${folder}/deno.json`,
      JSON.stringify({ links: [ROOT], nodeModulesDir: "none", lock: false }),
    );
    await Deno.writeTextFile(`${folder}/recipe.yaml`, recipe(plugins));
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(`${folder}/${name}`, text);
    }
    const cli = "jsr:@seamstress/seamstress@^0.1.0/cli";
    const permissions = ["--no-prompt", "--allow-read", "--allow-write=runs"];
    try {
      const run = ["run", ...permissions, `--allow-import=${new URL(registry.url).host}`, cli];
      await output([...run, "run", "recipe.yaml"], folder, env);
      const steps = await loggedSteps(`${folder}/runs/quiet`);
      assertEquals(steps.map(({ losses }) => losses.quiet >= 0), [true, true]);
      const listed = await output(
        [...run, "plugins", "loss", "quiet", "--with", plugins],
        folder,
        env,
      );
      assertStringIncludes(listed, "mean square of the CAM");
    } finally {
      for (const kept of [`npm/${registry.port}`, `remote/http/127.0.0.1_PORT${registry.port}`]) {
        await Deno.remove(`${denoDir}/${kept}`, { recursive: true }).catch(() => {});
      }
    }
  });
  assert(registry.asked.length >= 2, `${registry.asked}`);
}

/** What a command says; fails where it fails. */
async function output(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<string> {
  const { code, out, err } = await runDeno(args, { cwd, env });
  assertEquals(code, 0, out + err);
  return out;
}

Deno.test("a recipe's plugins may be a package of npm", async () => {
  await using registry = await serveRegistry("npm", NPM);
  const npmrc = `@you:registry=${registry.url}\n`;
  await runWith("npm:@you/plugin@1.0.0", registry, { ".npmrc": npmrc }, {});
});

Deno.test("a recipe's plugins may be a package of JSR", async () => {
  await using registry = await serveRegistry("jsr", JSR);
  await runWith("jsr:@you/plugin@1.0.0", registry, {}, { JSR_URL: registry.url });
});
