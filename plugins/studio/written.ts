/**
 * Tells apart what a file was at different times.
 *
 * @param path the file
 * @returns its time and size; `none` where it cannot be looked at
 */
export async function written(path: string): Promise<string> {
  const state = await Deno.stat(path).catch(() => undefined);
  return state ? `${state.mtime?.getTime()}/${state.size}` : "none";
}
