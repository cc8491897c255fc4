#!/usr/bin/env python3
"""Makes the golden trajectories of the stabilisers of [[decoder]]: losses of alternating training, step by step, as PyTorch computes them in f64.

    python tests/golden/stabilisers.py          writes stabilisers.json beside this file

The network: flatten 36, dense 6 tanh (the tap, "code"), dense 3; decoder dense 6 tanh ("wide"), dense 36 sigmoid. Gradient descent of rate 0.1 for both
players. Weights, batches and noise are philox.py's; weight i of the list takes stream i and is Glorot-uniform, biases are 0. Batch of step s (from 0): images
u from stream 1000 + s, labels floor(3 u) from stream 2000 + s. The mean images are u from stream 3000 and 3001.
"""
import json
import math
import pathlib

import numpy as np
import torch
from torch.nn import functional as F

import philox

torch.set_default_dtype(torch.float64)
SEED, BATCH, STEPS, RATE, WEIGHT = 20240305, 8, 8, 0.1, 1.5
MEAN_IMAGE = torch.tensor(philox.uniform(SEED, 3000, (1, 36)))
CLASS_MEANS = torch.tensor(philox.uniform(SEED, 3001, (3, 36)))


def stream_of(name):
    """FNV-1a, 64 bits."""
    h = 0xCBF29CE484222325
    for byte in name.encode():
        h = ((h ^ byte) * 0x100000001B3) % 2**64
    return h


def mix_streams(stream, step):
    """SplitMix64's finaliser."""
    z = (stream + 0x9E3779B97F4A7C15 * (step + 1)) % 2**64
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) % 2**64
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) % 2**64
    return z ^ (z >> 31)


def normal(name, step, shape):
    """Standard normal numbers by Box and Muller, as the project's random_normal makes them; the run's seed is 7."""
    u = philox.uniform(7, mix_streams(stream_of(name), step), (int(np.prod(shape)), 2))
    return torch.tensor((np.sqrt(-2 * np.log(1 - u[:, 0])) * np.cos(2 * math.pi * u[:, 1])).reshape(shape))


def weights_of(shapes, first):
    weights = {}
    for i, (name, shape) in enumerate(shapes):
        if len(shape) == 2:
            limit = math.sqrt(6 / sum(shape))
            weights[name] = torch.tensor((2 * philox.uniform(SEED, first + i, shape) - 1) * limit, requires_grad=True)
        else:
            weights[name] = torch.zeros(shape, requires_grad=True)
    return weights


def dense(name, inputs, outputs):
    return [(f"{name}/kernel", (inputs, outputs)), (f"{name}/bias", (outputs,))]


class Training:
    """One variant; its keys are those of the graph file."""

    def __init__(self, variational=0.0, bound="none", noise=0.0, widths=(6,), loss="mse", **keys):
        self.variational, self.bound, self.noise, self.loss, self.keys = variational, bound, noise, loss, keys
        code = [("code/mean_kernel", (36, 6)), ("code/mean_bias", (6,)), ("code/deviation_kernel", (36, 6)), ("code/deviation_bias", (6,))]
        classifier = (code if variational else dense("code", 36, 6)) + dense("logits", 6, 3)
        self.classifier = weights_of(classifier, 0)
        self.decoders = [weights_of(dense("wide", 6, width) + dense("pixels", width, 36), 100 * (k + 1)) for k, width in enumerate(widths)]
        self.counts = {"classifier": 0, **{self.name(k): 0 for k in range(len(widths))}}

    @staticmethod
    def name(k):
        return "near" if k == 0 else f"near-{k + 1}"

    def code(self, x, player):
        """The tap as everything reads it, and the classifier's penalty."""
        w, penalty = self.classifier, 0.0
        if self.variational:
            mean = x @ w["code/mean_kernel"] + w["code/mean_bias"]
            deviation = F.softplus(x @ w["code/deviation_kernel"] + w["code/deviation_bias"] - 5) + 1e-6
            unit = torch.distributions.Normal(torch.zeros_like(mean), torch.ones_like(mean))
            kl = torch.distributions.kl_divergence(torch.distributions.Normal(mean, deviation), unit).sum(1).mean()
            penalty = self.variational * kl
            z = mean + deviation * normal(f"{player}/classifier/code/0", self.counts[player], mean.shape)
        else:
            z = torch.tanh(x @ w["code/kernel"] + w["code/bias"])
        if self.bound == "layer_norm":
            z = F.layer_norm(z, z.shape[1:], eps=1e-5)
        elif self.bound != "none":
            z = getattr(torch, self.bound)(z)
        if self.noise:
            z = z + self.noise * normal(f"{player}/classifier/code/tap noise", self.counts[player], z.shape)
        return z, penalty

    def decode(self, k, z):
        w = self.decoders[k]
        return torch.sigmoid(torch.tanh(z @ w["wide/kernel"] + w["wide/bias"]) @ w["pixels/kernel"] + w["pixels/bias"])

    def distance(self, output, wanted):
        return (F.mse_loss if self.loss == "mse" else F.huber_loss)(output, wanted.expand_as(output))

    def term(self, losses, outputs, labels, step):
        """What the classifier minimises beside its own loss."""
        objective, best = self.keys.get("objective", "negative_loss"), int(torch.stack(losses).argmin())
        weight = WEIGHT * min((step + 1) / self.keys["warmup_steps"], 1.0) if "warmup_steps" in self.keys else WEIGHT
        if objective == "uniform":
            return weight * self.distance(outputs[best], MEAN_IMAGE)
        if objective == "class_mean":
            return weight * self.distance(outputs[best], CLASS_MEANS[labels])
        lowest = losses[best]
        return -weight * (lowest.clamp(max=self.keys["ceiling"]) if "ceiling" in self.keys else lowest)

    def descend(self, weights, gradients):
        with torch.no_grad():
            for weight, gradient in zip(weights.values(), gradients):
                weight -= RATE * gradient

    def classifier_step(self, x, labels, step):
        z, penalty = self.code(x, "classifier")
        w = self.classifier
        own = F.cross_entropy(z @ w["logits/kernel"] + w["logits/bias"], labels)
        outputs = [self.decode(k, z) for k in range(len(self.decoders))]
        losses = [self.distance(output, x) for output in outputs]
        term = self.term(losses, outputs, labels, step)
        mine = torch.autograd.grad(own + penalty, w.values(), retain_graph=True)
        other = torch.autograd.grad(term, w.values(), retain_graph=True, allow_unused=True)
        other = [torch.zeros_like(m) if o is None else o for m, o in zip(mine, other)]
        length = lambda gradients: math.sqrt(sum(float((g * g).sum()) for g in gradients))
        factor = min(1.0, self.keys["clip"] * length(mine) / length(other)) if "clip" in self.keys else 1.0
        combined = self.keys.get("objective") == "gradient_reversal"
        reversed_ = [torch.autograd.grad(loss, weights.values(), retain_graph=True) for loss, weights in zip(losses, self.decoders)] if combined else []
        self.descend(w, [m + factor * o for m, o in zip(mine, other)])
        self.counts["classifier"] += 1
        for k, gradients in enumerate(reversed_):
            self.descend(self.decoders[k], gradients)
            self.counts[self.name(k)] += 1
        return {"loss": own.item(), "total": (own + penalty + term).item(), "in_loop": [loss.item() for loss in losses]}

    def decoder_step(self, k, x):
        with torch.no_grad():
            z, _ = self.code(x, self.name(k))
        loss = self.distance(self.decode(k, z), x)
        self.descend(self.decoders[k], torch.autograd.grad(loss, self.decoders[k].values()))
        self.counts[self.name(k)] += 1
        return loss.item()

    def run(self):
        rows = []
        for step in range(STEPS):
            x = torch.tensor(philox.uniform(SEED, 1000 + step, (BATCH, 36)))
            labels = torch.tensor(np.floor(3 * philox.uniform(SEED, 2000 + step, BATCH)).astype(np.int64))
            row = self.classifier_step(x, labels, step)
            turns = self.keys.get("steps", 1) if (step + 1) % self.keys.get("every", 1) == 0 else 0
            if self.keys.get("objective") == "gradient_reversal":
                turns -= 1
            row["decoder"] = [[self.decoder_step(k, x) for _ in range(turns)] for k in range(len(self.decoders))]
            rows.append(row)
        return rows


VARIANTS = [
    {},
    {"objective": "uniform"},
    {"objective": "class_mean"},
    {"objective": "class_mean", "loss": "huber"},
    {"objective": "gradient_reversal"},
    {"objective": "gradient_reversal", "steps": 3},
    {"ceiling": 0.09},
    {"clip": 0.125},
    {"objective": "uniform", "clip": 0.125},
    {"warmup_steps": 4},
    {"steps": 3, "every": 2},
    {"bound": "layer_norm"},
    {"bound": "tanh", "noise": 0.5},
    {"bound": "sigmoid", "objective": "class_mean"},
    {"widths": [6, 12, 3]},
    {"widths": [6, 12, 3], "objective": "class_mean"},
    {"widths": [6, 12], "objective": "gradient_reversal"},
    {"variational": 0.01},
]

if __name__ == "__main__":
    path = pathlib.Path(__file__).with_name("stabilisers.json")
    cases = ",\n".join("  " + json.dumps({"keys": keys, "steps": Training(**keys).run()}) for keys in VARIANTS)
    path.write_text(f'{{"made_by": "python tests/golden/stabilisers.py", "torch": "{torch.__version__}", "seed": {SEED}, "batch": {BATCH}, '
                    f'"rate": {RATE}, "weight": {WEIGHT}, "cases": [\n{cases}\n]}}\n')
    print(f"{path}: {len(VARIANTS)} cases")
