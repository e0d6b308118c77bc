import {
  type BackendChoice,
  type LoadedModel,
  modelFromBytes,
  networkPlugins,
  prepareBackend,
  Registry,
} from "seamstress/browser";
import type { BackendInfo } from "seamstress";
import { Newest } from "./newest.ts";
import type { Asked, AskedNetwork } from "./protocol.ts";

/** Networks that stay on the backend: one of CAMs and one of affinities. */
const KEPT = 2;

async function fetchBytes(url: string): Promise<Uint8Array> {
  const response = await fetch(url);
  if (response.ok) return new Uint8Array(await response.arrayBuffer());
  const said = await response.text();
  let why = said;
  try {
    why = JSON.parse(said).error;
  } catch {
    // Plain text.
  }
  throw new Error(`Cannot fetch the network's weights: ${why}`);
}

/** The backend that was chosen last, and the networks on it. */
export class Networks {
  readonly registry: Registry = new Registry(networkPlugins);
  readonly #models = new Newest<LoadedModel>(KEPT);
  #choice: BackendChoice | undefined;
  #backend: BackendInfo | undefined;

  /**
   * Takes what is to be freed with the networks when another backend is chosen: nothing moves between backends.
   *
   * @param forget frees what was computed
   */
  constructor(readonly forget: () => void) {}

  /** @returns what computes, made ready where it is not */
  async backend({ backend: choice, wasm }: Asked): Promise<BackendInfo> {
    if (this.#backend !== undefined && this.#choice === choice) return this.#backend;
    this.forget();
    this.#models.clear();
    this.#backend = undefined;
    this.#backend = await prepareBackend(this.registry, choice, wasm);
    this.#choice = choice;
    return this.#backend;
  }

  /** Has the next question make the backend ready again. */
  restart(): void {
    this.#backend = undefined;
  }

  /** @returns a network on the backend, its weights fetched where they were not */
  async model({ weights, use }: AskedNetwork): Promise<LoadedModel> {
    return await this.#models.get(
      weights,
      async () => modelFromBytes(this.registry, use, await fetchBytes(weights), weights),
    );
  }
}
