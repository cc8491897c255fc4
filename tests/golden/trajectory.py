#!/usr/bin/env python3
"""Makes the golden trajectories: the losses of alternating training, step by step, as PyTorch computes them in f64.

    python tests/golden/trajectory.py          writes published.json and conv.json beside this file
    python tests/golden/trajectory.py --f32    writes nothing; prints how far PyTorch in f32 departs from its own f64

What a reader of the files needs to follow the same path:

- Names of layers are those of graphs/fashion-generalizer.toml and graphs/fashion-convolutional.toml.
- Layouts: images and activations NCHW; dense kernel [in, out], y = x W + b; conv2d kernel [out, in, kh, kw]; conv2d_transpose
  kernel [in, out, kh, kw]; flatten and reshape in C, H, W order.
- Random numbers: philox.py, with the file's `seed`. `weights` lists every weight in order; weight i takes stream i and is
  (2 u - 1) * limit with limit = sqrt(6 / (fan_in + fan_out)) (Glorot-uniform, computed in f64), or constant.
- Batch of step s (from 0): images u * u from stream 1000 + s, labels floor(10 u) from stream 2000 + s.
- Step: the classifier first, minimising cross_entropy - weight * mse over its own weights; then each decoder, minimising mse over
  its own weights, on the same batch, with the representation computed from the classifier's new weights.
- Adam as in PyTorch: w -= rate * m' / (sqrt(v') + epsilon), with m' and v' corrected for their start at zero; a state per player.
- Batch norm uses the batch's own statistics in both steps; only the classifier's step moves the running ones,
  running = 0.9 running + 0.1 batch, the batch's variance there divided by n - 1. They enter no loss here.
"""
import argparse
import json
import math
import pathlib
import platform

import numpy as np
import torch
from torch.nn import functional as F

import philox

SEED = 20240229
BATCH = 32
DECODER_WEIGHT = 2.0
ADAM = {"lr": 1e-3, "betas": (0.9, 0.999), "eps": 1e-7}


def glorot(name, shape, fan_in, fan_out):
    return {"name": name, "shape": shape, "init": "glorot_uniform", "fan_in": fan_in, "fan_out": fan_out,
            "limit": math.sqrt(6 / (fan_in + fan_out))}


def dense(name, inputs, outputs):
    return [glorot(f"{name}.kernel", [inputs, outputs], inputs, outputs), constant(f"{name}.bias", outputs, "zeros")]


def conv(name, inputs, outputs, size):
    return glorot(f"{name}.kernel", [outputs, inputs, size, size], inputs * size * size, outputs * size * size)


def conv_transpose(name, inputs, outputs, size):
    kernel = glorot(f"{name}.kernel", [inputs, outputs, size, size], inputs * size * size, outputs * size * size)
    return [kernel, constant(f"{name}.bias", outputs, "zeros")]


def constant(name, size, init):
    return {"name": name, "shape": [size], "init": init}


def batch_norm(name, channels):
    return [constant(f"{name}.gamma", channels, "ones"), constant(f"{name}.beta", channels, "zeros")]


class Published:
    """conv 3x3x32 relu, dense 128 relu (the tap), dense 10; decoder dense 784 sigmoid."""

    name, steps, running = "published", 50, {}
    classifier = [conv("conv1", 1, 32, 3), constant("conv1.bias", 32, "zeros"),
                  *dense("embedding", 32 * 26 * 26, 128), *dense("logits", 128, 10)]
    decoder = dense("pixels", 128, 784)

    @staticmethod
    def embed(w, images, move_statistics):
        # {n,1,28,28} -> {n,32,26,26} -> {n,21632} -> {n,128}
        x = F.relu(F.conv2d(images, w["conv1.kernel"], w["conv1.bias"])).flatten(1)
        return F.relu(x @ w["embedding.kernel"] + w["embedding.bias"])

    @staticmethod
    def decode(w, code):
        return torch.sigmoid(code @ w["pixels.kernel"] + w["pixels.bias"]).reshape(-1, 1, 28, 28)


class Convolutional:
    """[conv 3x3 bn relu] x 2, max-pool, twice (32 and 64 channels), dense 128 relu (the tap); a transposed-convolution decoder."""

    name, steps = "conv", 20
    channels = [(1, 32), (32, 32), (32, 64), (64, 64)]
    classifier = [weight for i, (a, b) in enumerate(channels, 1) for weight in (conv(f"conv{i}", a, b, 3), *batch_norm(f"norm{i}", b))]
    classifier += [*dense("embedding", 64 * 7 * 7, 128), *dense("logits", 128, 10)]
    decoder = [*dense("seed", 128, 64 * 7 * 7), *conv_transpose("grow1", 64, 32, 4), *conv_transpose("image", 32, 1, 4)]

    def __init__(self):
        self.running = {f"norm{i}": (torch.zeros(b), torch.ones(b)) for i, (_, b) in enumerate(self.channels, 1)}

    def embed(self, w, x, move_statistics):
        # {n,1,28,28} -> {n,32,28,28} -> {n,32,14,14} -> {n,64,14,14} -> {n,64,7,7} -> {n,3136} -> {n,128}
        for i in range(1, 5):
            mean, variance = self.running[f"norm{i}"] if move_statistics else (None, None)
            x = F.conv2d(x, w[f"conv{i}.kernel"], padding=1)
            x = F.relu(F.batch_norm(x, mean, variance, w[f"norm{i}.gamma"], w[f"norm{i}.beta"], training=True, momentum=0.1, eps=1e-5))
            if i % 2 == 0:
                x = F.max_pool2d(x, 2)
        return F.relu(x.flatten(1) @ w["embedding.kernel"] + w["embedding.bias"])

    @staticmethod
    def decode(w, code):
        # {n,128} -> {n,64,7,7} -> {n,32,14,14} -> {n,1,28,28}
        x = F.relu(code @ w["seed.kernel"] + w["seed.bias"]).reshape(-1, 64, 7, 7)
        x = F.relu(F.conv_transpose2d(x, w["grow1.kernel"], w["grow1.bias"], stride=2, padding=1))
        return torch.sigmoid(F.conv_transpose2d(x, w["image.kernel"], w["image.bias"], stride=2, padding=1))


def initial(spec, stream):
    if spec["init"] == "glorot_uniform":
        return (2 * philox.uniform(SEED, stream, spec["shape"]) - 1) * spec["limit"]
    return np.full(spec["shape"], 1.0 if spec["init"] == "ones" else 0.0)


def batch(step):
    """{32,1,28,28} images in [0, 1) and {32} labels."""
    return philox.uniform(SEED, 1000 + step, (BATCH, 1, 28, 28)) ** 2, np.floor(10 * philox.uniform(SEED, 2000 + step, BATCH))


def run(net, dtype):
    """Trains; returns the losses of every step and sums over each weight at the start and at the end."""
    torch.set_default_dtype(dtype)
    net = net()
    specs = net.classifier + net.decoder
    w = {spec["name"]: torch.tensor(initial(spec, i), dtype=dtype, requires_grad=True) for i, spec in enumerate(specs)}
    begin = {name: summary(value) for name, value in w.items()}
    own = {player: [w[spec["name"]] for spec in getattr(net, player)] for player in ("classifier", "decoder")}
    optimizer = {player: torch.optim.Adam(weights, **ADAM, foreach=False, fused=False) for player, weights in own.items()}

    def update(player, loss):
        for weight, gradient in zip(own[player], torch.autograd.grad(loss, own[player])):
            weight.grad = gradient
        optimizer[player].step()

    losses = []
    for step in range(net.steps):
        images, labels = batch(step)
        images, labels = torch.tensor(images, dtype=dtype), torch.tensor(labels, dtype=torch.int64)
        code = net.embed(w, images, move_statistics=True)
        cross_entropy = F.cross_entropy(code @ w["logits.kernel"] + w["logits.bias"], labels)
        mse = F.mse_loss(net.decode(w, code), images)
        total = cross_entropy - DECODER_WEIGHT * mse
        update("classifier", total)
        with torch.no_grad():
            code = net.embed(w, images, move_statistics=False)
        decoder = F.mse_loss(net.decode(w, code), images)
        update("decoder", decoder)
        losses.append({"cross_entropy": cross_entropy.item(), "mse": mse.item(), "classifier_loss": total.item(),
                       "decoder_loss": decoder.item()})
    statistics = {f"{name}.{part}": summary(value) for name, pair in net.running.items()
                  for part, value in zip(("running_mean", "running_var"), pair)}
    return specs, begin, losses, {name: summary(value) for name, value in w.items()} | statistics


def summary(tensor):
    flat = tensor.detach().double().reshape(-1)
    return {"sum": flat.sum().item(), "norm": flat.norm().item(), "first": flat[0].item(), "last": flat[-1].item()}


def document(net, specs, begin, losses, end):
    images, labels = batch(0)
    weights = []
    for stream, spec in enumerate(specs):
        player = "classifier" if stream < len(net.classifier) else "decoder"
        weights.append({**spec, "player": player, "stream": stream, "begin": begin[spec["name"]], "end": end[spec["name"]]})
    return {
        "about": net.__doc__,
        "made_by": "python tests/golden/trajectory.py",
        "versions": {"torch": torch.__version__, "numpy": np.__version__, "python": platform.python_version()},
        "dtype": "float64", "seed": SEED, "batch": BATCH, "image_shape": [1, 28, 28], "classes": 10,
        "image_stream": 1000, "label_stream": 2000, "decoder_weight": DECODER_WEIGHT,
        "adam": {"learning_rate": ADAM["lr"], "beta1": ADAM["betas"][0], "beta2": ADAM["betas"][1], "epsilon": ADAM["eps"]},
        "batch_norm": {"epsilon": 1e-5, "momentum": 0.9},
        "first_batch": {"images": summary(torch.tensor(images)), "labels": [int(label) for label in labels]},
        "weights": weights,
        "running": {name: value for name, value in end.items() if ".running_" in name},
        "steps": losses,
    }


def text(value):
    """JSON with one line for each weight and each step."""
    lines = []
    for key, part in value.items():
        if isinstance(part, list) and part and isinstance(part[0], dict):
            rows = ",\n".join("    " + json.dumps(row) for row in part)
            lines.append(f'  "{key}": [\n{rows}\n  ]')
        else:
            lines.append(f"  {json.dumps(key)}: {json.dumps(part)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def main():
    parser = argparse.ArgumentParser(description="Makes the golden trajectories of the alternating training with PyTorch.")
    parser.add_argument("--f32", action="store_true", help="print f32's largest relative departure from f64 instead of writing files")
    arguments = parser.parse_args()
    torch.set_num_threads(1)  # sums in one order, whatever the machine
    torch.use_deterministic_algorithms(True)
    for net in (Published, Convolutional):
        result = run(net, torch.float64)
        if arguments.f32:
            single = run(net, torch.float32)[2]
            for key in result[2][0]:
                departure = [abs(a[key] - b[key]) / abs(a[key]) for a, b in zip(result[2], single)]
                print(f"{net.name} {key}: largest relative departure {max(departure):.2e}, at step {np.argmax(departure)}")
            continue
        path = pathlib.Path(__file__).with_name(f"{net.name}.json")
        path.write_text(text(document(net, *result)))
        print(f"{path}: {net.steps} steps, last {result[2][-1]}")


if __name__ == "__main__":
    main()
