/**
 * Which tile is fastest for ResNet38's convolutions on this GPU? Prints GFLOP/s by tile, the one that `plugins/ops/webgpu/tiles.ts` chooses
 * first. Nothing in core/ knows of it: an import map puts another module in the place of that one.
 *
 *   deno run --allow-read --allow-env --allow-write --allow-run bench/tiles.ts
 *
 * @module
 */
import denoJson from "../deno.json" with { type: "json" };

const root = new URL("..", import.meta.url);
const at = (path: string) => new URL(path, root).href;
const [real, swept] = ["plugins/ops/webgpu/tiles.ts", "bench/ops/swept_tiles.ts"].map(at) as [
  string,
  string,
];
const imports = Object.fromEntries(
  Object.entries(denoJson.imports)
    .map(([name, address]) => [name, address.startsWith(".") ? at(address) : address]),
);
const map = await Deno.makeTempFile({ suffix: ".json" });
try {
  await Deno.writeTextFile(
    map,
    JSON.stringify({
      imports: { ...imports, [real]: swept },
      scopes: { [swept]: { [real]: real } },
    }),
  );
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-check", "--cached-only", "--allow-read", "--allow-env"],
      ...["--import-map", map, at("bench/ops/sweep_tiles.ts")],
    ],
    stdout: "inherit",
    stderr: "inherit",
  }).output();
  Deno.exitCode = code;
} finally {
  await Deno.remove(map);
}
