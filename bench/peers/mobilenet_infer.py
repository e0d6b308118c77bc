"""Multi-scale inference of CAMs in plain PyTorch: what bench/infer.bench.ts compares this project with.

As the SEAM authors' infer_SEAM.py: Pillow decodes a photograph and resizes it by its bicubic filter; MobileNetV2 under SEAM's head sees every scale and
its mirror image, both in one batch; the labelled classes' CAMs are added up, normalised and saved as a pickled dict of float32, image-level scores beside
them. The job, a JSON file, names weights, images by part and scales. Answers `describe`, and each `part` with the time of the next part.

  OMP_NUM_THREADS=1 python3 bench/peers/mobilenet_infer.py JOB FOLDER
"""
import json
import sys

import numpy
import torch
import torch.nn.functional as F
from PIL import Image

from machine import describe
from mobilenetv2 import MobileNetV2
from serve import serve, timed
from training import read

with open(sys.argv[1]) as file:
    job = json.load(file)
network = MobileNetV2(read(job["weights"])[1])
mean, std = (torch.tensor(job[key]).view(3, 1, 1) for key in ("mean", "std"))
parts = iter(job["parts"])


def load(path):
    image = Image.open(path).convert("RGB")
    factor = job["longSide"] / max(image.size)
    if factor >= 1:
        return image
    return image.resize(tuple(max(round(side * factor), 1) for side in image.size), Image.BICUBIC)


def views_of(image, scale):
    """One scale, normalised, and its mirror image."""
    size = tuple(max(round(side * scale), 1) for side in image.size)
    pixels = torch.from_numpy(numpy.array(image.resize(size, Image.BICUBIC))).permute(2, 0, 1)
    view = ((pixels / 255 - mean) / std)[None]
    return torch.cat([view, view.flip(3)]) if job["flip"] else view


def normalized(cam):
    low, high = cam.amin((1, 2), True), cam.amax((1, 2), True)
    cam = torch.where(cam < low + 1e-5, torch.zeros_like(cam), cam)
    return (cam - low - 1e-5) / (high - low + 1e-5)


def infer(name, path, classes):
    image = load(path)
    size, channels = image.size[::-1], [1 + c for c in classes]
    total, scores, count = 0, 0, 0
    for scale in job["scales"]:
        views = views_of(image, scale)
        cam, revised = network.forward(views)
        maps = F.interpolate(revised[:, channels], size, mode="bilinear", align_corners=False)
        if job["flip"]:
            maps = torch.stack([maps[0], maps[1].flip(2)])
        total = total + maps.sum(0)
        scores = scores + cam.mean((2, 3))[:, 1:].sum(0)
        count += len(views)
    cams = normalized(F.relu(total)).numpy()
    numpy.save(f"{sys.argv[2]}/{name}.npy", dict(zip(classes, cams)))
    numpy.save(f"{sys.argv[2]}/{name}.scores.npy", (scores / count).numpy())


def part():
    images = next(parts)
    with torch.inference_mode():
        return timed(lambda: [infer(**image) for image in images])


serve(describe=describe, part=part)
