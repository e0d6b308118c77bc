"""A process that answers questions, for scripts beside this one."""
import json
import sys
import time


def timed(work):
    """Seconds of a piece of work, by the clock and of the processor."""
    began, used = time.perf_counter(), time.process_time()
    work()
    return {"seconds": time.perf_counter() - began, "cpuSeconds": time.process_time() - used}


def serve(**handlers):
    """Answers each line of standard input, a handler's name and its arguments, with one line of JSON."""
    for line in sys.stdin:
        name, *args = line.split()
        answer = handlers[name](*args)
        print(json.dumps({**answer, "processorSeconds": time.process_time()}), flush=True)
