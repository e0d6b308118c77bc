import { assert, assertEquals } from "@std/assert";
import { encodeTfjs } from "../../plugins/commands/export/tfjs.ts";
import {
  channelsLast,
  error,
  exportedNetworks,
} from "../../tests/plugins/commands/export_networks.ts";
import { Browser } from "../../tests/studio/browser.ts";

/** What a page loads by `<script src>`: npm's bundle of all of tfjs. */
const BUNDLE = new URL("./node_modules/@tensorflow/tfjs/dist/tf.min.js", import.meta.url);

const PAGE = `<!DOCTYPE html><title>graph models</title><script src="/tf.min.js"></script>`;

/** Loads a model as pages do, and runs it on the image beside it; `{ inputs, metadata, outputs }`. */
const load = (name: string, backend: string) =>
  `(async () => {
    await tf.setBackend(${JSON.stringify(backend)});
    const model = await tf.loadGraphModel("/${name}/model.json");
    const pixels = new Float32Array(await (await fetch("/${name}/image.bin")).arrayBuffer());
    const image = tf.tensor(pixels, model.inputs[0].shape);
    const names = Object.keys(model.modelSignature.outputs);
    const outputs = {};
    for (const name of names) {
      const output = model.execute({ image }, name);
      outputs[name] = Array.from(await output.data());
      output.dispose();
    }
    const inputs = model.inputs.map(({ name }) => name);
    const metadata = model.metadata;
    image.dispose();
    model.dispose();
    return { inputs, metadata, outputs, backend: tf.getBackend() };
  })()`;

interface Loaded {
  readonly inputs: readonly string[];
  readonly metadata: unknown;
  readonly outputs: Readonly<Record<string, readonly number[]>>;
  readonly backend: string;
}

Deno.test("a page loads the graph model by tf.loadGraphModel, and gets what the network gives here", async () => {
  const networks = await exportedNetworks();
  const files = new Map<string, string | Uint8Array<ArrayBuffer>>([
    ["/", PAGE],
    ["/tf.min.js", await Deno.readFile(BUNDLE)],
  ]);
  const metadata = { classes: ["a", "b", "c"] };
  for (const { name, recording, params, weights, image, shape } of networks) {
    for (const [file, content] of encodeTfjs({ recording, params, weights, metadata })) {
      files.set(`/${name}/${file}`, content);
    }
    const pixels = channelsLast(image, shape);
    files.set(`/${name}/image.bin`, new Uint8Array(pixels.buffer as ArrayBuffer));
  }
  const types: Readonly<Record<string, string>> = {
    js: "text/javascript",
    json: "application/json",
  };
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    ({ url }) => {
      const { pathname } = new URL(url), found = files.get(pathname);
      if (found === undefined) return new Response("none", { status: 404 });
      const type = pathname === "/" ? "text/html" : types[pathname.split(".").at(-1)!];
      return new Response(found, {
        headers: { "content-type": type ?? "application/octet-stream" },
      });
    },
  );
  await using browser = await Browser.start();
  await browser.open(`http://127.0.0.1:${server.addr.port}/`);
  for (const { name, shape, recording, outputs } of networks) {
    for (const backend of ["cpu", "webgl"]) {
      const loaded = await browser.evaluate<Loaded>(load(name, backend));
      assertEquals([loaded.inputs, loaded.metadata], [["image"], metadata]);
      assertEquals(loaded.backend, backend);
      assertEquals(Object.keys(loaded.outputs).sort(), Object.keys(outputs).sort());
      for (const [key, wanted] of Object.entries(outputs)) {
        const [n, h, w, c] = recording.values[recording.outputs[key]!]!.shape;
        const last = c === undefined ? wanted : channelsLast(wanted, [n!, c, h!, w!]);
        const worst = error(loaded.outputs[key]!, last);
        assert(worst < 1e-5, `${name} ${key} of an image ${shape} on ${backend}: ${worst}`);
      }
    }
  }
  assertEquals(browser.faults.filter((fault) => !fault.includes("favicon")), []);
});
