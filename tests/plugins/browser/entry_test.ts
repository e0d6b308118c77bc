import { assert, assertEquals } from "@std/assert";
import { fromFileUrl } from "../../../core/recipe/paths.ts";
import { hashFile } from "../../../core/run/stored/hash_file.ts";
import { networkPlugins } from "../../../plugins/browser/network_plugins.ts";
import { plugins } from "../../../plugins/mod.ts";
import { bundle } from "../../../plugins/studio/bundle/bundle.ts";
import { inTempFolder } from "../../command.ts";

const ROOT = new URL("../../../", import.meta.url).href;
const ENTRY = `${ROOT}plugins/browser/mod.ts`;

/** Uses of Deno in a module's text. */
const uses = (text: string) => text.match(/.{0,60}\bDeno\b(?!'s)\s*[.?[)].{0,60}/g) ?? [];

/** Packages that run in a page; what else is imported would not. */
const PACKAGES = [
  "@jsquash/jpeg/codec/dec/mozjpeg_dec.js",
  "@tensorflow/tfjs-backend-cpu",
  "@tensorflow/tfjs-backend-wasm",
  "@tensorflow/tfjs-backend-webgpu",
  "@tensorflow/tfjs-core",
  "zod",
];

Deno.test("bundled for a page, seamstress/browser names Deno nowhere, and imports packages alone that run there", async () => {
  const { text, imports, files } = await bundle(ENTRY, false);
  // By these it is told whether a bundle that was kept is still the one.
  assertEquals(files[fromFileUrl(ENTRY)], await hashFile(fromFileUrl(ENTRY)));
  assert(Object.keys(files).length > 100);
  assertEquals([...new Set(imports)].sort(), PACKAGES);
  assertEquals(uses(text), []);
  assert(!text.includes(fromFileUrl(ROOT).slice(1)), "it says where it was made");
  for (const part of ["modelFromBytes", "pixelAffinity", "walkFromPixel", "@group(0)"]) {
    assert(text.includes(part), part);
  }
});

Deno.test("a module that reads files is found in the bundle of what imports it, and a package that a page lacks", async () => {
  await inTempFolder(async (folder) => {
    const entry = `${folder}/planted.ts`;
    await Deno.writeTextFile(
      entry,
      `export { writeAtomic } from "${ROOT}core/run/atomic.ts";\n` +
        `export { decodeRgbPng } from "${ROOT}plugins/images/png_rgb.ts";\n`,
    );
    const { text, imports } = await bundle(new URL(entry, "file:///").href, false);
    assert(uses(text).length > 0);
    assert(imports.includes("node:zlib"), imports.join());
  });
});

Deno.test("no module behind seamstress/browser uses Deno when it is loaded", async () => {
  const load = (planted: string) =>
    new Deno.Command(Deno.execPath(), {
      args: [
        "eval",
        "--no-check",
        `--config=${fromFileUrl(`${ROOT}deno.json`)}`,
        `
        const { exit } = Deno;
        // Deno's modules in the place of Node's use Deno themselves.
        for (const name of ["module", "crypto", "process", "zlib"]) await import("node:" + name);
        delete globalThis.Deno;
        ${planted}
        const { networkPlugins } = await import(${JSON.stringify(ENTRY)});
        if (networkPlugins.length === 0) exit(3);
      `,
      ],
      env: { NO_COLOR: "1" },
    }).output();
  const { code, stderr } = await load("");
  assertEquals({ code, err: new TextDecoder().decode(stderr) }, { code: 0, err: "" });
  assertEquals((await load("Deno.errors;")).code, 1);
});

Deno.test("seamstress/browser has every backbone, head and backend that ships", () => {
  const names = (list: readonly { readonly kind: string; readonly name: string }[]) =>
    list.filter(({ kind }) => ["backbone", "head", "backend", "op"].includes(kind))
      .map(({ kind, name }) => `${kind} ${name}`).sort();
  assertEquals(names(networkPlugins), names(plugins));
  assertEquals(names(networkPlugins).length, networkPlugins.length);
});
