/** A source file: its path from the repository's root, what it imports and how long it is. */
export interface SourceFile {
  readonly path: string;
  /** Paths from the root for files of the project, otherwise the specifier as written. */
  readonly imports: readonly string[];
  /** Those that are needed at run time: types may name each other in a circle. */
  readonly values: readonly string[];
  readonly lines: number;
}

/** Public entries: what plugins are written against, in this project and elsewhere. */
export const ENTRIES: Readonly<Record<string, string>> = {
  "seamstress": "mod.ts",
  "seamstress/ops": "plugins/ops/mod.ts",
  "seamstress/wsss": "plugins/wsss/mod.ts",
};

/** What core consists of; `errors.ts` and `rng.ts` stand on the ground. */
export const CORE = [
  "contracts",
  "data",
  "errors.ts",
  "recipe",
  "registry",
  "rng.ts",
  "run",
  "trainer",
];

/** Lines that core may have. */
export const CORE_LINES = 7000;

/** Folders of plugins/ that are no plugins but what plugins share, and those below each. */
const SHARED: Readonly<Record<string, readonly string[]>> = {
  command_line: ["core"],
  formats: ["core"],
  images: ["core", "formats", "ops"],
  modules: ["core"],
  shards: ["core", "modules"],
  recipe_files: ["core", "formats"],
  ops: ["core"],
  forecast: ["core", "formats", "ops", "command_line", "modules"],
  wsss: ["core", "formats", "images", "ops", "forecast"],
};

/**
 * What may import anything but the lists: plugins that are the operations' own or recompute numbers of inner functions, the commands
 * of the command line, which are given the list, and networks in a page, which are a list of their own.
 */
const INSIDE = ["backends", "browser", "commands", "fixtures"];

/**
 * What benchmarks import besides the entries, and from where: inner parts that they time one by one, which no entry can or should export.
 * docs/architecture.md gives the reason of each.
 */
export const BENCHMARKED: Readonly<Record<string, readonly string[]>> = {
  "bench/dense_crf/": ["plugins/refinement/crf/"],
  "bench/random_walk/": ["plugins/affinitynet/random_walk/"],
  "bench/step/profile.ts": ["plugins/observers/profile/"],
  "bench/ops/swept_tiles.ts": ["plugins/ops/webgpu/tiles.ts"],
  "bench/ops/sweep_tiles.ts": [
    "plugins/ops/conv/bench_shapes.ts",
    "plugins/ops/conv/filter_gradient.ts",
    "plugins/ops/conv/input_gradient.ts",
    "plugins/ops/webgpu/tiles.ts",
  ],
};

/** Checks for tests of plugins: above the list, which they try a plugin beside; written against the entries, as outside tests are. */
const TESTING = { room: "testing", entry: "seamstress/testing", list: "seamstress/plugins" };

/** Networks in a page: an entry for pages, and for what makes the studio's; it shares one of the lists. */
const BROWSER = {
  room: "browser",
  entry: "seamstress/browser",
  path: "plugins/browser/mod.ts",
  user: "studio",
  list: "plugins/networks.ts",
};

/** The lists of what ships. */
const LISTS = ["plugins/mod.ts", "plugins/data.ts", BROWSER.list];

/** `core`, `ops`, `losses`, … or undefined for what is no source of the product. */
function roomOf(path: string): string | undefined {
  const [top, second = ""] = path.split("/");
  if (top === "core") return "core";
  return top === "plugins" && path.split("/").length > 2 ? second : undefined;
}

function faultsOfFile({ path, imports }: SourceFile): string[] {
  const room = roomOf(path);
  if (room === undefined) return [];
  const relative = imports.filter((specifier) =>
    /^[\w.]+\//.test(specifier) && !specifier.startsWith("seamstress")
  )
    .filter((specifier) => roomOf(specifier) !== room);
  const bad = (allowed: readonly string[]) =>
    relative.filter((target) => target.endsWith(".ts"))
      .filter((target) => !allowed.includes(roomOf(target) ?? target))
      .map((target) => `${path} imports ${target}`);
  if (room === "core") {
    return [
      ...bad([]),
      ...imports.filter((specifier) => specifier.startsWith("seamstress"))
        .map((specifier) => `${path} imports ${specifier}`),
    ];
  }
  const testing = imports.includes(TESTING.entry) && room !== TESTING.room
    ? [`${path} imports ${TESTING.entry}, which is for tests`]
    : [];
  const browser = imports.includes(BROWSER.entry) && room !== BROWSER.user
    ? [`${path} imports ${BROWSER.entry}, which is for pages`]
    : [];
  const reserved = [...testing, ...browser];
  const shared = Object.hasOwn(SHARED, room) ? SHARED[room] : undefined;
  if (shared) return [...reserved, ...bad(shared)];
  if (INSIDE.includes(room)) {
    return [
      ...reserved,
      ...relative.filter((target) => LISTS.includes(target))
        .filter((target) => room !== BROWSER.room || target !== BROWSER.list)
        .map((target) => `${path} imports the list ${target}`),
    ];
  }
  return [
    ...browser,
    ...bad([]),
    ...imports.filter((specifier) =>
      specifier.startsWith("seamstress") && !Object.hasOwn(ENTRIES, specifier) &&
      specifier !== BROWSER.entry && !(room === TESTING.room && specifier === TESTING.list)
    )
      .map((specifier) => `${path} imports ${specifier}, which is no entry for plugins`),
  ];
}

/** Benchmarks are written against the entries, as those of others are. */
function faultsOfBenchmark({ path, imports }: SourceFile): string[] {
  const allowed = Object.entries(BENCHMARKED)
    .flatMap(([place, targets]) => path.startsWith(place) ? targets : []);
  return imports.filter((target) => /^(core|plugins|mod\.ts)(\/|$)/.test(target))
    .filter((target) => !allowed.some((start) => target.startsWith(start)))
    .map((target) => `${path} imports ${target}, which is no entry`);
}

/** Of the list of what benchmarks import besides: what nothing imports any more. */
function unusedExceptions(files: readonly SourceFile[]): string[] {
  return Object.entries(BENCHMARKED).flatMap(([place, targets]) =>
    targets.filter((start) =>
      !files.some(({ path, imports }) =>
        path.startsWith(place) && imports.some((target) => target.startsWith(start))
      )
    ).map((start) => `${place} does not import ${start}: take it off the list`)
  );
}

/** Files that need each other in a circle at run time; none may. */
function circles(files: readonly SourceFile[]): string[] {
  const entries: Readonly<Record<string, string>> = { ...ENTRIES, [BROWSER.entry]: BROWSER.path };
  const imports = new Map(files.map(({ path, values }) => [
    path,
    values.map((specifier) => Object.hasOwn(entries, specifier) ? entries[specifier]! : specifier),
  ]));
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (path: string, above: readonly string[]): void => {
    const at = above.indexOf(path);
    if (at >= 0) {
      found.push(`circle: ${[...above.slice(at), path].join(" → ")}`);
      return;
    }
    if (done.has(path)) return;
    for (const next of imports.get(path) ?? []) visit(next, [...above, path]);
    done.add(path);
  };
  for (const { path } of files) visit(path, []);
  return found;
}

/**
 * Checks the architecture: see docs/architecture.md.
 *
 * @param files every TypeScript file of core/, plugins/, bench/ and the public entries
 * @returns what is wrong, a sentence each; nothing where all is right
 */
export function architectureFaults(files: readonly SourceFile[]): string[] {
  const core = files.filter(({ path }) => path.startsWith("core/"));
  const listed = [...new Set(core.map(({ path }) => path.split("/")[1]!))].sort();
  const lines = core.reduce((sum, file) => sum + file.lines, 0);
  const entries = files.filter(({ path }) => Object.values(ENTRIES).includes(path));
  return [
    ...files.flatMap(faultsOfFile),
    ...files.filter(({ path }) => path.startsWith("bench/")).flatMap(faultsOfBenchmark),
    ...unusedExceptions(files),
    ...circles(files),
    ...listed.join() === CORE.join()
      ? []
      : [`core/ holds ${listed.join(", ")}; it should hold ${CORE.join(", ")}`],
    ...lines <= CORE_LINES ? [] : [`core/ has ${lines} lines, ${CORE_LINES} at most`],
    ...files.filter(({ path }) => /_test\.\w+$/.test(path))
      .map(({ path }) => `${path} is named like a test and is none`),
    ...entries.flatMap(({ path, imports }) =>
      imports.filter((target) => LISTS.includes(target))
        .map((target) => `entry ${path} imports the list ${target}`)
    ),
  ];
}
