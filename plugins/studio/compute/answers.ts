import {
  affinityOfPixel,
  type Boundaries,
  boundaryAffinityOfPixel,
  boundaryWalkFromPixel,
  decodePhotograph,
  imageBatch,
  inferAffinity,
  inferBoundaries,
  inferPhotograph,
  type JpegDecoder,
  jpegDecoderAt,
  type PairAffinity,
  pixelAffinity,
  type PixelVectors,
  pixelVectors,
  reduceLongSide,
  walkFromPixel,
  withAlpha,
  withoutAlpha,
} from "seamstress/browser";
import type { Raster } from "seamstress";
import { Networks } from "./networks.ts";
import { Newest } from "./newest.ts";
import type {
  Asked,
  AskedPhotograph,
  AskedPixel,
  Computer,
  PixelMap,
  Questions,
} from "./protocol.ts";

/** What is on no backend: there is nothing to free. */
type Kept<T> = T & Disposable;

const kept = <T extends object>(found: T): Kept<T> => ({ ...found, [Symbol.dispose]() {} });

/** Images whose vectors and affinities are kept: clicks come one after another on the same. */
const IMAGES = 2;

/** Tells apart what networks gave of images. */
const keyOf = ({ network, image }: AskedPixel) => `${network.weights} ${image.key}`;

/** The image as the network sees it. */
function viewOf({ network, image: { width, height, rgba } }: AskedPixel): Raster {
  const image: Raster = { width, height, channels: 3, data: withoutAlpha(rgba) };
  return reduceLongSide(image, network.settings.longSide);
}

/** The pixel of a map that lies over a pixel of the image, the map stretched over it as the page draws it. */
function placeIn(
  { width, height }: { readonly width: number; readonly height: number },
  { image, x, y }: AskedPixel,
): number {
  const column = Math.min(Math.floor((x + 0.5) * width / image.width), width - 1);
  const row = Math.min(Math.floor((y + 0.5) * height / image.height), height - 1);
  return row * width + column;
}

/** Answers what the page asks, on the backend that it chose. */
export class Answers {
  readonly #vectors = new Newest<PixelVectors>(IMAGES);
  readonly #affinities = new Newest<Kept<PairAffinity>>(IMAGES);
  readonly #boundaries = new Newest<Kept<Boundaries>>(IMAGES);
  readonly #networks = new Networks(() => {
    this.#vectors.clear();
    this.#affinities.clear();
    this.#boundaries.clear();
  });
  #jpeg: JpegDecoder | undefined;

  /** Fetches the network and makes the backend ready, where they are not. @returns what answers are computed on */
  async prepare(asked: Asked): Promise<Computer> {
    const { name, device, software } = await this.#networks.backend(asked);
    await this.#networks.model(asked.network);
    return { name, device, software };
  }

  /** Has the next question begin anew, after an error: a lost device stays lost. */
  restart(): void {
    this.#networks.restart();
  }

  /** How alike a pixel is to all others, by the features of the network's PCM. */
  async pcm(asked: AskedPixel): Promise<Questions["pcm"][1]> {
    const backend = await this.#networks.backend(asked);
    const vectors = await this.#vectors.get(keyOf(asked), async () => {
      const { model } = await this.#networks.model(asked.network);
      return pixelVectors(model, viewOf(asked));
    });
    const { width, height } = vectors, pixel = placeIn(vectors, asked);
    const data = await pixelAffinity(vectors, pixel);
    await backend.check();
    return { affinity: { width, height, data, pixel } };
  }

  /** How alike a pixel is to those near it by AffinityNet, and where its random walk goes. */
  async affinitynet(asked: AskedPixel): Promise<Questions["affinitynet"][1]> {
    const { network } = asked;
    const backend = await this.#networks.backend(asked);
    const affinity = await this.#affinities.get(keyOf(asked), async () => {
      const { model } = await this.#networks.model(network);
      const input = imageBatch(viewOf(asked), [false], model.backbone.input);
      const found = await inferAffinity(model, input).finally(() => input.dispose());
      await backend.check();
      return kept(found);
    });
    const { width, height } = affinity, pixel = placeIn(affinity, asked);
    const map = (data: Float32Array): PixelMap => ({ width, height, data, pixel });
    return {
      affinity: map(affinityOfPixel(affinity, pixel)),
      walk: map(walkFromPixel(affinity, pixel, network.walk)),
    };
  }

  /** How alike a pixel is to those near it by the class boundaries of IRN, and where the walk within them goes. */
  async irn(asked: AskedPixel): Promise<Questions["irn"][1]> {
    const { network } = asked;
    const backend = await this.#networks.backend(asked);
    const boundaries = await this.#boundaries.get(keyOf(asked), async () => {
      const { model } = await this.#networks.model(network);
      const found = await inferBoundaries(model, viewOf(asked));
      await backend.check();
      return kept(found);
    });
    const { width, height } = boundaries, pixel = placeIn(boundaries, asked);
    const map = (data: Float32Array): PixelMap => ({ width, height, data, pixel });
    const { boundaryWalk } = network;
    return {
      affinity: map(boundaryAffinityOfPixel(boundaries, pixel, boundaryWalk.radius)),
      walk: map(boundaryWalkFromPixel(boundaries, pixel, boundaryWalk)),
    };
  }

  /** CAMs of a photograph. */
  async photograph(asked: AskedPhotograph): Promise<Questions["photograph"][1]> {
    const { network, name, bytes, wasm, classes: wanted } = asked;
    const backend = await this.#networks.backend(asked);
    const image = await decodePhotograph(
      bytes,
      name,
      this.#jpeg ??= jpegDecoderAt(`${wasm}mozjpeg_dec.wasm`),
    );
    const { model, classes } = await this.#networks.model(network);
    const { probabilities, shown, cams } = await inferPhotograph(
      model,
      image,
      { classes: classes.length, asked: wanted },
      network.settings,
      backend,
    );
    const { width, height } = image;
    const maps = shown.map((c) => cams.get(c)!);
    const rgba = new Uint8ClampedArray(withAlpha(image.data).buffer);
    return { width, height, rgba, probabilities, shown, cams: maps };
  }
}
