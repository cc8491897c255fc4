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


# Ours reaches the minimum when the training ends; PyTorch's at its last step, so a training of one more step is asked for here, with the same peak.
def one_cycle(optimizer):
    return schedulers.OneCycleLR(optimizer, max_lr=1.0, total_steps=STEPS + 1, pct_start=(0.25 * STEPS + 1) / (STEPS + 1),
                                 div_factor=1 / 0.04, final_div_factor=0.04 / 0.001, cycle_momentum=False)


LOSSES = [1.0, 0.8, 0.79, 0.81, 0.7, 0.72, 0.71, 0.69, 0.73, 0.5, 0.6, 0.6, 0.6, 0.6, 0.6, 0.49, 0.4, 0.6, 0.6, 0.6, 0.6]


def plateau():
    """The factor after each epoch."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler = schedulers.ReduceLROnPlateau(optimizer, factor=0.3, patience=2, threshold=0.05, threshold_mode="abs",
                                             min_lr=0.02, eps=0.0)
    result = []
    for loss in LOSSES:
        scheduler.step(loss)
        result.append(optimizer.param_groups[0]["lr"])
    return result


golden = {
    "made_by": "python tests/golden/schedules.py", "torch": torch.__version__, "steps": STEPS,
    "step": factors(lambda o: schedulers.StepLR(o, 3, 0.5)),
    "milestones": factors(lambda o: schedulers.MultiStepLR(o, [2, 7], 0.5)),
    "cosine": factors(lambda o: schedulers.CosineAnnealingLR(o, STEPS, 0.1)),
    "one_cycle": factors(one_cycle), "losses": LOSSES, "plateau": plateau(),
    "warmup": factors(lambda o: schedulers.LinearLR(o, 0.25, 1.0, 3)),
}
pathlib.Path(__file__).with_name("schedules.json").write_text(json.dumps(golden, indent=1) + "\n")
