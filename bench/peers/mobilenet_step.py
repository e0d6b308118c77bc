"""SEAM's training step on MobileNetV2 in plain PyTorch: what bench/mobilenet_step.bench.ts compares this project with.

Weights, images, labels and dropout's masks come from one safetensors file. Answers `describe`, `begin FILE` with the losses of the first steps and writes
the first one's gradients into FILE, and `step` with the time of the first step, always from the start.

  OMP_NUM_THREADS=1 python3 bench/peers/mobilenet_step.py FILE
"""
import sys

from machine import describe
from mobilenetv2 import MobileNetV2
from serve import serve, timed
from training import Training, write

training = Training(sys.argv[1], MobileNetV2, returns=True)


def begin(path):
    training.reset()
    losses = [training.step(0)]
    write(path, {name: training.params[name].grad for name in training.trained})
    losses += [training.step(number) for number in range(1, len(training.masks))]
    return {"losses": losses}


def step():
    training.reset()
    return timed(lambda: training.step(0))


serve(describe=describe, begin=begin, step=step)
