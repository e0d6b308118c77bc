// @ts-types="./std_csv.d.ts"
export * from "deno-std/csv/parse.js";
