import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { lower } from "../../../plugins/commands/export/lower.ts";
import { encodeTfjs } from "../../../plugins/commands/export/tfjs.ts";
import { storedConstants, torchModule } from "../../../plugins/commands/export/torch.ts";
import { encodeSafetensors, readSafetensors } from "../../../plugins/formats/safetensors.ts";
import { callSeamstress } from "../../call.ts";
import { inTempFolder } from "../../command.ts";
import { pythonTest, runPython } from "../../python.ts";
import { channelsLast, error, exportedNetworks } from "./export_networks.ts";
import { readWeights, runGraphModel } from "./run_graph_model.ts";
import { shortRun } from "./short_run.ts";

/** Runs the modules of a folder on `image` of NAME.io.safetensors; each output to NAME.KEY.bin. */
const RUN = `
import importlib, json, struct, sys, pathlib
import numpy, torch
folder = pathlib.Path(sys.argv[1])
sys.path.insert(0, str(folder))
for name in sys.argv[2:]:
    network = importlib.import_module(name).load()
    shape = json.loads((folder / f"{name}.shape.json").read_text())
    image = numpy.fromfile(folder / f"{name}.image.bin", "<f4").reshape(shape)
    with torch.no_grad():
        outputs = network(torch.from_numpy(image))
    for key, value in outputs.items():
        value.numpy().astype("<f4").tofile(folder / f"{name}.{key}.bin")
    print(name, *sorted(network.state_dict()))
`;

pythonTest(
  "the module for PyTorch gives what the network gives here, and its parameters have the same names",
  ["numpy", "torch"],
  async () => {
    const networks = await exportedNetworks();
    await inTempFolder(async (folder) => {
      for (const { name, program, params, weights, image, shape } of networks) {
        const module = torchModule({
          program,
          params,
          image: shape,
          about: [name],
          weights: `${name}.safetensors`,
        });
        await Deno.writeTextFile(`${folder}/${name}.py`, module);
        await Deno.writeFile(
          `${folder}/${name}.safetensors`,
          encodeSafetensors(new Map([...weights, ...storedConstants(program)])),
        );
        await Deno.writeFile(`${folder}/${name}.image.bin`, new Uint8Array(image.slice().buffer));
        await Deno.writeTextFile(`${folder}/${name}.shape.json`, JSON.stringify(shape));
      }
      const printed = await runPython(RUN, folder, ...networks.map(({ name }) => name));
      const lines = printed.trim().split("\n");
      for (const [i, { name, outputs, weights }] of networks.entries()) {
        const [of, ...names] = lines[i]!.split(" ");
        assertEquals(of, name);
        const parameters = names.filter((each) => !each.startsWith("constants."));
        // All that inference reads; of a state dict, counters of batches are not.
        for (const each of parameters) assert(weights.has(each), each);
        assert(parameters.length > 0.8 * weights.size, name);
        for (const [key, wanted] of Object.entries(outputs)) {
          const bytes = await Deno.readFile(`${folder}/${name}.${key}.bin`);
          const worst = error(new Float32Array(bytes.buffer), wanted);
          assert(worst < 1e-5, `${name} ${key}: ${worst}`);
        }
      }
    });
  },
);

Deno.test("the graph model for tfjs gives what the network gives here, operation by operation", async () => {
  for (
    const { name, recording, params, weights, image, shape, outputs } of await exportedNetworks()
  ) {
    const files = encodeTfjs({ recording, params, weights, metadata: {} });
    const [, , height, width] = shape;
    const input = tf.tensor(channelsLast(image, shape), [1, height!, width!, 3]);
    const found = runGraphModel(files, input);
    assertEquals(Object.keys(found), Object.keys(outputs));
    for (const [key, wanted] of Object.entries(outputs)) {
      const tensor = found[key]!;
      const ordered = tensor.rank === 4 ? tf.transpose(tensor, [0, 3, 1, 2]) : tensor;
      const worst = error(await ordered.data(), wanted);
      assert(worst < 1e-5, `${name} ${key}: ${worst}`);
      ordered.dispose();
    }
    tf.dispose([input, found]);
  }
});

Deno.test("export writes a run's network, and says what it cannot", async () => {
  await inTempFolder(async (folder) => {
    const run = await shortRun(folder);
    const args = ["export", run, "--size=64x48", "--out", `${folder}/out`];
    const torch = await callSeamstress([...args, "--to=torch"]);
    assertEquals(torch.code, 0, torch.err);
    const trained = JSON.parse(await Deno.readTextFile(`${run}/stages/seam/stage.json`));
    const { weights } = trained.artifact.info;
    const { tensors } = await readSafetensors(`${run}/stages/seam/${weights}`);
    const written = await readSafetensors(`${folder}/out/short_seam.safetensors`);
    for (const [name, array] of tensors) assertEquals(written.tensors.get(name), array);
    assertStringIncludes(await Deno.readTextFile(`${folder}/out/short_seam.py`), "F.conv2d(image,");
    const onnx = await callSeamstress([...args, "--to=onnx"]);
    assertEquals(onnx.code, 0, onnx.err);
    assertEquals(onnx.out.trim(), `${folder}/out/short-seam.onnx`);
    const tfjs = await callSeamstress([...args, "--to=tfjs"]);
    assertEquals(tfjs.code, 0, tfjs.err);
    const paths = tfjs.out.trim().split("\n"), place = `${folder}/out/short-seam-tfjs`;
    assertEquals(paths, [`${place}/group1-shard1of1.bin`, `${place}/model.json`]);
    const model = await Deno.readTextFile(`${place}/model.json`);
    const shard = await Deno.readFile(paths[0]!);
    const held = readWeights(
      new Map<string, string | Uint8Array>([["model.json", model], [
        "group1-shard1of1.bin",
        shard,
      ]]),
    );
    for (const [name, { shape }] of tensors) {
      // PyTorch's OIHW is tfjs's HWIO.
      if (shape.length === 4) {
        const [o, i, h, w] = shape;
        assertEquals(held.get(name)?.shape, [h, w, i, o], name);
      }
    }
    tf.dispose([...held.values()]);
    const { userDefinedMetadata, signature } = JSON.parse(model);
    assertEquals(Object.keys(userDefinedMetadata), ["classes", "mean", "std"]);
    assertEquals(
      signature.inputs.image.tensorShape.dim.map(({ size }: { size: string }) => size),
      ["1", "48", "64", "3"],
    );
    const cases: [readonly string[], string][] = [
      [[...args, "--to=onxn"], 'did you mean "onnx"?'],
      [args, "without --to; valid: onnx, tfjs, torch"],
      [["export", "--to=onnx"], "expected one run or checkpoint"],
      [["export", run, "--to=onnx", "--size=big"], "expected WIDTHxHEIGHT"],
    ];
    for (const [args, message] of cases) {
      const { code, err } = await callSeamstress(args);
      assertEquals(code, 1);
      assertStringIncludes(err, message);
    }
  });
});

Deno.test("a kernel without a counterpart is named", () => {
  const value = (source: object) => ({ shape: [2], dtype: "float32", source });
  const recording = {
    values: [value({ kind: "image" }), value({ kind: "kernel", call: 0, output: 0 })],
    calls: [{ kernel: "FFT", inputs: { x: 0 }, attributes: {}, outputs: [1] }],
    outputs: { y: 1 },
  };
  const message = "its kernel FFT has no counterpart";
  assertThrows(() => lower(recording as never, []), TypeError, message);
  const model = { recording: recording as never, params: [], weights: new Map(), metadata: {} };
  assertThrows(() => encodeTfjs(model), TypeError, message);
});

Deno.test("what tfjs's loader cannot pad is padded before, with the same numbers", async () => {
  const image = tf.randomNormal([1, 7, 6, 2], 0, 1, "float32", 5);
  for (const [kernel, pooled] of [["MaxPool", tf.maxPool], ["AvgPool", tf.avgPool]] as const) {
    const wanted = pooled(image as tf.Tensor4D, 3, 2, 1, "floor");
    const value = (shape: readonly number[], source: object) => ({
      shape,
      dtype: "float32",
      source,
    });
    const attributes = { filterSize: 3, strides: 2, pad: 1, dimRoundingMode: "floor" };
    const recording = {
      values: [
        value(image.shape, { kind: "image" }),
        value(wanted.shape, { kind: "kernel", call: 0, output: 0 }),
      ],
      calls: [{ kernel, inputs: { x: 0 }, attributes, outputs: [1] }],
      outputs: { y: 1 },
    };
    const files = encodeTfjs({
      recording: recording as never,
      params: [],
      weights: new Map(),
      metadata: {},
    });
    const { y } = runGraphModel(files, image);
    assert(error(await y!.data(), await wanted.data<"float32">()) < 1e-6, kernel);
    tf.dispose([y!, wanted]);
  }
  image.dispose();
});
