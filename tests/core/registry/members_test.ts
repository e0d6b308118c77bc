import { assert, assertEquals, assertRejects } from "@std/assert";
import * as z from "zod";
import { isUserError } from "../../../core/errors.ts";
import { definePlugin, type Plugin } from "../../../core/registry/plugin.ts";
import { Registry } from "../../../core/registry/registry.ts";
import { inTempFolder } from "../../command.ts";

const options = z.strictObject({});

Deno.test("a plugin's object that lacks a member is refused by its name", async () => {
  const half = definePlugin({
    kind: "loss",
    name: "half",
    summary: "",
    options,
    create: () => ({ compute: () => undefined }) as never,
  });
  const registry = new Registry([half]);
  const error = await assertRejects(
    () => registry.create("loss", { use: "half" }, undefined),
    TypeError,
    "Cannot use loss half: what its create() gives lacks needs; a loss has needs, compute",
  );
  assert(isUserError(error));
  const nothing: Plugin = { ...half, name: "nothing", create: () => undefined as never };
  await assertRejects(
    () => new Registry([nothing]).create("loss", { use: "nothing" }, undefined),
    TypeError,
    "lacks needs, compute",
  );
});

Deno.test("an export that has a kind and is no plugin is refused by its name when it is loaded", async () => {
  await inTempFolder(async (folder) => {
    const file = `${folder}/half.ts`;
    const whole = '{ kind: "loss", name: "b", summary: "", options: {}, create: () => ({}) }';
    await Deno.writeTextFile(
      file,
      `export const a = { kind: "loss", name: "a", options: {} };\nexport const b = ${whole};`,
    );
    const url = `file://${file}`;
    await assertRejects(
      () => Registry.load([url]),
      TypeError,
      `Cannot load plugins from ${url}: a has a kind and lacks summary, create`,
    );
    await Deno.writeTextFile(
      `${folder}/other.ts`,
      `export const table = { kind: "loss" };\nexport const b = ${whole};`,
    );
    assertEquals((await Registry.load([`file://${folder}/other.ts`])).map(({ name }) => name), [
      "b",
    ]);
  });
});
