import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { pageFiles } from "../../../plugins/studio/page_files.ts";
import { json, PORT, withStudio } from "./studio_run.ts";

interface List {
  readonly runs: readonly { readonly id: string; readonly name: string; readonly state: string }[];
}

Deno.test("the studio refuses other hosts, other origins and anything but reading", async () => {
  await withStudio(async (get) => {
    const status = async (headers: HeadersInit, method = "GET") => {
      const response = await get("data/runs.json", { headers, method });
      await response.body?.cancel();
      return response.status;
    };
    assertEquals(await status({}), 200);
    assertEquals(await status({ host: `localhost:${PORT}` }), 200);
    assertEquals(await status({ host: `evil.example:${PORT}` }), 403);
    assertEquals(await status({ host: "127.0.0.1:1" }), 403);
    assertEquals(await status({ origin: `http://127.0.0.1:${PORT}` }), 200);
    assertEquals(await status({ origin: "http://evil.example" }), 403);
    assertEquals(await status({ origin: "null" }), 403);
    assertEquals(
      await status({ "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" }),
      403,
    );
    assertEquals(
      await status({
        "sec-fetch-site": "cross-site",
        "sec-fetch-mode": "navigate",
        "sec-fetch-dest": "document",
      }),
      200,
    );
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) {
      assertEquals(await status({}, method), 405, method);
    }
  });
});

Deno.test("every file of the page is served, with a policy that lets nothing else in", async () => {
  await withStudio(async (get) => {
    for (const path of ["", ...pageFiles().keys()]) {
      const response = await get(path);
      assertEquals(response.status, 200, path);
      assert((await response.arrayBuffer()).byteLength > 100, path);
      const policy = response.headers.get("content-security-policy")!;
      assertStringIncludes(policy, "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; ");
      assert(!/unsafe-(inline|hashes)|'unsafe-eval'|http|\*/.test(policy), policy);
    }
    const modules = (await Array.fromAsync(
      Deno.readDir(new URL("../../../plugins/studio/page/", import.meta.url)),
    ))
      .map(({ name }) => name);
    for (const name of modules) assert(pageFiles().has(name), `${name} is not served`);
  });
});

Deno.test("paths that climb out of the runs, or name nothing, are not found", async () => {
  await withStudio(async (get, runs) => {
    await Deno.writeTextFile(`${runs}/secret.json`, "secret");
    for (
      const path of [
        "secret.json",
        "data/secret.json",
        "data/../secret.json",
        "data/runs/../secret.json",
        "data/runs/..%2Fsecret.json",
        "data/runs/%2e%2e/secret.json",
        "data/runs/fake/../../secret.json",
        "data/runs/fake/recipe.yaml",
        "data/runs/fake/stages/baseline-cams/stage.json",
        "data/runs/../run.json",
        "data/runs/constructor/run.json",
        "data/runs/fake/splits/9/images.json",
        "data/runs/fake/splits/-1/images.json",
        "data/runs/fake/splits/0/images/99/photo.png",
        "data/runs/fake/splits/0/images/..%2F0/photo.png",
        "data/runs/fake/splits/0/images/0/map-9.png",
        "data/runs/fake/splits/0/scores-9.json",
        "page/app.js",
        "../plugins/studio/page/app.js",
        "uplot/../app.ts",
        "__proto__",
      ]
    ) {
      const response = await get(path);
      assertEquals([response.status, await response.text()], [404, "Not found"], path);
    }
  });
});

Deno.test("half-written and broken run folders are listed as what they are, among sound ones", async () => {
  await withStudio(async (get, runs) => {
    const write = async (name: string, files: Record<string, string>) => {
      await Deno.mkdir(`${runs}/${name}`, { recursive: true });
      for (const [file, text] of Object.entries(files)) {
        await Deno.writeTextFile(`${runs}/${name}/${file}`, text);
      }
    };
    const recipe = "stages: [{ id: a, run: train }]";
    const line = (event: object) => JSON.stringify(event) + "\n";
    await write("no-run", { "notes.txt": "nothing" });
    await write("begun", { "recipe.yaml": recipe });
    await write("cut", { "recipe.yaml": "stages: [{ id: a" });
    await write("other", { "recipe.yaml": "- 1\n- 2\n" });
    await write("null", { "recipe.yaml": "" });
    await write("broken", {
      "recipe.yaml": recipe,
      "manifest.json": "{",
      "metrics.jsonl": '{"event":"start"}\n{"ev',
    });
    await write("ended", { "recipe.yaml": recipe, "metrics.jsonl": line({ event: "end" }) });
    await write("stopped", {
      "recipe.yaml": recipe,
      "metrics.jsonl": line({ event: "error", message: "Stopped training a after step 1 of 2" }),
    });
    await write("failed", {
      "recipe.yaml": recipe,
      "metrics.jsonl": line({ event: "error", message: "Cannot read x" }),
    });
    const seeds = ["sweep/seed-0", "sweep/seed-2", "sweep/seed-10"];
    for (const name of seeds) await write(name, { "recipe.yaml": recipe });
    await write("a & <b>", { "recipe.yaml": recipe });
    const { runs: found } = await json<List>(get, "runs.json");
    const states = Object.fromEntries(found.map(({ name, state }) => [name, state]));
    assertEquals(states, {
      "a & <b>": "killed",
      "begun": "killed",
      "broken": "killed",
      "cut": "damaged",
      "ended": "finished",
      "failed": "failed",
      "fake": "killed",
      "null": "damaged",
      "other": "damaged",
      "stopped": "stopped",
      "sweep/seed-0": "killed",
      "sweep/seed-2": "killed",
      "sweep/seed-10": "killed",
    });
    // Numbers in order of their values.
    assertEquals(found.map(({ name }) => name).filter((name) => seeds.includes(name)), seeds);
    for (const { id } of found) {
      assert(/^[\w.-]+$/.test(id), id);
      const response = await get(`data/runs/${id}/run.json`);
      assertEquals(response.status, 200, id);
      await response.body?.cancel();
    }
  });
});

Deno.test("a run is live while its lock is held, and looking does not keep others out", async () => {
  await withStudio(async (get, runs) => {
    const state = async () => (await json<List>(get, "runs.json")).runs[0]!.state;
    const lock = await Deno.open(`${runs}/fake/.lock`, { create: true, write: true });
    await lock.lock(true);
    assertEquals(await state(), "live");
    lock.unlockSync();
    assertEquals(await state(), "killed");
    assert(await lock.tryLock(true), "the studio holds the lock");
    // As a run does that begins: it writes, and shows again.
    await Deno.writeTextFile(`${runs}/fake/.lock`, "123\n");
    assertEquals(await state(), "live");
    lock.close();
  });
});
