import type { BackendChoice, NetworkOfWeights, PhotographSettings } from "seamstress/browser";

/** A network that the page asks to compute by. */
export interface AskedNetwork {
  /** Address of its weights, safetensors. */
  readonly weights: string;
  readonly use: NetworkOfWeights;
  readonly settings: PhotographSettings;
  /** Powers of affinity and steps of AffinityNet's random walk. */
  readonly walk: { readonly beta: number; readonly logt: number };
  /** The same of IRN's, and how far a step leads. */
  readonly boundaryWalk: { readonly beta: number; readonly logt: number; readonly radius: number };
}

/** An image as the page has it. */
export interface AskedImage {
  /** Tells it from others: what was computed of it once is kept. */
  readonly key: string;
  readonly width: number;
  readonly height: number;
  /** `[H*W,4]`, as a canvas gives them; opacity is not looked at. */
  readonly rgba: Uint8ClampedArray;
}

/** What every question states. */
export interface Asked {
  readonly network: AskedNetwork;
  /** What to compute on. */
  readonly backend: BackendChoice;
  /** Address of the folder with the code of WebAssembly, with a slash at its end. */
  readonly wasm: string;
}

/** Which pixel is asked about. */
export interface AskedPixel extends Asked {
  readonly image: AskedImage;
  /** Of the image, from 0. */
  readonly x: number;
  /** Of the image, from 0. */
  readonly y: number;
}

/** A photograph file. */
export interface AskedPhotograph extends Asked {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Classes whose CAMs are wanted, by index; those that the network sees where there are none. */
  readonly classes: readonly number[];
}

/** A map of an image at the network's stride. */
export interface PixelMap {
  readonly width: number;
  readonly height: number;
  /** `[height*width]` */
  readonly data: Float32Array;
  /** The asked pixel in it, y * width + x. */
  readonly pixel: number;
}

/** What computed it. */
export interface Computer {
  readonly name: string;
  readonly device: string;
  /** Whether it is WebGPU on the processor. */
  readonly software: boolean;
}

/** What computed an answer, and how long it took, without fetching what was not there. */
export interface Computed extends Computer {
  readonly milliseconds: number;
}

/** What is asked, and what is answered. */
export interface Questions {
  /** A row of the PCM's affinity. */
  readonly pcm: [asked: AskedPixel, answer: { readonly affinity: PixelMap }];
  /** AffinityNet's affinities of the pixel, and its random walk. */
  readonly affinitynet: [
    asked: AskedPixel,
    answer: { readonly affinity: PixelMap; readonly walk: PixelMap },
  ];
  /** IRN's affinities of the pixel, by the class boundaries near it, and the walk within them. */
  readonly irn: [
    asked: AskedPixel,
    answer: { readonly affinity: PixelMap; readonly walk: PixelMap },
  ];
  /** CAMs of a photograph of one's own. */
  readonly photograph: [
    asked: AskedPhotograph,
    answer: {
      readonly width: number;
      readonly height: number;
      readonly rgba: Uint8ClampedArray;
      readonly probabilities: readonly number[];
      /** Classes by index. */
      readonly shown: readonly number[];
      /** Of each shown class, `[H*W]`. */
      readonly cams: readonly Float32Array[];
    },
  ];
}

/** One of the questions. */
export type Question = keyof Questions;

/** A message from the page. */
export type ToWorker = {
  [Q in Question]: { readonly id: number; readonly question: Q; readonly asked: Questions[Q][0] };
}[Question];

/** A message to the page. */
export type FromWorker =
  | { readonly id: number; readonly answer: Questions[Question][1]; readonly on: Computed }
  | { readonly id: number; readonly error: string };
