"""SEAM's training step in plain PyTorch: what bench/step_webgpu.bench.ts compares this project with.

ResNet38 with frozen batch norm, CAM and pixel correlation module, all losses, SGD with its groups, as the authors' code (YudeWang/SEAM,
psa's network/resnet38d.py) computes them. Weights, images, labels and dropout's masks come from one safetensors file, so that the losses
can be compared number by number. Prints one line of JSON.

  python3 bench/peers/seam_step.py FILE --rounds 3 [--device cuda] [--tf32] [--threads 1]
"""
import argparse
import json
import os
import time

import numpy
import torch
import torch.nn.functional as F

# name, stride, dilations of both convolutions
BASIC = [
    ("b2", 2, (1, 1)), ("b2_1", 1, (1, 1)), ("b2_2", 1, (1, 1)),
    ("b3", 2, (1, 1)), ("b3_1", 1, (1, 1)), ("b3_2", 1, (1, 1)),
    ("b4", 2, (1, 1)), *[(f"b4_{i}", 1, (1, 1)) for i in range(1, 6)],
    ("b5", 1, (1, 2)), ("b5_1", 1, (2, 2)), ("b5_2", 1, (2, 2)),
]
TAPS = {"b5": "conv4", "b6": "conv5"}
NEW = ("fc8.", "f8_3.", "f8_4.", "f9.")
SCALE = 0.3


def read(path):
    """Tensors and metadata of a safetensors file that holds float32 alone."""
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        data = file.read()
    metadata = header.pop("__metadata__", {})
    return metadata, {
        name: torch.from_numpy(numpy.frombuffer(data[slice(*entry["data_offsets"])], "<f4")
                               .reshape(entry["shape"]).copy())
        for name, entry in header.items()
    }


def resident(key):
    """Bytes that Linux counts for this process: VmRSS now, VmHWM the most since the last reset."""
    with open("/proc/self/status") as file:
        return next(1024 * int(line.split()[1]) for line in file if line.startswith(f"{key}:"))


def vectors():
    """What oneDNN computes with."""
    with open("/proc/cpuinfo") as file:
        if "avx512f" not in file.read():
            return "the processor's own vectors"
    most = os.environ.get("ONEDNN_MAX_CPU_ISA", "AVX-512")
    return f"{most} though the processor has AVX-512"


def blas():
    """The library that multiplies matrices, and whether it is the slow reference one."""
    torch.ones(64, 64) @ torch.ones(64, 64)
    with open("/proc/self/maps") as file:
        paths = {line.split()[-1] for line in file if "blas" in line}
    for name in ("openblas", "blis", "mkl"):
        if any(name in path for path in paths):
            return name, False
    return "reference BLAS", any("/libblas.so" in path for path in paths)


def forget_peak():
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")


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
        cam = self.conv(self.bn_relu(x, "bn7") * masks["fc8"], "fc8")
        size = image.shape[2:]
        small = resize(image, cam.shape[2:])
        features = torch.cat([
            small,
            F.relu(self.conv(taps["conv4"].detach(), "f8_3")),
            F.relu(self.conv(taps["conv5"].detach(), "f8_4")),
        ], 1)
        revised = correlate(normalized(cam.detach()), self.conv(features, "f9"))
        return resize(cam, size), resize(revised, size)


def resize(x, size):
    return F.interpolate(x, tuple(size), mode="bilinear", align_corners=True)


def normalized(cam):
    """The CAM that the pixel correlation module spreads."""
    r = F.relu(cam)
    n = F.relu(r - 1e-5) / (r.amax((2, 3), True) + 1e-5)
    foreground = n[:, 1:]
    best = foreground.amax(1, True)
    return torch.cat([1 - best, torch.where(foreground == best, foreground, torch.zeros_like(foreground))], 1)


def correlate(cam, features):
    n, classes, h, w = cam.shape
    f = features.flatten(2)
    f = f / (f.norm(dim=1, keepdim=True) + 1e-5)
    affinity = F.relu(f.transpose(1, 2) @ f)
    affinity = affinity / (affinity.sum(1, keepdim=True) + 1e-5)
    return (cam.flatten(2) @ affinity).view(n, classes, h, w)


def max_norm(cam):
    p = F.relu(cam)
    flat = p.flatten(2)
    largest = flat.max(2)[0][..., None, None]
    least = flat.min(2)[0][..., None, None]
    return F.relu(p - least - 1e-5) / (largest - least + 1e-5)


def classification(cam, label):
    return F.multilabel_soft_margin_loss(cam[:, 1:].mean((2, 3)), label)


def min_pooling(cam_rv, present):
    strongest = (cam_rv * present)[:, 1:].max(1)[0].flatten(1)
    return F.relu(strongest.topk(strongest.shape[1] // 4, largest=False)[0]).mean()


def with_background(cam):
    return torch.cat([1 - cam[:, 1:].max(1, keepdim=True)[0], cam[:, 1:]], 1)


def onehot_max(cam):
    foreground = cam[:, 1:]
    best = foreground.amax(1, True)
    return torch.cat([cam[:, :1], torch.where(foreground == best, foreground, torch.zeros_like(foreground))], 1)


def hardest(difference):
    rows = difference.flatten(1)
    return rows.topk(int(rows.shape[1] * 0.2))[0].mean()


def losses_of(network, image, label, masks):
    """The losses classification, min-pooling, er and ecr."""
    small = [int(side * SCALE) for side in image.shape[2:]]
    present = F.pad(label, (1, 0), value=1.0)[..., None, None]
    cam1, rv1 = network.forward(image, masks[0])
    cam2, rv2 = network.forward(resize(image, small), masks[1])
    cls = (classification(cam1, label) + classification(cam2, label)) / 2
    minimum = (min_pooling(rv1, present) + min_pooling(rv2, present)) / 2
    cam1, rv1 = (resize(max_norm(cam), small) * present for cam in (cam1, rv1))
    cam2, rv2 = (max_norm(cam) * present for cam in (cam2, rv2))
    er = (cam1[:, 1:] - cam2[:, 1:]).abs().mean()
    target1, target2 = (onehot_max(with_background(cam.detach())) for cam in (cam1, cam2))
    ecr = hardest((target2 - rv1).abs()) + hardest((target1 - rv2).abs())
    return torch.stack([cls, minimum, er, ecr])


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
    metadata, tensors = read(args.file)
    tensors = {name: tensor.to(args.device) for name, tensor in tensors.items()}
    image, label = tensors.pop("input.image"), tensors.pop("input.label")
    steps = int(metadata["steps"])
    masks = [[{name.split(".", 3)[3]: tensors.pop(name)[..., None, None]
               for name in list(tensors) if name.startswith(f"mask.{step}.{view}.")}
              for view in (0, 1)] for step in range(steps)]
    trained = json.loads(metadata["trained"])
    for name in trained:
        tensors[name].requires_grad_()
    rate, decay = float(metadata["lr"]), float(metadata["weightDecay"])
    optimizer = torch.optim.SGD(
        [{"params": [tensors[n] for n in trained if n.startswith(NEW)], "lr": 10 * rate},
         {"params": [tensors[n] for n in trained if not n.startswith(NEW)]}],
        lr=rate, momentum=float(metadata["momentum"]), weight_decay=decay)
    network = Network(tensors)
    micro = int(metadata["micro"])

    def step(masks):
        optimizer.zero_grad(set_to_none=True)
        total = 0
        for begin in range(0, len(image), micro):
            part = slice(begin, begin + micro)
            share = len(image[part]) / len(image)
            losses = losses_of(network, image[part], label[part],
                               [{name: mask[part] for name, mask in view.items()} for view in masks])
            (losses.sum() * share).backward()
            total = total + losses.detach() * share
        optimizer.step()
        return total.tolist()

    found = [step(masks[i]) for i in range(steps)]
    if cuda:
        torch.cuda.synchronize()
        torch.cuda.reset_peak_memory_stats()
    else:
        forget_peak()
    clock, processor = [], []
    for _ in range(args.rounds):
        began, used = time.perf_counter(), time.process_time()
        step(masks[0])
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
