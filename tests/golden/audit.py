#!/usr/bin/env python3
"""Makes the golden values of what an audit measures, as scikit-image, scikit-learn and pytorch-msssim compute them.

    python tests/golden/audit.py          writes audit.json beside this file

Images are made by a formula of whole numbers (`pair`), which the test has, too, and divided by 255; scores are in the file.
"""
import json
import pathlib

import numpy
import pytorch_msssim
import skimage
import sklearn
import torch
from skimage.metrics import peak_signal_noise_ratio, structural_similarity
from sklearn.metrics import roc_auc_score, roc_curve

WEIGHTS = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333]


def pair(channels, height, width, noise):
    """An image of stripes and curves, and the same under noise of ±`noise`/2 of a linear congruential generator."""
    original = numpy.zeros((channels, height, width), "i8")
    changed = original.copy()
    state = 12345
    for c in range(channels):
        for y in range(height):
            for x in range(width):
                state = (1103515245 * state + 12345) % 2**31
                original[c, y, x] = (y * y + 3 * x * y + 7 * x + 40 * c) // 16 % 256
                changed[c, y, x] = min(max(original[c, y, x] + (state >> 16) % (noise + 1) - noise // 2, 0), 255)
    return original / 255, changed / 255


def tensors(*images):
    return [torch.tensor(image, dtype=torch.float64)[None] for image in images]


def ms_ssim_of_scales(a, b, scales):
    """pytorch-msssim takes five scales alone: the same steps with the first few, their weights adding up to 1."""
    weights = numpy.array(WEIGHTS[:scales]) / sum(WEIGHTS[:scales])
    window = pytorch_msssim.ssim.__globals__["_fspecial_gauss_1d"](11, 1.5).double().repeat(a.shape[1], 1, 1, 1)
    product = 1.0
    for i, weight in enumerate(weights):
        whole, structure = pytorch_msssim.ssim.__globals__["_ssim"](a, b, data_range=1.0, win=window, size_average=False)
        product = product * torch.relu(whole if i + 1 == scales else structure) ** weight
        a, b = (torch.nn.functional.avg_pool2d(x, 2) for x in (a, b))
    return product.mean().item()


def image_case(channels, height, width, noise, scales):
    original, changed = pair(channels, height, width, noise)
    a, b = tensors(changed, original)
    if scales == 5:
        window = pytorch_msssim.ssim.__globals__["_fspecial_gauss_1d"](11, 1.5).double().repeat(channels, 1, 1, 1)
        ms_ssim = pytorch_msssim.ms_ssim(a, b, data_range=1.0, win=window).item()
    else:
        ms_ssim = ms_ssim_of_scales(a, b, scales)
    ssim = structural_similarity(original, changed, data_range=1.0, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, channel_axis=0)
    return {"shape": [channels, height, width], "noise": noise, "scales": scales, "mse": float(((original - changed) ** 2).mean()),
            "psnr": float(peak_signal_noise_ratio(original, changed, data_range=1.0)), "ssim": float(ssim), "ms_ssim": ms_ssim}


def score_case(members, others, shift, steps, seed):
    """Scores rounded to so many steps, so that some are equal."""
    random = numpy.random.default_rng(seed)
    positive = numpy.round(random.normal(shift, 1.0, members) * steps) / steps
    negative = numpy.round(random.normal(0.0, 1.0, others) * steps) / steps
    truth = numpy.r_[numpy.ones(members), numpy.zeros(others)]
    scores = numpy.r_[positive, negative]
    false, true, _ = roc_curve(truth, scores, drop_intermediate=False)
    return {"members": positive.tolist(), "others": negative.tolist(), "auc": float(roc_auc_score(truth, scores)),
            "tpr": float(true[false <= 0.01].max())}


golden = {
    "made_by": f"scikit-image {skimage.__version__}, scikit-learn {sklearn.__version__}, pytorch-msssim 1.0.0, torch {torch.__version__}",
    "images": [image_case(1, 28, 28, 60, 2), image_case(3, 32, 40, 120, 2), image_case(1, 176, 176, 200, 5), image_case(1, 28, 28, 500, 2)],
    "scores": [score_case(200, 300, 1.0, 8, 1), score_case(500, 250, 0.2, 4, 2), score_case(40, 60, 3.0, 16, 3)],
}
path = pathlib.Path(__file__).with_suffix(".json")
path.write_text(json.dumps(golden, indent=1) + "\n")
