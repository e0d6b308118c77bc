/** What pycocotools makes of polygons and masks; tests/fixtures/coco_masks.py wrote it. */
export interface Golden {
  readonly polygons: readonly {
    readonly note: string;
    readonly height: number;
    readonly width: number;
    readonly segmentation: readonly (readonly number[])[];
    readonly counts: string;
    readonly area: number;
  }[];
  readonly runs: readonly {
    readonly height: number;
    readonly width: number;
    readonly counts: string;
    readonly runs: readonly number[];
  }[];
}

/** The file. */
export const golden: Golden = JSON.parse(
  await Deno.readTextFile(new URL("../../fixtures/coco_masks.json", import.meta.url)),
);
