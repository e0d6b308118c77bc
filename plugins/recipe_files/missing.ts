import { brokenLink } from "../formats/no_such_file.ts";
import { nearest } from "../../core/registry/suggest.ts";
import { folderOf } from "../../core/recipe/paths.ts";

/** The most names that a message lists. */
const LISTED = 12;

/** Excludes names that begin with a dot: macOS writes such files beside others. */
const isRecipeName = (name: string) => /^[^.].*\.(ya?ml|[mc]?[jt]s)$/.test(name);

async function recipesIn(folder: string): Promise<readonly string[]> {
  try {
    const entries = await Array.fromAsync(Deno.readDir(folder));
    return entries.map(({ name }) => name).filter(isRecipeName).sort();
  } catch {
    return [];
  }
}

function listed(names: readonly string[]): string {
  const rest = names.length > LISTED ? ` and ${names.length - LISTED} more` : "";
  return names.slice(0, LISTED).join(", ") + rest;
}

/**
 * Says what a user who named a folder as recipe may have meant.
 *
 * @param folder the folder
 * @returns the tail of a message
 */
export async function describeFolder(folder: string): Promise<string> {
  const names = await recipesIn(folder);
  if (names.length > 0) return `it is a folder; recipes in it: ${listed(names)}`;
  const entries = await Array.fromAsync(Deno.readDir(folder)).catch(() => []);
  const below = entries.filter(({ isDirectory }) => isDirectory).map(({ name }) => `${name}/`);
  return below.length > 0
    ? `it is a folder without recipes; folders in it: ${listed(below.sort())}`
    : "it is a folder without recipes";
}

/**
 * Says what a user who named a file that does not exist may have meant: a recipe of a similar name in its folder, with or without
 * its extension.
 *
 * @param file the file
 * @returns the tail of a message
 */
export async function describeMissing(file: string): Promise<string> {
  const broken = brokenLink(file);
  if (broken !== undefined) return broken;
  const folder = folderOf(file), wanted = file.slice(file.lastIndexOf("/") + 1);
  const names = await recipesIn(folder);
  const stem = (name: string) => name.replace(/\.[^.]*$/, "");
  const near = names.find((name) => stem(name) === wanted || stem(name) === stem(wanted)) ??
    nearest(wanted, names) ??
    names.find((name) => stem(name) === nearest(stem(wanted), names.map(stem)));
  if (near !== undefined) return `no such file (did you mean "${folder}/${near}"?)`;
  const yaml = names.filter((name) => !/s$/.test(name));
  return yaml.length > 0
    ? `no such file; recipes in ${folder}: ${listed(yaml)}`
    : "no such file; the shipped recipes are recipes/mini/demo.yaml and its neighbours";
}
