import { assertEquals } from "@std/assert";
import { fromFileUrl } from "../core/recipe/paths.ts";
import { readTree } from "./architecture/read_tree.ts";
import { architectureFaults, BENCHMARKED, CORE, type SourceFile } from "./architecture/rules.ts";

const ROOT = fromFileUrl(new URL("..", import.meta.url).href).replace(/\/$/, "");

Deno.test("the architecture is what docs/architecture.md says", async () => {
  assertEquals(
    architectureFaults(await readTree(ROOT, ["core", "plugins", "bench", "mod.ts"])),
    [],
  );
});

/** A tree without faults, to plant some in. */
const sound: readonly SourceFile[] = [
  ...CORE.map((name) => ({
    path: `core/${name.endsWith(".ts") ? name : `${name}/x.ts`}`,
    imports: [],
    values: [],
    lines: 1,
  })),
  ...Object.entries(BENCHMARKED).map(([place, imports]) => ({
    path: place.endsWith(".ts") ? place : `${place}x.ts`,
    imports,
    values: [],
    lines: 1,
  })),
];

const planted: readonly (readonly [string, Partial<SourceFile> & { path: string }, string])[] = [
  [
    "core imports a plugin",
    { path: "core/run/y.ts", imports: ["plugins/losses/er.ts"] },
    "core/run/y.ts imports plugins/losses/er.ts",
  ],
  [
    "core imports an entry",
    { path: "core/run/y.ts", imports: ["seamstress"] },
    "core/run/y.ts imports seamstress",
  ],
  [
    "a kind reaches into another",
    { path: "plugins/heads/y.ts", imports: ["plugins/losses/er.ts"] },
    "plugins/heads/y.ts imports plugins/losses/er.ts",
  ],
  [
    "a plugin imports core",
    { path: "plugins/heads/y.ts", imports: ["core/rng.ts"] },
    "plugins/heads/y.ts imports core/rng.ts",
  ],
  [
    "a plugin imports what plugins share, not by an entry",
    { path: "plugins/heads/y.ts", imports: ["plugins/wsss/pcm/pcm.ts"] },
    "plugins/heads/y.ts imports plugins/wsss/pcm/pcm.ts",
  ],
  [
    "a command imports the list of plugins",
    { path: "plugins/commands/y.ts", imports: ["plugins/mod.ts"] },
    "plugins/commands/y.ts imports the list plugins/mod.ts",
  ],
  [
    "a plugin imports the list of plugins",
    { path: "plugins/heads/y.ts", imports: ["seamstress/plugins"] },
    "plugins/heads/y.ts imports seamstress/plugins, which is no entry for plugins",
  ],
  [
    "a plugin imports the checks for tests",
    { path: "plugins/heads/y.ts", imports: ["seamstress/testing"] },
    "plugins/heads/y.ts imports seamstress/testing, which is no entry for plugins",
  ],
  [
    "a command imports the checks for tests",
    { path: "plugins/commands/y.ts", imports: ["seamstress/testing"] },
    "plugins/commands/y.ts imports seamstress/testing, which is for tests",
  ],
  [
    "what methods are made of imports the checks for tests",
    { path: "plugins/wsss/y.ts", imports: ["seamstress/testing"] },
    "plugins/wsss/y.ts imports seamstress/testing, which is for tests",
  ],
  [
    "a plugin imports what pages are written against",
    { path: "plugins/heads/y.ts", imports: ["seamstress/browser"] },
    "plugins/heads/y.ts imports seamstress/browser, which is for pages",
  ],
  [
    "a command imports what pages are written against",
    { path: "plugins/commands/y.ts", imports: ["seamstress/browser"] },
    "plugins/commands/y.ts imports seamstress/browser, which is for pages",
  ],
  [
    "a command imports the list that networks in a page share",
    { path: "plugins/commands/y.ts", imports: ["plugins/networks.ts"] },
    "plugins/commands/y.ts imports the list plugins/networks.ts",
  ],
  [
    "networks in a page import the list",
    { path: "plugins/browser/y.ts", imports: ["plugins/mod.ts"] },
    "plugins/browser/y.ts imports the list plugins/mod.ts",
  ],
  [
    "the checks for tests import core",
    { path: "plugins/testing/y.ts", imports: ["core/rng.ts"] },
    "plugins/testing/y.ts imports core/rng.ts",
  ],
  [
    "operations import what stands above them",
    { path: "plugins/ops/y.ts", imports: ["plugins/wsss/pcm/pcm.ts"] },
    "plugins/ops/y.ts imports plugins/wsss/pcm/pcm.ts",
  ],
  [
    "a new folder in core",
    { path: "core/helpers/y.ts" },
    `core/ holds ${[...CORE, "helpers"].sort().join(", ")}; it should hold ${CORE.join(", ")}`,
  ],
  [
    "core over its budget",
    { path: "core/run/y.ts", lines: 7000 },
    "core/ has 7008 lines, 7000 at most",
  ],
  [
    "a product file that looks like a test",
    { path: "plugins/stages/export_test.ts" },
    "plugins/stages/export_test.ts is named like a test and is none",
  ],
  [
    "an entry imports the list",
    { path: "mod.ts", imports: ["plugins/mod.ts"] },
    "entry mod.ts imports the list plugins/mod.ts",
  ],
  [
    "a benchmark imports core",
    { path: "bench/step/y.ts", imports: ["core/trainer/advance.ts"] },
    "bench/step/y.ts imports core/trainer/advance.ts, which is no entry",
  ],
  [
    "a benchmark imports what another benchmark alone may",
    { path: "bench/step/y.ts", imports: ["plugins/refinement/crf/mean_field.ts"] },
    "bench/step/y.ts imports plugins/refinement/crf/mean_field.ts, which is no entry",
  ],
  [
    "a circle through an entry",
    { path: "plugins/wsss/mod.ts", imports: ["seamstress/wsss"] },
    "circle: plugins/wsss/mod.ts → plugins/wsss/mod.ts",
  ],
];

for (const [what, { path, imports = [], lines = 1 }, fault] of planted) {
  Deno.test(`architecture: ${what} is found`, () => {
    assertEquals(architectureFaults(sound), []);
    assertEquals(architectureFaults([...sound, { path, imports, values: imports, lines }]), [
      fault,
    ]);
  });
}
