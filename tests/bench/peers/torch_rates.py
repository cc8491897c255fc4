#!/usr/bin/env python3
"""What this card does at most, as a program of today reaches it: the bandwidth of a copy within its memory (bytes read and written), and the rates
of a matmul of large random matrices in f32, tf32, bf16 and f64. Prints one JSON object; each figure is the median of several timings by the card's own
clock, with the lowest and the highest.
"""
import json
import statistics

import torch

SIDE = 8192
BYTES = 2 << 30


def seconds(work, repeats):
    """Of each of the repeats, after one to warm up."""
    times = []
    for repeat in range(repeats + 1):
        begin, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        begin.record()
        work()
        end.record()
        end.synchronize()
        if repeat > 0:
            times.append(begin.elapsed_time(end) / 1e3)
    return times


def rate(amount, work, repeats=11):
    rates = [amount / time for time in seconds(work, repeats)]
    return {"median": statistics.median(rates), "lowest": min(rates), "highest": max(rates)}


def matmul(dtype, tf32, side=SIDE):
    torch.backends.cuda.matmul.allow_tf32 = tf32
    a, b = (torch.randn(side, side, device="cuda", dtype=dtype) for _ in range(2))
    out = torch.empty_like(a)
    return rate(2.0 * side**3, lambda: torch.matmul(a, b, out=out))


source = torch.randint(0, 256, (BYTES,), dtype=torch.uint8, device="cuda")
target = torch.empty_like(source)
result = {"torch": torch.__version__, "device": torch.cuda.get_device_name(),
          "copy": f"{BYTES >> 20} MiB, bytes read and written", "matmul": f"{SIDE} x {SIDE} x {SIDE}, random numbers",
          "copy_bytes_per_second": rate(2.0 * BYTES, lambda: target.copy_(source)),
          "flops": {"f32": matmul(torch.float32, False), "tf32": matmul(torch.float32, True), "bf16": matmul(torch.bfloat16, False),
                    "f64": matmul(torch.float64, False, SIDE // 2)}}
print(json.dumps(result, indent=2))
