#!/usr/bin/env python3
"""Makes the golden values of the optimisers: a weight after each of four given gradients, as PyTorch moves it in f64.

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


CASES = [
    case("sgd", {}, lambda w: torch.optim.SGD([w], lr=0.01)),
    case("sgd", {"learning_rate": 0.1, "momentum": 0.9}, lambda w: torch.optim.SGD([w], lr=0.1, momentum=0.9)),
    case("sgd", {"learning_rate": 0.1, "momentum": 0.5, "nesterov": True},
         lambda w: torch.optim.SGD([w], lr=0.1, momentum=0.5, nesterov=True)),
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
