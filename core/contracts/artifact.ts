import type * as z from "zod";
import type { ArtifactEvent } from "./observer.ts";

/**
 * A kind of result that one stage writes and others read: its info once it is written, and what is known of it before the run
 * starts. A value, not a name in a list: a plugin adds a kind by {@linkcode defineArtifact} and exports it to the stages that read it.
 */
export interface ArtifactKind<
  N extends string = string,
  I extends object = object,
  P extends object = object,
> {
  /** Such as `cams`. */
  readonly name: N;
  /** Checks what is told of it: where a stage leaves it, and where it is read back from a run folder. Plain JSON. */
  readonly info: z.ZodType<I>;
  /** Only for the compiler: what is known of it before the run starts. */
  readonly [planned]?: P;
}
declare const planned: unique symbol;
declare const made: unique symbol;

/** A finished artifact, of one kind or of one of several, which `kind` tells apart. */
export type Artifact<K extends ArtifactKind> = K extends ArtifactKind<infer N, infer I> ? {
    /** The kind's name. */
    readonly kind: N;
    /** Absolute folder of the stage. */
    readonly folder: string;
    /** What the stage told of it, checked. */
    readonly info: I;
  }
  : never;

/** An artifact that an earlier stage will write, of one kind or of one of several, which `kind` tells apart. */
export type EarlierArtifact<K extends ArtifactKind> = K extends
  ArtifactKind<infer N, object, infer P> ? {
    /** The kind's name. */
    readonly kind: N;
    /** What the stage says of it before it runs. */
    readonly facts: P;
  }
  : never;

/** An artifact as a run folder's `stage.json` states it, not yet checked against its kind. */
export interface StoredArtifact {
  /** Name of its kind. */
  readonly kind: string;
  /** Absolute folder of the stage. */
  readonly folder: string;
  /** What the stage told of it; plain JSON. */
  readonly info: Readonly<Record<string, unknown>>;
}

/** What a stage will write; created by {@linkcode plannedArtifact} alone. */
export interface PlannedArtifact {
  /** Its kind. */
  readonly kind: ArtifactKind;
  /** What is known of it. */
  readonly facts: object;
  /** Only for the compiler: kind and facts were checked against each other. */
  readonly [made]: true;
}

/** What a stage wrote; created by {@linkcode finishedArtifact} alone. */
export interface FinishedArtifact {
  /** Its kind. */
  readonly kind: ArtifactKind;
  /** What is told of it, as `stage.json` will say it. */
  readonly info: Readonly<Record<string, unknown>>;
  /** What observers are told, where there is something to look at. */
  readonly announce?: Omit<ArtifactEvent, "stage">;
  /** Only for the compiler: kind and info were checked against each other. */
  readonly [made]: true;
}

/**
 * Defines a kind of artifact.
 *
 * @param kind name, and schema of what is told of an artifact
 * @returns the same value, frozen; annotate it `ArtifactKind<name, info, facts>`
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import * as z from "zod";
 * import { type ArtifactKind, defineArtifact, plannedArtifact } from "seamstress";
 * const superpixels: ArtifactKind<"superpixels", { readonly folder: string }, { readonly split: string }> =
 *   defineArtifact({ name: "superpixels", info: z.object({ folder: z.string() }) });
 * assertEquals(plannedArtifact(superpixels, { split: "train" }).facts, { split: "train" });
 * ```
 */
export function defineArtifact<N extends string, I extends object, P extends object>(
  kind: { readonly name: N; readonly info: z.ZodType<I> },
): ArtifactKind<N, I, P> {
  return Object.freeze(kind);
}

/**
 * States what a stage will write.
 *
 * @param kind of artifact
 * @param facts what is known before the run starts
 * @returns for {@linkcode Stage.gives}
 */
export function plannedArtifact<N extends string, I extends object, P extends object>(
  kind: ArtifactKind<N, I, P>,
  facts: NoInfer<P>,
): PlannedArtifact {
  // The mark is for the compiler alone.
  return { kind, facts } as unknown as PlannedArtifact;
}

/**
 * States what a stage wrote.
 *
 * @param kind of artifact
 * @param info what is told of it; plain JSON
 * @param announce what observers are told, where there is something to look at
 * @returns for {@linkcode Stage.run}
 */
export function finishedArtifact<N extends string, I extends object, P extends object>(
  kind: ArtifactKind<N, I, P>,
  info: NoInfer<I>,
  announce?: Omit<ArtifactEvent, "stage">,
): FinishedArtifact {
  // The mark is for the compiler alone.
  return { kind, info: { ...info }, ...announce && { announce } } as unknown as FinishedArtifact;
}
