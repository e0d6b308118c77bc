import type { Refinement } from "../../../core/contracts/refinement.ts";
import { userError } from "../../../core/errors.ts";
import type { PluginFactory, Use } from "../../../core/registry/plugin.ts";
import type { Raster } from "../../../core/data/sample.ts";
import type { Choice } from "../scores/choice.ts";
import type { ClassScores } from "./class_scores.ts";

/** A refinement and its name in the recipe. */
export interface RefinementLink {
  /** Of the plugin. */
  readonly name: string;
  /** Turns scores into scores. */
  readonly refinement: Refinement;
}

/**
 * Creates the refinements of a chain.
 *
 * @param refinements as a recipe lists them
 * @param factory makes them
 * @returns in the same order
 */
export async function makeLinks(
  refinements: readonly Use<"refinement">[],
  factory: PluginFactory,
): Promise<readonly RefinementLink[]> {
  return await Promise.all(refinements.map(async (use) => ({
    name: use.use,
    refinement: await factory.create("refinement", use, undefined),
  })));
}

/**
 * Options of a chain that do not change its result.
 *
 * @param links in order
 * @returns their paths within a stage that has the chain as `refinements`
 */
export function optionsResumeIgnores(links: readonly RefinementLink[]): readonly string[] {
  return links.flatMap(({ refinement }, i) =>
    (refinement.resumeIgnores ?? []).map((option) => `refinements.${i}.${option}`)
  );
}

/**
 * Stages that are read by one that refines.
 *
 * @param from the stage whose output it refines
 * @param links its refinements
 * @returns ids, each once
 */
export function stagesRead(from: string, links: readonly RefinementLink[]): readonly string[] {
  return [...new Set([from, ...links.flatMap(({ refinement }) => refinement.from ?? [])])];
}

/** A refinement some of whose numbers earlier stages choose. */
export interface ChosenRefinement extends Refinement {
  /** What was chosen, once it is open. */
  readonly choices: readonly Choice[];
}

/**
 * Numbers of a chain that earlier stages chose.
 *
 * @param links in order, opened once
 * @returns all of them
 */
export function choicesOf(links: readonly RefinementLink[]): readonly Choice[] {
  return links.flatMap(({ refinement }) => (refinement as Partial<ChosenRefinement>).choices ?? []);
}

/**
 * Checks that each refinement of a chain finds the background there, or absent, as it needs it.
 *
 * @param id the stage's
 * @param links in order
 * @param background whether it is among the scores at first
 * @throws {TypeError} naming the refinement that does not fit
 */
export function checkBackground(
  id: string,
  links: readonly RefinementLink[],
  background: boolean,
): void {
  const refuse = (problem: string) =>
    userError(new TypeError(`Cannot plan stage ${id}: ${problem}`));
  const adders = "power-background or threshold";
  let there = background;
  for (const { name, refinement } of links) {
    if (refinement.addsBackground && there) {
      throw refuse(`refinement ${name} adds a background, which the scores have already`);
    }
    if (refinement.needsBackground && !there) {
      throw refuse(`refinement ${name} needs a background among the scores: ${adders} before it`);
    }
    there ||= refinement.addsBackground ?? false;
  }
  if (!there) throw refuse(`its scores have no background to make masks of: use ${adders}`);
}

/**
 * Applies refinements one after the other to an image's scores.
 *
 * @param links in order
 * @param scores of the image
 * @param image RGB uint8 of the scores' size
 * @returns scores, background among them
 * @throws {Error} what a refinement throws
 */
export async function refineScores(
  links: readonly RefinementLink[],
  scores: ClassScores,
  image: Raster,
): Promise<ClassScores> {
  let refined = scores;
  for (const { name, refinement } of links) {
    const found = await refinement.refine(refined, image);
    const { addsBackground = false } = refinement;
    const classes = addsBackground ? [0, ...refined.classes] : refined.classes;
    checkResult(name, found, { ...scores, classes });
    refined = { ...found, classes };
  }
  return refined;
}

/** Checks the shape of a refinement's scores, before they could be taken for other classes'. */
function checkResult(
  name: string,
  { width, height, channels, data }: Omit<ClassScores, "classes">,
  wanted: ClassScores,
): void {
  const expected = wanted.classes.length;
  const fits = width === wanted.width && height === wanted.height && channels === expected &&
    data.length === width * height * channels;
  if (!fits) {
    throw new RangeError(
      `refinement ${name} gave ${data.length} scores as ${channels} of ${width}x${height}, ` +
        `expected ${expected} of ${wanted.width}x${wanted.height}`,
    );
  }
  const bad = data.findIndex((score) => !Number.isFinite(score));
  if (bad >= 0) throw new RangeError(`refinement ${name} gave a score of ${data[bad]}`);
}
