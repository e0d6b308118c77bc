import { fromFileUrl } from "../core/recipe/paths.ts";
import { copyFolder } from "./folders.ts";

const ROOT = fromFileUrl(new URL("..", import.meta.url)).replace(/\/$/, "");

/** Copies what the package consists of, as a release's archive holds it. */
export async function copyPackageTo(folder: string): Promise<void> {
  const { publish: { include } } = JSON.parse(await Deno.readTextFile(`${ROOT}/deno.json`));
  await Deno.mkdir(folder, { recursive: true });
  for (const name of include) {
    const { isDirectory } = await Deno.stat(`${ROOT}/${name}`);
    if (isDirectory) await copyFolder(`${ROOT}/${name}`, `${folder}/${name}`);
    else await Deno.copyFile(`${ROOT}/${name}`, `${folder}/${name}`);
  }
}
