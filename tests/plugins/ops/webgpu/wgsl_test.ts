import { assertEquals, assertGreater } from "@std/assert";

/** Every TypeScript file below a folder. */
async function* sources(folder: URL): AsyncGenerator<URL> {
  for await (const entry of Deno.readDir(folder)) {
    const url = new URL(entry.name + (entry.isDirectory ? "/" : ""), folder);
    if (entry.isDirectory) yield* sources(url);
    else if (entry.name.endsWith(".ts")) yield url;
  }
}

/** Declarations of function-scope variables that leave the initial value out. */
function uninitialised(wgsl: string): string[] {
  return [...wgsl.matchAll(/\bvar\s+\w+\s*(?::[^=;]+)?;/g)].map(([text]) => text);
}

Deno.test("uninitialised() finds a bare var, and no other declaration", () => {
  assertEquals(uninitialised("var a : f32; var b : vec2<f32>;"), [
    "var a : f32;",
    "var b : vec2<f32>;",
  ]);
  assertEquals(
    uninitialised("var a : f32 = 0.0; var<workgroup> b : array<u32, 4>; let c = 1;"),
    [],
  );
});

// `var s: f32;` inside a loop is not reset each iteration by Deno's WGSL compiler, as the language asks: it keeps the last value.
Deno.test("no WGSL of ours declares a variable without its initial value", async () => {
  let kernels = 0;
  for (const folder of ["core/", "plugins/"]) {
    for await (const url of sources(new URL(`../../../../${folder}`, import.meta.url))) {
      const text = await Deno.readTextFile(url);
      const holdsWgsl = /\bfn main\s*\(/.test(text.replaceAll(/\/\*[^]*?\*\/|\/\/.*/g, ""));
      if (holdsWgsl) kernels++;
      assertEquals(
        holdsWgsl && !url.pathname.endsWith(".wgsl.ts"),
        false,
        `${url} holds WGSL: name it *.wgsl.ts`,
      );
      if (url.pathname.endsWith(".wgsl.ts")) assertEquals(uninitialised(text), [], url.pathname);
    }
  }
  assertGreater(kernels, 0);
});
