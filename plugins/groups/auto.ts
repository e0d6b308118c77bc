import * as z from "zod";
import { definePlugin } from "seamstress";

/** Chooses the group by the backend. */
export const autoGroup = definePlugin({
  kind: "group",
  name: "auto",
  summary: "workers where the backend is wasm, else single",
  options: z.strictObject({}),
  async create(_options, _args, factory) {
    const workers = await factory.create("group", { use: "workers" }, undefined);
    return {
      // In plain JavaScript the threads' collecting of garbage would be most of what they gain.
      size: (backend) => backend.name === "wasm" ? workers.size(backend) : 1,
      join: (options) => workers.join(options),
    };
  },
});
