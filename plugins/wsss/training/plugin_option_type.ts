import type * as z from "zod";
import type { Kind } from "../../../core/registry/plugin.ts";
import type { InputOf, Reference, Referred } from "../../../core/registry/plugin_option.ts";

/** Schema of an option that names a plugin of kind K, with the place's own options S: what `pluginOption` gives. */
export type PluginOption<K extends Kind, S extends z.ZodRawShape = Record<never, never>> =
  z.ZodType<Referred<K, S>, Reference<K, InputOf<z.ZodObject<S>>>>;
