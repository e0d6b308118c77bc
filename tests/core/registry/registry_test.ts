import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as z from "zod";
import { isUserError } from "../../../core/errors.ts";
import { definePlugin } from "../../../core/registry/plugin.ts";
import { Registry } from "../../../core/registry/registry.ts";
import { toyPlugins } from "../toy_plugins.ts";

const registry = new Registry(toyPlugins);

Deno.test("Registry makes a plugin with its defaults", async () => {
  const schedule = await registry.create("schedule", { use: "poly" }, undefined);
  assertEquals(schedule.factor(0, 10), 1);
  assertEquals(schedule.factor(5, 10), 0.5 ** 0.9);
});

Deno.test("Registry makes plugins that name other plugins", async () => {
  const use = { use: "warmup", steps: 3, then: { use: "poly", power: 1 } };
  const schedule = await registry.create("schedule", use, undefined);
  assertEquals(schedule.factor(5, 10), 0.5);
});

Deno.test("Registry names the nearest plugin and the valid ones where a name is unknown", async () => {
  const error = await assertRejects(
    () => registry.create("schedule", { use: "polly" }, undefined),
    TypeError,
  );
  assert(isUserError(error));
  assert(error.message.includes('unknown schedule "polly"'), error.message);
  assert(error.message.includes('did you mean "poly"'), error.message);
  assert(error.message.includes("valid: poly, warmup"), error.message);
});

Deno.test("Registry names the nearest option where one is unknown, also deep inside", async () => {
  const use = { use: "warmup", steps: 3, then: { use: "poly", pwer: 1 } };
  const error = await assertRejects(() => registry.create("schedule", use, undefined), TypeError);
  assert(error.message.includes('then: unknown key "pwer"'), error.message);
  assert(error.message.includes('did you mean "power"'), error.message);
});

Deno.test("Registry refuses two plugins of one kind and name", () => {
  assertThrows(() => new Registry([...toyPlugins, toyPlugins[0]!]), RangeError, "twice");
});

Deno.test("Registry refuses a kind that does not exist", () => {
  const plugin = definePlugin({
    kind: "los" as "loss",
    name: "x",
    summary: "",
    options: z.strictObject({}),
    create: () => {
      throw new Error("never made");
    },
  });
  assertThrows(() => new Registry([plugin]), RangeError, 'did you mean "loss"');
});

Deno.test("Registry loads the plugins that a module exports, in arrays too", async () => {
  const loaded = await Registry.load([import.meta.resolve("../toy_plugins.ts")]);
  assertEquals(loaded.map(({ name }) => name), toyPlugins.map(({ name }) => name));
});

Deno.test("Registry says so where a module exports no plugin or is missing", async () => {
  await assertRejects(
    () => Registry.load([import.meta.resolve("../../../core/run/hash.ts")]),
    TypeError,
    "exports none",
  );
  await assertRejects(
    () => Registry.load(["file:///nowhere/my_loss.ts"]),
    TypeError,
    "/nowhere/my_loss.ts",
  );
});
