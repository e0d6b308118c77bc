import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { isUserError } from "../../../core/errors.ts";
import { checkNesting, registry, withReport, withRun } from "./report_run.ts";
import { quietBackend } from "../../core/trainer_toy.ts";

Deno.test("the report puts mAP beside mIoU, states the gain and how alpha was chosen", async () => {
  await withReport({ maps: { baseline: 97.5, seam: 98.1 } }, {}, (page) => {
    checkNesting(page);
    assertStringIncludes(page, "seam, cam_rv reaches 60.3 % mIoU, 11.0 points above baseline, cam");
    assertStringIncludes(page, "+11.0 points of mIoU (+22.3 % relative)");
    assertStringIncludes(page, "alpha 0.3, best on this split (oracle)");
    assertStringIncludes(page, "val[0:8], 8 images");
    for (const number of ["49.3", "60.3", "97.5", "98.1", "abc123"]) {
      assertStringIncludes(page, number);
    }
    assert(!page.includes("</strong>"), "nothing failed");
  });
});

Deno.test("the report of a failed classifier says so first, and states no gain", async () => {
  await withReport({ maps: { baseline: 97.5, seam: 71.2 } }, {}, (page) => {
    checkNesting(page);
    assertStringIncludes(page, "A classifier failed: these scores are no result");
    assertStringIncludes(page, "seam, cam_rv: classification mAP 71.2 %, below 90.0 %");
    assert(page.indexOf("A classifier failed") < page.indexOf("<table>"));
    assert(!/\+11\.0|relative\)|points above/.test(page), "no gain may be stated");
  });
  await withReport({ maps: { baseline: 97.5, seam: 71.2 } }, { minMap: 0.7 }, (page) => {
    assertStringIncludes(page, "points above baseline");
  });
});

Deno.test("the report needs nothing outside itself and runs no script", async () => {
  await withReport({ maps: { baseline: 97, seam: 98 } }, {}, (page) => {
    assert(!/<script|<link|<iframe|@import|url\(|\son\w+=/i.test(page));
    for (const [, source] of page.matchAll(/(?:src|href)="([^"]*)"/g)) {
      assert(source!.startsWith("data:image/png;base64,"), source);
    }
    assertStringIncludes(page, 'content="default-src &#39;none&#39;;');
    for (const [tag] of page.matchAll(/<img[^>]*>/g)) assert(/alt="[^"]+"/.test(tag));
    for (const [tag] of page.matchAll(/<th [^>]*>/g)) assertStringIncludes(tag, "scope=");
    for (const [svg] of page.matchAll(/<svg viewBox="0 0 360[^>]*>/g)) {
      assertStringIncludes(svg, 'role="img" aria-label="');
    }
  });
});

Deno.test("the report draws one chart per loss and the mIoU by alpha", async () => {
  await withReport({ maps: { baseline: 97, seam: 98 } }, { sheet: { images: 0 } }, (page) => {
    const titles = [...page.matchAll(/<figure class="chart"><figcaption>([^<]+)/g)]
      .map(([, title]) => title);
    assertEquals(titles, ["mIoU (%) by threshold alpha", "total loss", "classification"]);
    assertStringIncludes(page, "best 60.3 at 0.300");
    assert(!/NaN|Infinity|undefined/.test(page));
  });
});

Deno.test("names from recipes and data stay text in the report", async () => {
  const fake = { maps: { baseline: 97, seam: 98 }, summary: '<script>alert("x")</script>' };
  await withReport(fake, { sheet: { images: 0 } }, (page) => {
    assert(!page.includes("<script>"));
    assertStringIncludes(page, "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;");
  });
});

Deno.test("the report refuses to name a stage that the recipe does not have, before the run's work", async () => {
  const use = { use: "report", sheet: { cams: ["seam-cam"] } };
  const observer = await registry.create("observer", use, {
    folder: "/none",
    resumed: false,
    backend: quietBackend,
  });
  const stages = ["seam", "seam-cams"];
  const error = assertThrows(
    () => observer.check?.({ stages }),
    RangeError,
    'its sheet.cams names "seam-cam", which is no stage (did you mean "seam-cams"?)',
  );
  assert(isUserError(error));
});

Deno.test("the report is written after every stage, without what the run has not come to", async () => {
  await withRun({ maps: { baseline: 97, seam: 98 } }, async (folder) => {
    const use = { use: "report", sheet: { images: 0 } };
    const args = { folder, resumed: true, backend: quietBackend };
    const observer = await registry.create("observer", use, args);
    const stages = ["baseline", "seam"].flatMap((net) => [net, `${net}-cams`, `${net}-score`]);
    await observer.check?.({ stages });
    const page = () => Deno.readTextFile(`${folder}/report.html`).catch(() => undefined);
    const event = (stage: string, state: "begin" | "finished" | "skipped") =>
      observer.stage?.({ stage, plugin: "x", state });
    await event("baseline", "skipped");
    await event("baseline-cams", "begin");
    assertEquals(await page(), undefined, "nothing was done yet");
    await event("baseline-cams", "finished");
    const first = (await page())!;
    assertStringIncludes(first, "1 of 6 stages finished");
    assert(!/49\.3|60\.3/.test(first), "scores that the run has not come to");
    await event("baseline-score", "finished");
    const half = (await page())!;
    checkNesting(half);
    assertStringIncludes(half, "baseline, cam reaches 49.3 % mIoU");
    assert(!half.includes("60.3"), "what seam-score left is of an earlier run");
    for (const stage of stages.slice(3)) await event(stage, "finished");
    await observer.end?.({ seconds: 1 });
    assertStringIncludes((await page())!, "seam, cam_rv reaches 60.3 % mIoU");
  });
});
