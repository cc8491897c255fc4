#!/usr/bin/env python3
"""Makes the golden learning-rate factors, as PyTorch's schedulers give them, one for each step.

    python tests/golden/schedules.py          writes schedules.json beside this file
"""
import json
import pathlib

import torch
from torch.optim import lr_scheduler as schedulers

STEPS = 12


def factors(make):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler = make(optimizer)
    result = []
    for _ in range(STEPS):
        result.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return result


golden = {
    "made_by": "python tests/golden/schedules.py", "torch": torch.__version__, "steps": STEPS,
    "step": factors(lambda o: schedulers.StepLR(o, 3, 0.5)),
    "milestones": factors(lambda o: schedulers.MultiStepLR(o, [2, 7], 0.5)),
    "cosine": factors(lambda o: schedulers.CosineAnnealingLR(o, STEPS, 0.1)),
    "warmup": factors(lambda o: schedulers.LinearLR(o, 0.25, 1.0, 3)),
}
pathlib.Path(__file__).with_name("schedules.json").write_text(json.dumps(golden, indent=1) + "\n")
