"""SEAM's training step in plain PyTorch: what bench/step_webgpu.bench.ts compares this project with.

ResNet38 with frozen batch norm, CAM and pixel correlation module, all losses, SGD with its groups, as the authors' code (YudeWang/SEAM,
psa's network/resnet38d.py) computes them. Weights, images, labels and dropout's masks come from one safetensors file, so that the losses
can be compared number by number. Prints one line of JSON.

  python3 bench/peers/seam_step.py FILE --rounds 3 [--device cuda] [--tf32] [--threads 1]
"""
import argparse
import json
import time

import torch
import torch.nn.functional as F

from machine import blas, forget_peak, resident, vectors
from seam import seam_head
from training import Training

# name, stride, dilations of both convolutions
BASIC = [
    ("b2", 2, (1, 1)), ("b2_1", 1, (1, 1)), ("b2_2", 1, (1, 1)),
    ("b3", 2, (1, 1)), ("b3_1", 1, (1, 1)), ("b3_2", 1, (1, 1)),
    ("b4", 2, (1, 1)), *[(f"b4_{i}", 1, (1, 1)) for i in range(1, 6)],
    ("b5", 1, (1, 2)), ("b5_1", 1, (2, 2)), ("b5_2", 1, (2, 2)),
]
TAPS = {"b5": "conv4", "b6": "conv5"}


class Network:
    def __init__(self, params):
        self.params = params

    def conv(self, x, name, stride=1, dilation=1):
        weight = self.params[f"{name}.weight"]
        return F.conv2d(x, weight, None, stride, dilation * (weight.shape[2] // 2), dilation)

    def bn_relu(self, x, name):
        p = [self.params[f"{name}.{part}"]
             for part in ("running_mean", "running_var", "weight", "bias")]
        return F.relu(F.batch_norm(x, *p, training=False, eps=1e-5))

    def shortcut(self, x, entry, name, stride):
        known = f"{name}.conv_branch1.weight" in self.params
        return self.conv(entry, f"{name}.conv_branch1", stride) if known else x

    def basic(self, x, name, stride, dilations):
        entry = self.bn_relu(x, f"{name}.bn_branch2a")
        y = self.conv(entry, f"{name}.conv_branch2a", stride, dilations[0])
        y = self.conv(self.bn_relu(y, f"{name}.bn_branch2b1"), f"{name}.conv_branch2b1", 1, dilations[1])
        return y + self.shortcut(x, entry, name, stride), entry

    def bottleneck(self, x, name, dilation, masks):
        entry = self.bn_relu(x, f"{name}.bn_branch2a")
        y = self.conv(entry, f"{name}.conv_branch2a")
        for layer, reach in (("2b1", dilation), ("2b2", 1)):
            y = self.bn_relu(y, f"{name}.bn_branch{layer}") * masks[f"{name}.{layer}"]
            y = self.conv(y, f"{name}.conv_branch{layer}", 1, reach)
        return y + self.shortcut(x, entry, name, 1), entry

    def forward(self, image, masks):
        taps = {}
        with torch.no_grad():
            x = self.conv(image, "conv1a")
            for name, stride, dilations in BASIC[:3]:
                x, _ = self.basic(x, name, stride, dilations)
        for name, stride, dilations in BASIC[3:]:
            x, entry = self.basic(x, name, stride, dilations)
            if name in TAPS:
                taps[TAPS[name]] = entry
        for name in ("b6", "b7"):
            x, entry = self.bottleneck(x, name, 4, masks)
            if name in TAPS:
                taps[TAPS[name]] = entry
        deep = self.bn_relu(x, "bn7") * masks["fc8"]
        return seam_head(self.params, image, (taps["conv4"], taps["conv5"]), deep)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("file")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--tf32", action="store_true")
    parser.add_argument("--threads", type=int, default=0)
    args = parser.parse_args()
    if args.threads:
        torch.set_num_threads(args.threads)
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = args.tf32
    cuda = args.device == "cuda"
    torch.backends.cudnn.benchmark = cuda
    before = resident("VmRSS")
    training = Training(args.file, Network, args.device)
    found = [training.step(number) for number in range(len(training.masks))]
    if cuda:
        torch.cuda.synchronize()
        torch.cuda.reset_peak_memory_stats()
    else:
        forget_peak()
    clock, processor = [], []
    for _ in range(args.rounds):
        began, used = time.perf_counter(), time.process_time()
        training.step(0)
        if cuda:
            torch.cuda.synchronize()
        clock.append(time.perf_counter() - began)
        processor.append(time.process_time() - used)
    peak = (torch.cuda.max_memory_allocated() if cuda
            else resident("VmHWM") - before)
    print(json.dumps({
        "losses": found,
        "seconds": min(clock),
        "cpuSeconds": min(processor),
        "peakBytes": peak,
        "device": torch.cuda.get_device_name() if cuda else f"CPU, {vectors()}, {blas()[0]}",
        "torch": torch.__version__,
        "referenceBlas": not cuda and blas()[1],
        "processorSeconds": time.process_time(),
    }))


main()
