"""What PyTorch reaches on this machine's GPU in a plain large matrix product, float32 and TF32, and in a copy: what the same device can
do. Prints one line of JSON; {} where there is no CUDA.

  python3 bench/peers/peak.py
"""
import json
import time

import torch

N, ELEMENTS, REPEATS, ROUNDS = 4096, 2 ** 26, 10, 3


def seconds(run):
    """The least of some rounds, a run of several."""
    run()
    best = float("inf")
    for _ in range(ROUNDS):
        torch.cuda.synchronize()
        began = time.perf_counter()
        for _ in range(REPEATS):
            run()
        torch.cuda.synchronize()
        best = min(best, (time.perf_counter() - began) / REPEATS)
    return best


def main():
    if not torch.cuda.is_available():
        print("{}")
        return
    a, b = (torch.rand(N, N, device="cuda") - 0.5 for _ in range(2))
    found = {}
    for name, tf32 in (("float32", False), ("TF32", True)):
        torch.backends.cuda.matmul.allow_tf32 = tf32
        found[f"PyTorch matMul {N}x{N}x{N} {name}"] = {"flop": 2 * N ** 3, "seconds": seconds(lambda: a @ b)}
    x, y = (torch.empty(ELEMENTS, device="cuda") for _ in range(2))
    found[f"PyTorch copy of {4 * ELEMENTS // 2 ** 20} MiB"] = {
        "bytes": 8 * ELEMENTS, "seconds": seconds(lambda: y.copy_(x))}
    print(json.dumps(found))


main()
