import { address, getJson } from "./data.js";
import { h } from "./dom.js";

/** What to compute on, and how it is called. */
const BACKENDS = {
  auto: "a GPU, else WebAssembly",
  webgpu: "WebGPU",
  wasm: "WebAssembly",
  cpu: "JavaScript (slow)",
};

/** Where the Worker and its WebAssembly lie. */
const PLACE = new URL("compute/", document.baseURI).href;

let worker, last = 0, ready = false;
const waiting = new Map();

/** Starts the Worker that computes with networks: one for the page, as long as the page is open. */
function start() {
  worker = new Worker(`${PLACE}networks.js`, { type: "module" });
  worker.onmessage = ({ data: { id, answer, on, error } }) => {
    const { resolve, reject } = waiting.get(id);
    waiting.delete(id);
    ready = true;
    if (error !== undefined) reject(new Error(error));
    else resolve({ answer, on });
  };
  worker.onerror = (event) => {
    event.preventDefault();
    const why = event.message ?? "its script does not load; is the studio still running?";
    for (const { reject } of waiting.values()) reject(new Error(`Cannot compute: ${why}`));
    waiting.clear();
    worker = undefined;
    ready = false;
  };
}

/** Has the Worker's program fetched before the first question, by who is about to ask. */
export function prepare() {
  if (!worker) start();
}

/** What to say while an answer is waited for: the first one needs the Worker's program, which the studio puts together. */
export function waitingFor(what) {
  return ready
    ? `Computing ${what} …`
    : `Computing ${what}; the program that computes is fetched first …`;
}

/**
 * Asks the Worker.
 *
 * @param {"pcm" | "affinitynet" | "photograph"} question
 * @param network one of `networks.json`
 * @param {string} backend value of a `backendChoice`
 * @param asked what else the question states
 * @returns `{answer, on}`: the answer, and what computed it in how many milliseconds
 */
export function ask(question, network, backend, asked) {
  prepare();
  const id = ++last, { promise, resolve, reject } = Promise.withResolvers();
  waiting.set(id, { resolve, reject });
  worker.postMessage({ id, question, asked: { network, backend, wasm: PLACE, ...asked } });
  return promise;
}

/** Why nothing can be computed where `getNetworks` finds no weights. */
export const NO_WEIGHTS =
  "This copy was exported without the weights of the run's networks; studio export with --weights writes them";

/** Reads a run's networks, as the Worker takes them. `{weights, networks}`: whether their weights are here; the networks. */
export async function getNetworks(id, signal) {
  const { weights, networks } = await getJson(`runs/${id}/networks.json`, signal);
  return {
    weights,
    networks: networks.map((network, n) => ({
      ...network,
      weights: address(`runs/${id}/networks/${n}/weights.safetensors`),
    })),
  };
}

let chosen = "auto";

/** A field to choose what to compute on; the choice holds for all pages. */
export function backendChoice(id) {
  const select = h(
    "select",
    { id, onchange: () => chosen = select.value },
    Object.entries(BACKENDS).map(([value, text]) => h("option", { value }, text)),
  );
  select.value = chosen;
  return select;
}

/** Says what computed, and how long it took. */
export function saidOf({ name, device, software, milliseconds }) {
  const called = { webgpu: "WebGPU", wasm: "WebAssembly", cpu: "JavaScript" }[name] ?? name;
  const where = software ? `${device}, no GPU` : device;
  return `computed here on ${where.startsWith(called) ? where : `${called} (${where})`} in ${
    (milliseconds / 1000).toFixed(1)
  } s`;
}
