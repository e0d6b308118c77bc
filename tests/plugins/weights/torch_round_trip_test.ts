import { assert, assertEquals } from "@std/assert";
import { fromFileUrl } from "../../../core/recipe/paths.ts";
import { Registry } from "../../../core/registry/registry.ts";
import { encodeSafetensors } from "../../../plugins/formats/safetensors.ts";
import { resnet38 } from "../../../plugins/backbones/resnet38.ts";
import { seamNetworkOf } from "../../../plugins/fixtures/seam_network.ts";
import { seamHead } from "../../../plugins/heads/seam.ts";
import { torchWeights } from "../../../plugins/weights/torch.ts";
import { backends } from "../../backends.ts";
import { inTempFolder } from "../../command.ts";
import { pythonTest, runPython } from "../../python.ts";

const SAVE = `
import collections, sys, torch
torch.manual_seed(3)
folder = sys.argv[1]
net = torch.nn.Sequential(collections.OrderedDict(
    conv=torch.nn.Conv2d(3, 5, 3), bn=torch.nn.BatchNorm2d(5), fc=torch.nn.Conv2d(5, 7, 1, bias=False)))
net(torch.randn(2, 3, 9, 9))
state = net.state_dict()
state["fc.transposed"] = state["fc.weight"].flatten(1).t()
state["conv.first"] = state["conv.weight"][1:3]
state["special"] = torch.tensor([float("nan"), float("inf"), -0.0, 1e-45])
state["half"] = torch.randn(4, 3).half()
state["bfloat"] = torch.randn(4, 3).bfloat16()
state["int"] = torch.arange(-3, 3, dtype=torch.int32)
state["byte"] = torch.arange(0, 256, dtype=torch.uint8)
torch.save(state, folder + "/zip.pth")
torch.save(state, folder + "/legacy.pth", _use_new_zipfile_serialization=False)
`;

// Debian has no safetensors module.
const COMPARE = `
import json, struct, sys, torch
folder = sys.argv[1]
types = {"F32": torch.float32, "I64": torch.int64, "I32": torch.int32, "U8": torch.uint8}
for format in "zip", "legacy":
    blob = open(f"{folder}/{format}.safetensors", "rb").read()
    size, = struct.unpack("<Q", blob[:8])
    header = json.loads(blob[8:8 + size])
    wanted = torch.load(f"{folder}/{format}.pth")
    assert set(header) == set(wanted), set(header) ^ set(wanted)
    for name, item in header.items():
        begin, end = item["data_offsets"]
        data = bytearray(blob[8 + size + begin:8 + size + end])
        got = torch.frombuffer(data, dtype=types[item["dtype"]]).reshape(item["shape"])
        # float16 and bfloat16 travel as float32, which holds them exactly.
        half = wanted[name].dtype in (torch.half, torch.bfloat16)
        original = wanted[name].float() if half else wanted[name]
        assert got.dtype == original.dtype and got.shape == original.shape, name
        assert got.numpy().tobytes() == original.contiguous().numpy().tobytes(), name
    print(format, len(header))
`;

/** The author code's network at a sixteenth of its width, as PyTorch before 1.6 would have saved it, with a scale of our own. */
const SAVE_SEAM = `
import collections, json, struct, sys, torch
folder, golden = sys.argv[1:]
blob = open(golden, "rb").read()
size, = struct.unpack("<Q", blob[:8])
state = collections.OrderedDict()
for name, item in json.loads(blob[8:8 + size]).items():
    if name != "__metadata__":
        begin, end = item["data_offsets"]
        data = bytearray(blob[8 + size + begin:8 + size + end])
        state[name] = torch.frombuffer(data, dtype=torch.float32).reshape(item["shape"]) * 1.1
torch.save(state, folder + "/zip.pth")
torch.save(state, folder + "/legacy.pth", _use_new_zipfile_serialization=False)
`;

pythonTest(
  "SEAM's network takes weights of PyTorch, and PyTorch gets them back unchanged to the bit",
  ["torch", "numpy"],
  async () => {
    await backends.cpu.prepare();
    await inTempFolder(async (folder) => {
      const golden = new URL("../../fixtures/seam_weights.safetensors", import.meta.url);
      await runPython(SAVE_SEAM, folder, fromFileUrl(golden));
      const registry = new Registry([torchWeights, resnet38, seamHead]);
      for (const format of ["zip", "legacy"]) {
        const use = { use: "torch", file: `${format}.pth` };
        const weights = await registry.create("weights", use, { base: folder });
        const tensors = await weights.read();
        const file = { path: weights.path, tensors, metadata: {}, sibling: () => Promise.reject() };
        const { params } = await seamNetworkOf(file, registry);
        try {
          const bytes = encodeSafetensors(await params.toStateDict());
          await Deno.writeFile(`${folder}/${format}.safetensors`, bytes);
        } finally {
          params.dispose();
        }
      }
      assertEquals(await runPython(COMPARE, folder), "zip 195\nlegacy 195\n");
    });
  },
);

pythonTest(
  "a state dict goes PyTorch → here → PyTorch unchanged to the bit, from both formats",
  ["torch", "numpy"],
  async () => {
    await inTempFolder(async (folder) => {
      await runPython(SAVE, folder);
      const registry = new Registry([torchWeights]);
      for (const format of ["zip", "legacy"]) {
        const use = { use: "torch", file: `${format}.pth` };
        const weights = await registry.create("weights", use, { base: folder });
        const tensors = await weights.read();
        assert(tensors.has("bn.num_batches_tracked"));
        await Deno.writeFile(`${folder}/${format}.safetensors`, encodeSafetensors(tensors));
      }
      assertEquals(await runPython(COMPARE, folder), "zip 15\nlegacy 15\n");
    });
  },
);
