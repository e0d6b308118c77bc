"""What this computer is and what a process takes of it, for scripts beside this one."""
import os

import torch


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


def describe():
    """What PyTorch computes with on the CPU."""
    library, slow = blas()
    return {
        "device": f"CPU, {vectors()}, {library}, PyTorch {torch.__version__}",
        "referenceBlas": slow,
        "threads": torch.get_num_threads(),
    }


def forget_peak():
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")
