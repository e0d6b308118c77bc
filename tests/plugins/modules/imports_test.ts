import { assert, assertEquals, assertThrows } from "@std/assert";
import { isUserError } from "../../../core/errors.ts";
import { importsOf } from "../../../plugins/modules/imports.ts";

const named = (text: string, path = "a.ts") => importsOf(text, path).files;

Deno.test("importsOf() finds every way to name a module, whatever stands around it", () => {
  const text = `
    // import "./comment.ts";
    const text = 'import "./string.ts"', pattern = /import ".\\/pattern.ts"/;
    import a, { type B } from "./a.ts";
    import type { C } from "./c.ts";
    import * as d from "./d.json" with { type: "json" };
    export { e } from "./e.ts";
    export * from "./f.ts";
    export type { G } from "./g.ts";
    const h = <T extends { a?: number }>(x: T): x is T => (await import(\`./h.ts\`)).default;
    type I = import("./types_only_in_a_type.ts").I;
    import j = require("./j.cjs");
    enum K { a = 1 }
    @decorated class L<T> { declare x: T; accessor y = a! as unknown as T; }
    using m = f();
    new URL("m.bin", import.meta.url); new URL("./other", base);
    import.meta.resolve("n");
  `;
  assertEquals(named(text), [
    { specifier: "./a.ts", how: "import" },
    { specifier: "./c.ts", how: "later" },
    { specifier: "./d.json", how: "import" },
    { specifier: "./e.ts", how: "import" },
    { specifier: "./f.ts", how: "import" },
    { specifier: "./g.ts", how: "later" },
    { specifier: "./h.ts", how: "later" },
    { specifier: "./j.cjs", how: "import" },
    { specifier: "m.bin", how: "file" },
    { specifier: "n", how: "file" },
  ]);
  assertEquals(importsOf(text, "a.ts").computed, false);
  assertEquals(named('const a = require("./a.cjs");', "b.cjs"), [
    { specifier: "./a.cjs", how: "later" },
  ]);
  assertEquals(named('const a = <b c="import">{await import("./d.ts")}</b>;', "e.tsx"), [
    { specifier: "./d.ts", how: "later" },
  ]);
});

Deno.test("importsOf() says where a name is computed, and which module cannot be parsed", () => {
  for (
    const text of [
      "await import(name)",
      "await import(`./${name}.ts`)",
      "require(name)",
      "new URL(name, import.meta.url)",
    ]
  ) {
    assertEquals(importsOf(text, "a.js"), { files: [], computed: true });
  }
  const error = assertThrows(() => importsOf("const {", "/x/a.ts"), SyntaxError, "/x/a.ts");
  assert(isUserError(error));
});
