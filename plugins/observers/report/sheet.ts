import { encodeRgbPng, type Raster } from "seamstress";
import { type Html, markup } from "./html.ts";
import { classColours } from "./pictures.ts";

/** One picture of the sheet. */
export interface Picture {
  /** What it is, such as `truth`. */
  readonly caption: string;
  /** RGB; absent where it could not be made. */
  readonly image?: Raster;
}

/** One image of the sheet with its CAMs and masks. */
export interface SheetRow {
  readonly name: string;
  /** Classes of the image by index from 0. */
  readonly classes: readonly number[];
  readonly pictures: readonly Picture[];
}

/** Pictures to look at. */
export interface Sheet {
  readonly rows: readonly SheetRow[];
  /** Foreground class names. */
  readonly classes: readonly string[];
  /** What is missing, and why. */
  readonly notes: readonly string[];
}

/** Pictures whose longest side is below this are enlarged without smoothing. */
const SMALL = 100;

/** Bytes that are turned into characters at once: a call takes only so many arguments. */
const CHUNK = 0x8000;

/**
 * An image as a data URI.
 *
 * @param image RGB uint8
 * @returns `data:image/png;base64,…`
 */
export function pngUri(image: Raster): string {
  const bytes = encodeRgbPng(image);
  let binary = "";
  for (let at = 0; at < bytes.length; at += CHUNK) {
    binary += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  }
  return `data:image/png;base64,${btoa(binary)}`;
}

function renderLegend(classes: readonly string[]): Html {
  const colours = classColours(classes.length);
  const swatches = classes.map((name, c) =>
    markup`<span class="class"><i style="background:rgb(${
      colours[c]!.join(" ")
    })"></i>${name}</span>
`
  );
  return markup`<p class="legend-classes">${swatches}</p>
`;
}

function renderImage({ caption, image }: Picture, name: string): Html {
  if (!image) return markup`<div class="missing">none</div>`;
  const { width, height } = image;
  const style = Math.max(width, height) <= SMALL ? "pixels" : "photo";
  return markup`<img class="${style}" src="${
    pngUri(image)
  }" width="${width}" height="${height}" alt="${caption} of ${name}">`;
}

function renderRow({ name, classes: own, pictures }: SheetRow, classes: readonly string[]): Html {
  const words = own.map((c) => classes[c] ?? String(c)).join(", ") || "no class";
  const figures = pictures.map((picture) =>
    markup`<figure>${renderImage(picture, name)}<figcaption>${picture.caption}</figcaption></figure>
`
  );
  return markup`<div class="strip"><h3>${name}<span>${words}</span></h3>
<div class="pictures" style="--count:${pictures.length}">
${figures}</div></div>
`;
}

/**
 * Renders the sheet: one strip per image.
 *
 * @param sheet pictures
 * @returns a legend of all classes, strips, and notes
 */
export function renderSheet({ rows, classes, notes }: Sheet): Html {
  return markup`${rows.length > 0 && renderLegend(classes)}${
    rows.map((row) => renderRow(row, classes))
  }${notes.map((note) => markup`<p class="hint">${note}</p>`)}`;
}
