/**
 * Writes `registered.js` from an installed `@tensorflow/tfjs-core`: its gradients and its tensors' methods (`x.add(y)`). The package
 * has them only as modules that Deno does not resolve and that would load a second core; package `@tensorflow/tfjs`, the usual way
 * to them, brings 240 MB of other things. Run it after another version is pinned:
 *
 *     deno run --allow-read --allow-write=deps deps/tfjs/generate.ts
 *
 * @module
 */
import * as core from "@tensorflow/tfjs-core";

/** What core has under another name than its modules give it. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  "engine ENGINE": "engine()",
  "tensor getGlobalTensorClass": "() => Tensor",
  "ops/image/resize_bilinear resizeBilinear": "image.resizeBilinear",
  "ops/image/resize_nearest_neighbor resizeNearestNeighbor": "image.resizeNearestNeighbor",
};

/** Modules of core that it exports as an object. */
const OBJECTS: Readonly<Record<string, "backend_util" | "slice_util" | "util">> = {
  "ops/axis_util": "backend_util",
  "ops/broadcast_util": "backend_util",
  "ops/conv_util": "backend_util",
  "ops/selu_util": "backend_util",
  "ops/slice_util": "slice_util",
  "util": "util",
  "util_base": "util",
};

/** Modules whose work is to register. */
const ENTRIES = [
  "register_all_gradients",
  "public/chained_ops/register_all_chained_ops",
];

const HEADER =
  `// Gradients and tensor methods of TensorFlow.js ${core.version_core}, written by generate.ts.
// Copyright Google LLC, licensed under the Apache License, Version 2.0: see LICENSE beside this file.
// Changed: modules of @tensorflow/tfjs-core put together in one; what the package exports is imported from it.
`;

const IMPORT = /^import (?:(.*?) from )?'(.*?)';\n/gm;

/** A module's text without its licence, which the header names, its imports and its source map. */
function bodyOf(text: string): string {
  return text.replace(/^\/\*\*\n \* @license[^]*?\*\/\n/, "").replace(IMPORT, "")
    .replace(/^\/\/# sourceMappingURL=.*$/m, "").replace(/^export (?=const|function|var)/gm, "")
    .trim();
}

/**
 * @param dist the `dist/` folder of `@tensorflow/tfjs-core`
 * @returns the text of `registered.js`
 * @throws Error, where a module imports what is not found
 */
export function generate(dist: string): string {
  const imports = new Set(["Tensor", "engine", "image"]);
  const names = new Map<string, string>();
  const bodies = new Map<string, string>();
  const define = (name: string, value: string) => {
    if ((names.get(name) ?? value) !== value) throw new Error(`Two meanings of ${name}`);
    names.set(name, value);
  };
  /** Where a name of a module comes from: core, an object of core, or the module itself. */
  const need = (module: string, name: string) => {
    const object = OBJECTS[module];
    if (object !== undefined) {
      imports.add(object);
      if (name !== "*" && !(name in core[object])) throw new Error(`Not found: ${object}.${name}`);
      return define(name, `${object}.${name}`);
    }
    const other = ELSEWHERE[`${module} ${name}`];
    if (other !== undefined) define(name, other);
    else if (name in core) imports.add(name);
    else add(module);
  };
  const add = (module: string) => {
    if (bodies.has(module)) return;
    const text = Deno.readTextFileSync(`${dist}/${module}.js`);
    bodies.set(module, "");
    for (const [, what = "", from] of text.matchAll(IMPORT)) {
      const source = new URL(from!, `file:///${module}`).pathname.slice(1);
      const [, space] = /^\* as (\w+)$/.exec(what) ?? [];
      if (what === "") add(source);
      else if (space === undefined) {
        for (const name of what.slice(1, -1).split(",")) need(source, name.trim());
      } else {
        const object = OBJECTS[source];
        if (object === undefined) throw new Error(`${module} imports all of ${source}`);
        imports.add(object);
        if (space !== object) define(space, object);
      }
    }
    // Put in again, so that it stands after what it needs.
    bodies.delete(module);
    bodies.set(module, bodyOf(text));
  };
  ENTRIES.forEach(add);
  const lines = [...names].map(([name, value]) => `const ${name} = ${value};`);
  return [
    HEADER,
    `import {\n  ${[...imports].sort().join(",\n  ")},\n} from "@tensorflow/tfjs-core";\n`,
    ...lines.sort(),
    ...[...bodies.values()].filter((body) => body !== ""),
    "",
  ].join("\n");
}

if (import.meta.main) {
  const dist = new URL("../../node_modules/@tensorflow/tfjs-core/dist", import.meta.url).pathname;
  Deno.writeTextFileSync(new URL("registered.js", import.meta.url), generate(dist));
}
