#!/usr/bin/env python3
"""Makes the golden values of the layers, as PyTorch computes them in f64.

    python tests/golden/layers.py          writes layers.json beside this file

Each case holds the layer's type and parameters as in a graph file, its input, its weights by name and its output; batch_norm
also what its running statistics are before and after, and its output in evaluation. Inputs and weights are multiples of 1/64.
"""
import json
import pathlib

import torch
from torch.nn import functional as F

torch.set_default_dtype(torch.float64)
generator = torch.Generator().manual_seed(20240301)


def grid(*shape, low=-1.0, high=1.0):
    return (torch.rand(shape, generator=generator) * (high - low) * 64).round() / 64 + low


def entry(tensor):
    return {"shape": list(tensor.shape), "numbers": tensor.reshape(-1).tolist()}


def case(kind, parameters, x, weights, y, **more):
    return {"type": kind, "parameters": parameters, "x": entry(x), "weights": {n: entry(w) for n, w in weights.items()},
            "y": entry(y), **{n: entry(v) for n, v in more.items()}}


def conv2d(x, kernel, parameters, **options):
    x, kernel, bias = grid(*x), grid(*kernel), grid(kernel[0])
    given = {"filters": kernel.shape[0], "kernel": list(kernel.shape[2:]), **parameters}
    return case("conv2d", given, x, {"kernel": kernel, "bias": bias}, F.conv2d(x, kernel, bias, **options))


def conv2d_transpose(x, kernel, parameters, **options):
    x, kernel, bias = grid(*x), grid(*kernel), grid(kernel[1])
    given = {"filters": kernel.shape[1], "kernel": list(kernel.shape[2:]), **parameters}
    return case("conv2d_transpose", given, x, {"kernel": kernel, "bias": bias}, F.conv_transpose2d(x, kernel, bias, **options))


def pool(kind, x, parameters, function):
    x = grid(*x)
    return case(kind, parameters, x, {}, function(x))


def batch_norm(shape):
    x, channels = grid(*shape, low=-2.0, high=3.0), shape[1]
    scale, shift, mean, variance = grid(channels), grid(channels), grid(channels), grid(channels, low=0.5, high=2.0)
    moved_mean, moved_variance = mean.clone(), variance.clone()
    y = F.batch_norm(x, moved_mean, moved_variance, scale, shift, training=True, momentum=0.25, eps=1e-3)
    return case("batch_norm", {"momentum": 0.75, "epsilon": 1e-3}, x, {"scale": scale, "shift": shift}, y, mean=mean,
                variance=variance, next_mean=moved_mean, next_variance=moved_variance,
                evaluated=F.batch_norm(x, mean, variance, scale, shift, training=False, eps=1e-3))


def dense():
    x, kernel, bias = grid(3, 5), grid(5, 4), grid(4)
    return case("dense", {"units": 4, "activation": "tanh"}, x, {"kernel": kernel, "bias": bias}, torch.tanh(x @ kernel + bias))


CASES = [
    conv2d([2, 2, 5, 6], [3, 2, 3, 3], {}),
    conv2d([1, 2, 5, 6], [2, 2, 3, 2], {"padding": "same"}, padding="same"),
    conv2d([1, 1, 6, 5], [2, 1, 4, 4], {"padding": "same", "dilation": [1, 2]}, padding="same", dilation=(1, 2)),
    conv2d([1, 2, 7, 6], [2, 2, 3, 3], {"stride": [2, 1], "padding": [2, 1]}, stride=(2, 1), padding=(2, 1)),
    conv2d([1, 4, 5, 5], [6, 2, 3, 3], {"groups": 2, "padding": 1}, groups=2, padding=1),
    conv2d_transpose([2, 3, 3, 4], [3, 2, 3, 2], {}),
    conv2d_transpose([1, 2, 4, 4], [2, 3, 4, 4], {"stride": 2, "padding": 1}, stride=2, padding=1),
    conv2d_transpose([1, 2, 3, 4], [2, 2, 3, 3], {"stride": [3, 2], "padding": [1, 0], "output_padding": [2, 1]}, stride=(3, 2),
                     padding=(1, 0), output_padding=(2, 1)),
    pool("max_pool2d", [2, 2, 6, 5], {}, lambda x: F.max_pool2d(x, 2)),
    pool("max_pool2d", [1, 2, 7, 7], {"kernel": 3, "stride": 2, "padding": 1}, lambda x: F.max_pool2d(x, 3, 2, 1)),
    pool("avg_pool2d", [1, 2, 7, 6], {"kernel": [3, 2], "stride": 2, "padding": 1},
         lambda x: F.avg_pool2d(x, (3, 2), 2, 1, count_include_pad=False)),
    pool("avg_pool2d", [1, 1, 6, 6], {"kernel": 3, "padding": 1, "count_include_pad": True},
         lambda x: F.avg_pool2d(x, 3, 3, 1, count_include_pad=True)),
    batch_norm([4, 3]),
    batch_norm([2, 3, 3, 2]),
    dense(),
    pool("activation", [3, 4], {"function": "softmax"}, lambda x: F.softmax(x, 1)),
    pool("activation", [3, 4], {"function": "leaky_relu", "slope": 0.25}, lambda x: F.leaky_relu(x, 0.25)),
]

if __name__ == "__main__":
    path = pathlib.Path(__file__).with_name("layers.json")
    rows = ",\n".join("  " + json.dumps(row) for row in CASES)
    path.write_text(f'{{"made_by": "python tests/golden/layers.py", "torch": "{torch.__version__}", "cases": [\n{rows}\n]}}\n')
    print(f"{path}: {len(CASES)} cases")
