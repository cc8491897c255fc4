#!/usr/bin/env python3
"""Makes the golden values of the optimisers: a weight after each of four given gradients, as PyTorch moves it in f64; LAMB, which
PyTorch lacks, by the formulas of its paper (You et al., 2020, algorithm 2, with bias correction) in plain Python.

    python tests/golden/optimizers.py          writes optimizers.json beside this file
"""
import json
import pathlib

import torch

torch.set_default_dtype(torch.float64)
START = [0.5, -1.25, 2.0]
GRADIENTS = [[0.25, -0.5, 1.0], [-0.125, 0.75, 0.5], [1.5, 0.0, -0.25], [0.5, 0.5, -2.0]]


def case(kind, parameters, make):
    weight = torch.tensor(START, requires_grad=True)
    optimizer = make(weight)
    path = []
    for gradient in GRADIENTS:
        weight.grad = torch.tensor(gradient)
        optimizer.step()
        path.append(weight.tolist())
    return {"type": kind, "parameters": parameters, "path": path}


def lamb(parameters, rate, beta1, beta2, epsilon, decay):
    w, m, v, path = list(START), [0.0] * 3, [0.0] * 3, []
    for step, gradient in enumerate(GRADIENTS, 1):
        m = [beta1 * a + (1 - beta1) * g for a, g in zip(m, gradient)]
        v = [beta2 * a + (1 - beta2) * g * g for a, g in zip(v, gradient)]
        r = [(a / (1 - beta1**step)) / ((b / (1 - beta2**step)) ** 0.5 + epsilon) + decay * x for a, b, x in zip(m, v, w)]
        ratio = sum(x * x for x in w) ** 0.5 / sum(x * x for x in r) ** 0.5
        w = [x - rate * ratio * d for x, d in zip(w, r)]
        path.append(list(w))
    return {"type": "lamb", "parameters": parameters, "path": path}


CASES = [
    case("sgd", {}, lambda w: torch.optim.SGD([w], lr=0.01)),
    case("sgd", {"learning_rate": 0.1, "momentum": 0.9}, lambda w: torch.optim.SGD([w], lr=0.1, momentum=0.9)),
    case("sgd", {"learning_rate": 0.1, "momentum": 0.5, "nesterov": True},
         lambda w: torch.optim.SGD([w], lr=0.1, momentum=0.5, nesterov=True)),
    case("rmsprop", {}, lambda w: torch.optim.RMSprop([w], lr=1e-3, alpha=0.9, eps=1e-7)),
    case("rmsprop", {"learning_rate": 0.05, "decay": 0.5, "epsilon": 1e-2},
         lambda w: torch.optim.RMSprop([w], lr=0.05, alpha=0.5, eps=1e-2)),
    case("rmsprop", {"learning_rate": 0.05, "momentum": 0.9}, lambda w: torch.optim.RMSprop([w], lr=0.05, alpha=0.9, eps=1e-7, momentum=0.9)),
    case("rmsprop", {"learning_rate": 0.05, "decay": 0.5, "epsilon": 1e-3, "centered": True},
         lambda w: torch.optim.RMSprop([w], lr=0.05, alpha=0.5, eps=1e-3, centered=True)),
    case("rmsprop", {"learning_rate": 0.05, "decay": 0.75, "epsilon": 1e-3, "centered": True, "momentum": 0.5},
         lambda w: torch.optim.RMSprop([w], lr=0.05, alpha=0.75, eps=1e-3, centered=True, momentum=0.5)),
    case("adamw", {}, lambda w: torch.optim.AdamW([w], lr=1e-3, weight_decay=0.01)),
    case("adamw", {"learning_rate": 0.05, "weight_decay": 0.3}, lambda w: torch.optim.AdamW([w], lr=0.05, weight_decay=0.3)),
    lamb({}, 1e-3, 0.9, 0.999, 1e-6, 0.01),
    lamb({"learning_rate": 0.1, "beta1": 0.5, "weight_decay": 0.0}, 0.1, 0.5, 0.999, 1e-6, 0.0),
    case("adam", {}, lambda w: torch.optim.Adam([w], lr=1e-3)),
    case("adam", {"learning_rate": 0.05, "beta1": 0.8, "beta2": 0.95, "epsilon": 1e-3},
         lambda w: torch.optim.Adam([w], lr=0.05, betas=(0.8, 0.95), eps=1e-3)),
]

if __name__ == "__main__":
    path = pathlib.Path(__file__).with_name("optimizers.json")
    rows = ",\n".join("  " + json.dumps(row) for row in CASES)
    path.write_text(f'{{"made_by": "python tests/golden/optimizers.py", "torch": "{torch.__version__}", "start": {START}, '
                    f'"gradients": {GRADIENTS}, "cases": [\n{rows}\n]}}\n')
    print(f"{path}: {len(CASES)} cases")
