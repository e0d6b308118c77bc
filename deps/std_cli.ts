// @ts-types="./std_cli.d.ts"
export * from "deno-std/cli/parse_args.js";
