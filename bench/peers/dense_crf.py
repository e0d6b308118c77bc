"""The dense CRF of SEAM's authors with pydensecrf: what bench/dense_crf.bench.ts compares this project with.

Reads a safetensors file with "photo" [H,W,3] of bytes and "probs" [C,H,W] float32, infers as `crf_inference` of SEAM's
`tool/imutils.py` does, on one thread, writes the labels' bytes, [H,W], and prints one line of JSON: seconds of each run as wall time and
as processor time, from probabilities to labels.

  python3 bench/peers/dense_crf.py FILE LABELS --runs 3 --iterations 10
"""
import argparse
import json
import struct
import time

import numpy
import pydensecrf.densecrf
from pydensecrf.utils import unary_from_softmax

TYPES = {"U8": numpy.uint8, "F32": numpy.dtype("<f4")}


def read(path):
    """Arrays of a safetensors file."""
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = file.read()
    header.pop("__metadata__", None)
    return {
        name: numpy.frombuffer(data[slice(*entry["data_offsets"])], TYPES[entry["dtype"]]).reshape(entry["shape"])
        for name, entry in header.items()
    }


def infer(photo, probs, iterations):
    """Labels [H,W] of one image."""
    channels, height, width = probs.shape
    crf = pydensecrf.densecrf.DenseCRF2D(width, height, channels)
    crf.setUnaryEnergy(numpy.ascontiguousarray(unary_from_softmax(probs)))
    crf.addPairwiseGaussian(sxy=3, compat=3)
    crf.addPairwiseBilateral(sxy=80, srgb=13, rgbim=numpy.copy(photo), compat=10)
    q = numpy.array(crf.inference(iterations)).reshape(channels, height, width)
    return q.argmax(0).astype(numpy.uint8)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("file")
    parser.add_argument("labels")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--iterations", type=int, default=10)
    args = parser.parse_args()
    arrays = read(args.file)
    seconds, processor = [], []
    for _ in range(args.runs):
        began, used = time.perf_counter(), time.process_time()
        labels = infer(arrays["photo"], arrays["probs"], args.iterations)
        seconds.append(time.perf_counter() - began)
        processor.append(time.process_time() - used)
    with open(args.labels, "wb") as file:
        file.write(labels.tobytes())
    print(json.dumps({"seconds": seconds, "cpuSeconds": processor, "processorSeconds": time.process_time()}))


main()
