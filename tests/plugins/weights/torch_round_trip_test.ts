import { assert, assertEquals } from "@std/assert";
import { Registry } from "../../../core/registry.ts";
import { encodeSafetensors } from "../../../core/safetensors.ts";
import { torchWeights } from "../../../plugins/weights/torch.ts";
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
    assert list(header) == list(wanted), (list(header), list(wanted))
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
        const { tensors } = await weights.read();
        assert(tensors.has("bn.num_batches_tracked"));
        await Deno.writeFile(`${folder}/${format}.safetensors`, encodeSafetensors(tensors));
      }
      assertEquals(await runPython(COMPARE, folder), "zip 15\nlegacy 15\n");
    });
  },
);
