import { assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { Rng } from "../../../core/rng.ts";
import { eachBackend } from "../../backends.ts";
import { makeView, randomTensor } from "./setup.ts";

eachBackend("compose applies its views in order", async () => {
  const x = randomTensor("x", [1, 6, 10, 2]);
  const of = [{ use: "rescale", scale: 0.5 }, { use: "flip", probability: 1 }];
  const y = (await makeView("compose", { of })).draw(Rng.of(0)).apply(x);
  const small = (await makeView("rescale", { scale: 0.5 })).draw(Rng.of(0)).apply(x);
  assertEquals(await y.data(), await small.reverse(2).data());
});

eachBackend("compose draws each view from its own stream", async () => {
  const x = randomTensor("x", [1, 9, 9, 1]);
  const shift = { use: "translate", pixels: 4 };
  const view = await makeView("compose", { of: [shift, shift] });
  const [a, b] = [view.draw(Rng.of(1)).apply(x), view.draw(Rng.of(2)).apply(x)];
  assertNotEquals(await a.data(), await b.data());
});

Deno.test("compose refuses no views and unknown ones", async () => {
  await assertRejects(() => makeView("compose", { of: [] }), TypeError);
  await assertRejects(() => makeView("compose", { of: ["rescal"] }), TypeError, '"rescale"');
});
