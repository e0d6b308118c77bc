// Computes with a run's networks in a real browser: deno run … visit_networks.ts FOLDER, with the run `runs/networks`, `mine.jpg` and
// `expected.json` in it. Prints a line for every thing that it has seen, and ends with an error where one was otherwise.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Registry } from "../../core/registry/registry.ts";
import { networkPlugins } from "../../plugins/browser/network_plugins.ts";
import { mini } from "../../plugins/datasets/mini.ts";
import { exportStudio } from "../../plugins/studio/export.ts";
import { serveStudio } from "../../plugins/studio/serve.ts";
import { Studio } from "../../plugins/studio/studio.ts";
import { Browser } from "./browser.ts";
import type { Expected } from "./expected_numbers.ts";
import { PIXELS, SIDE } from "./network_run.ts";
import { FAULTS, INJECTED, OVERFLOW } from "./page_checks.ts";
import { seen, serveFolder } from "./served.ts";

/** What numbers of the page may differ by from those of Deno. */
const TOLERANCE = 1e-4;

const [folder = ""] = Deno.args;
const runs = `${folder}/runs`;
const expected: Expected & { readonly mask: readonly number[] } = JSON.parse(
  await Deno.readTextFile(`${folder}/expected.json`),
);
const photograph = (await Deno.readFile(`${folder}/mine.jpg`)).toBase64();
const [clicked, beside] = PIXELS;

const EXPLORE = "#/explore/networks/0/0", OWN = "#/photograph/networks";
const MAPS = "document.getElementById('pixel-maps')";
const RESULT = "document.getElementById('result')";

// In this process, so that the page's script is bundled once; the command itself is visited by visit.ts.
const factory = new Registry([...networkPlugins, mini]);
const ended = new AbortController(), { signal } = ended;

let visits = 0;

async function open(browser: Browser, base: string, hash: string, ready: string): Promise<void> {
  await browser.open(`${base}?${visits++}${hash}`);
  await browser.until(ready);
}

function assertNear(found: readonly number[], wanted: readonly number[], what: string): void {
  assertEquals(found.length, wanted.length, what);
  const off = wanted.reduce((most, value, i) => Math.max(most, Math.abs(value - found[i]!)), 0);
  assert(off <= TOLERANCE, `${what} is off by ${off}`);
}

/** Waits for a pixel's maps, and compares them. */
async function checkMaps(browser: Browser, pixel: readonly number[], backend: string) {
  await browser.until(`${MAPS}.dataset.pixel === "${pixel}"`);
  const said = await browser.evaluate<string>("document.getElementById('pixel-said').textContent");
  assertEquals(await browser.evaluate(`${MAPS}.dataset.backend`), backend, said);
  const found = await browser.evaluate<Record<string, number[]>>(
    `Object.fromEntries(Object.entries(${MAPS}.computed).map(([k, { data }]) => [k, [...data]]))`,
  );
  const wanted = expected.maps[`${pixel}`]!;
  assertEquals(Object.keys(found), Object.keys(wanted), said);
  for (const [name, map] of Object.entries(wanted)) assertNear(found[name]!, map, name);
  assertEquals(await browser.evaluate(`${MAPS}.querySelectorAll("canvas").length`), 5);
}

/** Chooses in a field, as a hand does. */
async function select(browser: Browser, id: string, value: string): Promise<void> {
  await browser.evaluate(`(() => {
    const field = document.getElementById(${JSON.stringify(id)});
    field.value = ${JSON.stringify(value)};
    field.dispatchEvent(new Event("change"));
  })()`);
}

/** Writes a pixel's place into its fields; what computes is chosen afterwards. */
async function state(browser: Browser, [x, y]: readonly number[]): Promise<void> {
  await browser.evaluate(
    `(document.getElementById("pixel-x").value = ${x}, document.getElementById("pixel-y").value = ${y})`,
  );
}

async function checkClicks(browser: Browser, base: string): Promise<void> {
  await browser.look(1280, 900, "light");
  await open(browser, base, EXPLORE, "document.body.dataset.image === '0'");
  await select(browser, "pixel-backend", "webgpu");
  const at = await browser.evaluate<{ left: number; top: number; width: number; height: number }>(
    "document.querySelector('.view canvas').getBoundingClientRect().toJSON()",
  );
  const [x, y] = clicked;
  await browser.click(
    at.left + (x + 0.5) * at.width / SIDE,
    at.top + (y + 0.5) * at.height / SIDE,
  );
  await checkMaps(browser, clicked, "webgpu");
  const said = await browser.evaluate<string>("document.getElementById('pixel-said').textContent");
  assertStringIncludes(said, "WebGPU (google swiftshader, no GPU)");
  seen("click");
  await browser.evaluate("document.getElementById('pixel-x').focus()");
  await browser.press("ArrowUp");
  await checkMaps(browser, beside, "webgpu");
  seen("keyboard");
  await select(browser, "pixel-backend", "wasm");
  await checkMaps(browser, beside, "wasm");
  seen("wasm");
}

/** Drops a file: the photograph unless told otherwise. */
async function drop(browser: Browser, name = "mine.jpg", base64 = photograph): Promise<void> {
  await browser.evaluate(`(() => {
    const bytes = Uint8Array.from(atob("${base64}"), (c) => c.charCodeAt(0));
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([bytes], "${name}"));
    const options = { dataTransfer, bubbles: true, cancelable: true };
    document.querySelector(".drop").dispatchEvent(new DragEvent("drop", options));
  })()`);
}

async function checkPhotograph(browser: Browser, base: string): Promise<void> {
  await open(browser, base, OWN, "document.querySelector('.drop')");
  await drop(browser);
  // A software adapter is no GPU: WebAssembly computes until WebGPU is chosen.
  for (const backend of ["wasm", "webgpu"]) {
    if (backend === "webgpu") await select(browser, "backend", backend);
    await browser.until(
      `${RESULT}.dataset.answered || !document.getElementById("said").textContent.startsWith("Computing")`,
    );
    const said = await browser.evaluate<string>("document.getElementById('said').textContent");
    assertEquals(await browser.evaluate(`${RESULT}.dataset.backend`), backend, said);
    const found = await browser.evaluate<Expected>(
      `(({ probabilities, shown, cams }) => ({ probabilities, shown, cams: cams.map((cam) => [...cam]) }))(${RESULT}.answer)`,
    );
    assertEquals(found.shown, expected.shown);
    assertNear(found.probabilities, expected.probabilities, "probabilities");
    for (const [k, cam] of expected.cams.entries()) assertNear(found.cams[k]!, cam, `CAM ${k}`);
    const mask = await browser.evaluate<number[]>(`[...${RESULT}.mask]`);
    const other = mask.filter((label, i) => label !== expected.mask[i]).length;
    // A CAM that differs in its last bits from alpha may fall on the other side of it.
    assert(mask.length === expected.mask.length && other <= 2, `${other} pixels differ`);
  }
  await drop(browser, "notes.txt", btoa("no image"));
  await browser.until(
    "document.getElementById('said').textContent.startsWith('Cannot decode notes.txt: it is no image')",
  );
  seen("photograph");
}

async function checkPages(browser: Browser, base: string): Promise<void> {
  const uses = [EXPLORE, OWN] as const;
  for (
    const [i, [width, height, scheme]] of ([[390, 844, "dark"], [1280, 900, "light"]] as const)
      .entries()
  ) {
    await browser.look(width, height, scheme);
    if (uses[i] === EXPLORE) {
      await open(browser, base, EXPLORE, "document.body.dataset.image === '0'");
      await state(browser, clicked);
      await select(browser, "pixel-backend", "wasm");
      await checkMaps(browser, clicked, "wasm");
    } else {
      await open(browser, base, OWN, "document.querySelector('.drop')");
      await drop(browser);
      await browser.until(`${RESULT}.dataset.answered`);
    }
    const where = `${uses[i]} at ${width} pixels, ${scheme}`;
    assertEquals(browser.faults, [], where);
    assertEquals(await browser.evaluate(OVERFLOW), 0, where);
    assertEquals(await browser.evaluate(FAULTS), [], where);
    assertEquals(await browser.evaluate(INJECTED), 0, where);
    seen(`page ${where}`);
  }
}

/** A browser without WebGPU computes by WebAssembly, and says why where WebGPU is asked for. */
async function checkWithout(base: string): Promise<void> {
  await using browser = await Browser.start(["--disable-gpu", "--disable-features=WebGPU"]);
  await open(browser, base, EXPLORE, "document.body.dataset.image === '0'");
  await state(browser, clicked);
  await select(browser, "pixel-backend", "webgpu");
  const said = "document.getElementById('pixel-said').textContent";
  await browser.until(`${said}.includes("Cannot use backend webgpu")`);
  await select(browser, "pixel-backend", "auto");
  await browser.until(`${MAPS}.dataset.backend === "wasm"`);
  await checkMaps(browser, clicked, "wasm");
  assertEquals(browser.faults, []);
  seen("without");
}

async function checkExport(browser: Browser): Promise<void> {
  const out = `${folder}/still`, note = () => {};
  const root = `${runs}/networks`;
  await exportStudio({ root, out, images: 1, weights: true, factory, signal, note });
  await using server = serveFolder(out);
  const base = `http://127.0.0.1:${server.addr.port}/some/where/`;
  await open(browser, base, EXPLORE, "document.body.dataset.image === '0'");
  await state(browser, clicked);
  await select(browser, "pixel-backend", "wasm");
  await checkMaps(browser, clicked, "wasm");
  assertEquals(browser.faults, []);
  seen("export");
}

const studio = serveStudio(new Studio({ root: runs, factory, signal }), { port: 0, signal });
try {
  await using browser = await Browser.start();
  await checkClicks(browser, studio.url);
  await checkPhotograph(browser, studio.url);
  await checkPages(browser, studio.url);
  await checkWithout(studio.url);
  await checkExport(browser);
} finally {
  ended.abort();
  await studio.ended;
}
