import { assert, assertEquals, assertThrows } from "@std/assert";
import { FileSource } from "../../../plugins/formats/byte_source.ts";
import { isUserError } from "../../../core/errors.ts";
import { openPth } from "../../../plugins/weights/torch/pth.ts";
import { inTempFolder } from "../../command.ts";
import { pythonTest, runPython } from "../../python.ts";

/** Checkpoints as training scripts write them, in both formats and every protocol that can be asked for. */
const SAVE = `
import argparse, collections, datetime, functools, pathlib, sys, numpy as np, torch
folder = sys.argv[1]
class Ordered(collections.OrderedDict): pass
class AverageMeter: pass
net = torch.nn.Conv2d(1, 2, 1)
with torch.no_grad(): net.weight.fill_(0.5); net.bias.fill_(-2)
meter = AverageMeter(); meter.val = np.float64(3)
optimizer = torch.optim.Adam(net.parameters()); net(torch.ones(1, 1, 1, 1)).sum().backward(); optimizer.step()
with torch.no_grad(): net.weight.fill_(0.5); net.bias.fill_(-2)
default = collections.defaultdict(list); default["a"].append(torch.ones(2))
beside = dict(epoch=3, arch="resnet38", best_acc1=torch.tensor(71.5), args=argparse.Namespace(lr=0.1, path=pathlib.PosixPath("/a")),
    score=np.float32(0.5), array=np.arange(3), kind=np.dtype("float32"), device=torch.device("cpu"), dtype=torch.float16,
    size=torch.Size([1, 2]), default=default, ordered=Ordered(a=1), when=datetime.datetime(2020, 1, 2), partial=functools.partial(int, base=2),
    meter=meter, optimizer=optimizer.state_dict(), schedule=dict(lr_lambdas=[None], last_epoch=3), function=torch.nn.functional.relu,
    rng=torch.get_rng_state(), names={"a", "b"}, mask=torch.ones(2, dtype=torch.bool), sparse=torch.eye(2).to_sparse(),
    complex=torch.ones(2, dtype=torch.complex64), quantized=torch.quantize_per_tensor(torch.ones(2), 0.1, 0, torch.qint8),
    parameter=torch.nn.Parameter(torch.ones(1)), short=torch.ones(2, dtype=torch.int16))
for zip in True, False:
    for protocol in 2, 3, 4, 5:
        torch.save({**beside, "state_dict": net.state_dict()}, f"{folder}/{zip}-{protocol}.pth", pickle_protocol=protocol,
            _use_new_zipfile_serialization=zip)
    torch.save(net, f"{folder}/{zip}-net.pth", _use_new_zipfile_serialization=zip)
    torch.save({"model": net.state_dict(), "args": argparse.Namespace(lr=1)}, f"{folder}/{zip}-deit.pth", _use_new_zipfile_serialization=zip)
    torch.save({"epoch": 1, "model": net}, f"{folder}/{zip}-whole.pth", _use_new_zipfile_serialization=zip)
`;

pythonTest("openPth() takes the state dict out of checkpoints that hold anything else", [
  "torch",
  "numpy",
], async () => {
  await inTempFolder(async (folder) => {
    await runPython(SAVE, folder);
    const open = (name: string, key?: string) => {
      using source = FileSource.open(`${folder}/${name}.pth`);
      return [...openPth(source, key).read()].map(([name, { data }]) => [name, ...data]);
    };
    const wanted = [["weight", 0.5, 0.5], ["bias", -2, -2]];
    for (const format of ["True", "False"]) {
      for (const protocol of [2, 3, 4, 5]) {
        assertEquals(open(`${format}-${protocol}`), wanted, `${format} ${protocol}`);
      }
      assertEquals(open(`${format}-deit`), wanted);
      assertEquals(open(`${format}-deit`, "model"), wanted);
      for (const [name, key] of [["net"], ["whole"], ["whole", "model"]] as const) {
        const error = assertThrows(() => open(`${format}-${name}`, key), SyntaxError);
        assert(isUserError(error));
        for (
          const text of [
            '"torch.nn.modules.conv.Conv2d"',
            "torch.save(dict(net.state_dict()), FILE)",
          ]
        ) {
          assert(error.message.includes(text), `"${error.message}" does not say "${text}"`);
        }
      }
    }
  });
});
