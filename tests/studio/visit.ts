// Visits the studio's pages in a real browser: deno run … visit.ts RUNS, a folder with the runs `fake` and `other`. Prints a line for
// every thing that it has seen, and ends with an error where one was otherwise.
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { Browser } from "./browser.ts";
import { FAULTS, INJECTED, OVERFLOW } from "./page_checks.ts";
import { ROOT, seamstress, seen, serveFolder, startStudio } from "./served.ts";

const [runs = ""] = Deno.args;

/** Pages, and what each shows once it is whole. */
const PAGES: readonly (readonly [string, string])[] = [
  ["#/", "document.querySelectorAll('tbody tr').length >= 3"],
  [
    "#/run/fake",
    "document.querySelectorAll('.u-over').length >= 2 && document.querySelectorAll('.strip').length >= 2",
  ],
  ["#/explore/fake/0", "document.body.dataset.image && document.querySelector('.confusion')"],
  [
    "#/compare/fake,other",
    "document.querySelectorAll('.strip').length >= 2 && document.querySelectorAll('.u-over').length >= 2",
  ],
];

let visits = 0;

/** Opens a page anew: another query has the browser load it again. */
async function open(browser: Browser, base: string, hash: string, ready: string): Promise<void> {
  await browser.open(`${base}?${visits++}${hash}`);
  await browser.until(ready);
}

async function checkPages(browser: Browser, base: string): Promise<void> {
  for (const [width, height, scheme] of [[1280, 900, "light"], [390, 844, "dark"]] as const) {
    await browser.look(width, height, scheme);
    for (const [hash, ready] of PAGES) {
      await open(browser, base, hash, ready);
      const where = `${hash} at ${width} pixels, ${scheme}`;
      assertEquals(browser.faults, [], where);
      assertEquals(await browser.evaluate(OVERFLOW), 0, where);
      assertEquals(await browser.evaluate(FAULTS), [], where);
      assertEquals(await browser.evaluate(INJECTED), 0, where);
      if (["#/", "#/run/fake"].includes(hash)) {
        assert(await browser.evaluate("document.body.innerText.includes('<img')"), where);
      }
      if (hash === "#/explore/fake/0") {
        const text = await browser.evaluate<string>("document.body.innerText");
        assert(text.includes("No finished stage of this run left an AffinityNet"), text);
      }
      seen(`page ${where}`);
    }
  }
}

/** The numbers beside the slider. */
const NUMBERS = "document.getElementById('numbers').textContent";

async function checkKeyboard(browser: Browser, base: string): Promise<void> {
  await browser.look(1280, 900, "light");
  await open(browser, base, "#/explore/fake/0/1", PAGES[2]![1]);
  // The CAMs of the fake run are its truth.
  await browser.until(
    `${NUMBERS} === "alpha 0.30: mIoU of this image 100.0 %, of val[0:8] 100.0 %"`,
  );
  await browser.evaluate("document.getElementById('alpha').focus()");
  for (let i = 0; i < 5; i++) await browser.press("ArrowRight");
  await browser.until(`${NUMBERS}.startsWith("alpha 0.35")`);
  await browser.press("Home");
  // Every pixel exceeds 0.
  await browser.until(
    `${NUMBERS}.startsWith("alpha 0.00: mIoU of this image") && !${NUMBERS}.includes("image 100.0 %")`,
  );
  const zoom = () =>
    browser.evaluate<string>("document.querySelector('.viewer output').textContent");
  await browser.evaluate("document.querySelector('.view').focus()");
  const before = await zoom();
  await browser.press("+");
  assertNotEquals(await zoom(), before);
  await browser.press("0");
  assertEquals(await zoom(), before);
  await browser.evaluate(
    "(document.getElementById('search').value = 'no such', document.getElementById('search').dispatchEvent(new Event('input')))",
  );
  await browser.until("document.querySelectorAll('.images li').length === 0");
  await open(browser, base, "#/", PAGES[0]![1]);
  await browser.press("Tab");
  assertEquals(await browser.evaluate("document.activeElement.textContent"), "Skip to the content");
  assertEquals(browser.faults, []);
  seen("keyboard");
}

async function checkLive(browser: Browser, base: string): Promise<void> {
  const training = seamstress(
    "null",
    "run",
    `${ROOT}/recipes/mini/baseline.yaml`,
    "--out",
    `${runs}/live`,
    "--backend",
    "wasm",
    "--set",
    "train.cams={ split: val, images: 2, every: 10, unit: steps }",
  );
  try {
    // The list is left open meanwhile: the run shows up in it.
    await browser.until(
      "[...document.querySelectorAll('tbody a')].some((a) => a.hash === '#/run/live')",
    );
    await open(browser, base, "#/run/live", "document.querySelector('[data-points]')");
    const points = "Number(document.querySelector('[data-points]').dataset.points)";
    const first = await browser.evaluate<number>(points);
    await browser.until(`${points} >= ${first + 3}`);
    assertEquals(await browser.evaluate("document.querySelector('h1 .badge').textContent"), "live");
    await browser.until("document.querySelector('.now').innerText.includes('left in this stage')");
    // CAMs of the first step that they are stored of, and newer ones as they come.
    const newest =
      "Number(document.body.innerText.match(/first that were stored, and (\\d+)/)?.[1])";
    const shown = await browser.until<number>(`${newest} > 10 && ${newest}`);
    assertEquals(await browser.evaluate("document.querySelectorAll('.strip').length"), 2);
    assertEquals(await browser.evaluate("document.querySelectorAll('.strip .missing').length"), 0);
    await browser.until(`${newest} > ${shown}`);
  } finally {
    training.kill("SIGKILL");
    await training.status;
  }
  await browser.until("document.querySelector('h1 .badge').textContent === 'killed'");
  assertEquals(browser.faults, []);
  seen("live");
}

async function checkExport(browser: Browser): Promise<void> {
  const out = await Deno.makeTempDir();
  try {
    const process = seamstress(
      "null",
      "studio",
      "export",
      `${runs}/fake`,
      "--out",
      out,
      "--images",
      "4",
    );
    assertEquals((await process.status).code, 0);
    await using server = serveFolder(out);
    const base = `http://127.0.0.1:${server.addr.port}/some/where/`;
    for (const [hash, ready] of PAGES.slice(1, 3)) await open(browser, base, hash, ready);
    await browser.until("document.querySelectorAll('.images li').length === 4");
    assertEquals(browser.faults, []);
    seen("export");
  } finally {
    await Deno.remove(out, { recursive: true });
  }
}

const studio = await startStudio(runs);
try {
  await using browser = await Browser.start();
  await checkPages(browser, studio.url);
  await checkKeyboard(browser, studio.url);
  await checkLive(browser, studio.url);
  await checkExport(browser);
} finally {
  studio.process.kill("SIGTERM");
  await studio.process.status;
}
