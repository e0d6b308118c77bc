// @ts-types="./std_assert.d.ts"
export * from "deno-std/assert/mod.js";
