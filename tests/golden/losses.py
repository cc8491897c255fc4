#!/usr/bin/env python3
"""Makes the golden values of the losses and of their gradients by the prediction, as PyTorch computes them in f64; ssim's value by scikit-image
(structural_similarity with gaussian_weights, the mean over the places where the window lies within the image), without a gradient. The distance
correlation's value is that of the package dcor, and its gradient PyTorch's of the formula.

    python tests/golden/losses.py          writes losses.json beside this file
"""
import json
import pathlib

import dcor
import numpy
import skimage
import torch
from skimage.metrics import structural_similarity
from torch.nn import functional as F

torch.set_default_dtype(torch.float64)
generator = torch.Generator().manual_seed(20240302)


def grid(*shape, low=-1.0, high=1.0):
    return ((torch.rand(shape, generator=generator) * (high - low) * 64).round() / 64 + low).requires_grad_()


def entry(tensor):
    return {"shape": list(tensor.shape), "numbers": tensor.detach().reshape(-1).tolist()}


def case(kind, parameters, prediction, target, loss):
    value = loss(prediction, target)
    gradient, = torch.autograd.grad(value, prediction)
    return {"type": kind, "parameters": parameters, "prediction": entry(prediction), "target": entry(target), "loss": value.item(),
            "gradient": entry(gradient)}


def ssim(shape):
    x, y = grid(*shape, low=0.0), grid(*shape, low=0.0)
    values = [structural_similarity(a.detach().numpy(), b.detach().numpy(), data_range=1.0, gaussian_weights=True, sigma=1.5,
                                    use_sample_covariance=False) for i, j in zip(x, y) for a, b in zip(i, j)]
    return {"type": "ssim", "parameters": {}, "prediction": entry(x), "target": entry(y), "loss": 1.0 - float(numpy.mean(values))}


LABELS = torch.tensor([2, 0, 3, 1, 2])
WEIGHTS = [0.5, 2.0, 1.0, 0.25]


def cross_entropy(parameters, **options):
    return case("cross_entropy", parameters, grid(5, 4, low=-3.0, high=3.0), LABELS, lambda p, t: F.cross_entropy(p, t, **options))


def centred(x):
    x = x.reshape(len(x), -1)
    distances = (x[:, None] - x[None]).square().sum(-1)
    # The root has no slope at 0, where a sample meets itself.
    distances = torch.where(distances == 0, 0.0, torch.where(distances == 0, 1.0, distances).sqrt())
    return distances - distances.mean(0, keepdim=True) - distances.mean(1, keepdim=True) + distances.mean()


def distance_correlation(parameters, prediction, target, value):
    def formula(x, y):
        a, b = centred(x), centred(y)
        squared = (a * b).mean() / ((a * a).mean() * (b * b).mean()).sqrt()
        return squared if parameters.get("squared") else squared.sqrt()
    row = case("distance_correlation", parameters, prediction, target, formula)
    rows = [x.detach().reshape(len(x), -1).numpy() for x in (prediction, target)]
    row["loss"] = float(value(*rows))
    return row


CASES = [
    cross_entropy({}),
    cross_entropy({"label_smoothing": 0.125}, label_smoothing=0.125),
    cross_entropy({"class_weights": WEIGHTS}, weight=torch.tensor(WEIGHTS)),
    cross_entropy({"class_weights": WEIGHTS, "label_smoothing": 0.25}, weight=torch.tensor(WEIGHTS), label_smoothing=0.25),
    case("mse", {}, grid(3, 4), grid(3, 4), F.mse_loss),
    case("mae", {}, grid(3, 4), grid(3, 4), F.l1_loss),
    case("huber", {}, grid(3, 4, low=-3.0, high=3.0), grid(3, 4), F.huber_loss),
    case("huber", {"delta": 0.25}, grid(3, 4), grid(3, 4), lambda p, t: F.huber_loss(p, t, delta=0.25)),
    case("binary_cross_entropy", {}, grid(3, 4, low=1 / 64, high=63 / 64), grid(3, 4, low=0.0), F.binary_cross_entropy),
    case("binary_cross_entropy", {"logits": True}, grid(3, 4, low=-5.0, high=5.0), grid(3, 4, low=0.0),
         F.binary_cross_entropy_with_logits),
    ssim([2, 2, 16, 13]),
    distance_correlation({}, grid(8, 3), grid(8, 1, 4, 5), dcor.distance_correlation),
    distance_correlation({"squared": True}, grid(8, 2, 3), grid(8, 7), dcor.distance_correlation_sqr),
]

if __name__ == "__main__":
    path = pathlib.Path(__file__).with_name("losses.json")
    rows = ",\n".join("  " + json.dumps(row) for row in CASES)
    path.write_text(f'{{"made_by": "python tests/golden/losses.py", "torch": "{torch.__version__}", "scikit-image": '
                    f'"{skimage.__version__}", "dcor": "{dcor.__version__}", "cases": [\n{rows}\n]}}\n')
    print(f"{path}: {len(CASES)} cases")
