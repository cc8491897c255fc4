#!/usr/bin/env python3
"""Makes the golden values of the layers, as PyTorch computes them in f64.

    python tests/golden/layers.py          writes layers.json beside this file

Each case holds the layer's type and parameters as in a graph file, its inputs, its weights by name and its output, and the gradients of
Σ output·cotangent by each input and weight; batch_norm also what its running statistics are before and after, and its output in
evaluation. Inputs and weights are multiples of 1/64.
"""
import json
import pathlib

import torch
from torch.nn import functional as F

torch.set_default_dtype(torch.float64)
generator = torch.Generator().manual_seed(20240301)


def grid(*shape, low=-1.0, high=1.0):
    return ((torch.rand(shape, generator=generator) * (high - low) * 64).round() / 64 + low).requires_grad_()


def entry(tensor):
    return {"shape": list(tensor.shape), "numbers": tensor.reshape(-1).tolist()}


def case(kind, parameters, x, weights, y, **more):
    """`x`: the input, or a list of several."""
    inputs = x if isinstance(x, list) else [x]
    cotangent = grid(*y.shape).detach()
    wanted = [*inputs, *weights.values()]
    gradients = torch.autograd.grad((y * cotangent).sum(), wanted, allow_unused=True)
    gradients = [torch.zeros_like(w) if g is None else g for g, w in zip(gradients, wanted)]
    return {"type": kind, "parameters": parameters, "inputs": [entry(i) for i in inputs],
            "weights": {n: entry(w) for n, w in weights.items()}, "y": entry(y), "cotangent": entry(cotangent),
            "input_gradients": [entry(g) for g in gradients[:len(inputs)]],
            "weight_gradients": {n: entry(g) for n, g in zip(weights, gradients[len(inputs):])},
            **{n: entry(v) for n, v in more.items()}}


def conv2d(x, kernel, parameters, **options):
    x, kernel, bias = grid(*x), grid(*kernel), grid(kernel[0])
    given = {"filters": kernel.shape[0], "kernel": list(kernel.shape[2:]), **parameters}
    return case("conv2d", given, x, {"kernel": kernel, "bias": bias}, F.conv2d(x, kernel, bias, **options))


def conv2d_transpose(x, kernel, parameters, **options):
    filters = kernel[1] * options.get("groups", 1)
    x, kernel, bias = grid(*x), grid(*kernel), grid(filters)
    given = {"filters": filters, "kernel": list(kernel.shape[2:]), **parameters}
    return case("conv2d_transpose", given, x, {"kernel": kernel, "bias": bias}, F.conv_transpose2d(x, kernel, bias, **options))


def pool(kind, x, parameters, function):
    x = grid(*x)
    return case(kind, parameters, x, {}, function(x))


def batch_norm(shape):
    x, channels = grid(*shape, low=-2.0, high=3.0), shape[1]
    scale, shift, mean, variance = grid(channels), grid(channels), grid(channels), grid(channels, low=0.5, high=2.0)
    mean, variance = mean.detach(), variance.detach()
    moved_mean, moved_variance = mean.clone(), variance.clone()
    y = F.batch_norm(x, moved_mean, moved_variance, scale, shift, training=True, momentum=0.25, eps=1e-3)
    return case("batch_norm", {"momentum": 0.75, "epsilon": 1e-3}, x, {"scale": scale, "shift": shift}, y, mean=mean,
                variance=variance, next_mean=moved_mean, next_variance=moved_variance,
                evaluated=F.batch_norm(x, mean, variance, scale, shift, training=False, eps=1e-3))


def layer_norm(shape, normalised):
    x, scale, shift = grid(*shape), grid(*normalised), grid(*normalised)
    return case("layer_norm", {"epsilon": 1e-3}, x, {"scale": scale, "shift": shift},
                F.layer_norm(x, normalised, scale, shift, eps=1e-3))


def layer_norm_along(shape, axis):
    """LayerNorm along one axis, as ConvNeXt has it over the channels of images."""
    x, scale, shift = grid(*shape), grid(shape[axis]), grid(shape[axis])
    y = F.layer_norm(x.movedim(axis, -1), [shape[axis]], scale, shift, eps=1e-3).movedim(-1, axis)
    return case("layer_norm", {"axis": axis, "epsilon": 1e-3}, x, {"scale": scale, "shift": shift}, y)


def group_norm(shape, groups):
    x, scale, shift = grid(*shape), grid(shape[1]), grid(shape[1])
    return case("group_norm", {"groups": groups, "epsilon": 1e-3}, x, {"scale": scale, "shift": shift},
                F.group_norm(x, groups, scale, shift, eps=1e-3))


def joined(kind, shapes, parameters, function):
    inputs = [grid(*shape) for shape in shapes]
    return case(kind, parameters, inputs, {}, function(*inputs))


def embedding():
    x, table = torch.tensor([[0.0, 2.0, 1.0], [2.0, 3.0, 0.0]], requires_grad=True), grid(4, 5)
    return case("embedding", {"count": 4, "units": 5}, x, {"table": table}, F.embedding(x.detach().long(), table))


def position_embedding():
    x, table = grid(2, 3, 4), grid(3, 4)
    return case("position_embedding", {}, x, {"table": table}, x + table)


def attention(queries, keys, heads, parameters):
    """What torch.nn.MultiheadAttention computes; its maps are turned round: out × in."""
    inputs = [grid(*queries)] + ([grid(*keys)] if keys else [])
    width, context = queries[2], (keys or queries)[2]
    weights = {"query_kernel": grid(width, width), "key_kernel": grid(context, width), "value_kernel": grid(context, width),
               "output_kernel": grid(width, width), "query_bias": grid(width), "key_bias": grid(width), "value_bias": grid(width),
               "output_bias": grid(width)}
    mask = torch.full((queries[1], queries[1]), float("-inf")).triu(1) if parameters.get("causal") else None
    y, _ = F.multi_head_attention_forward(
        inputs[0].transpose(0, 1), inputs[-1].transpose(0, 1), inputs[-1].transpose(0, 1), width, heads, None,
        torch.cat([weights["query_bias"], weights["key_bias"], weights["value_bias"]]), None, None, False, 0.0,
        weights["output_kernel"].T, weights["output_bias"], training=False, need_weights=False, attn_mask=mask,
        use_separate_proj_weight=True, q_proj_weight=weights["query_kernel"].T, k_proj_weight=weights["key_kernel"].T,
        v_proj_weight=weights["value_kernel"].T)
    return case("multi_head_attention", {"heads": heads, **parameters}, inputs, weights, y.transpose(0, 1))


def activation(function, torch_function, **parameters):
    return pool("activation", [3, 8], {"function": function, **parameters}, torch_function)


def dense_tokens():
    x, kernel, bias = grid(2, 3, 5), grid(5, 4), grid(4)
    return case("dense", {"units": 4, "activation": "gelu"}, x, {"kernel": kernel, "bias": bias}, F.gelu(x @ kernel + bias))


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
    dense_tokens(),
    conv2d([1, 3, 6, 6], [6, 1, 3, 3], {"groups": 3, "padding": "same", "activation": "linear"}, groups=3, padding="same"),
    pool("global_avg_pool2d", [2, 3, 4, 5], {}, lambda x: x.mean((2, 3))),
    pool("upsample", [2, 3, 3, 4], {}, lambda x: F.interpolate(x, scale_factor=2, mode="nearest-exact")),
    pool("upsample", [1, 2, 3, 4], {"size": [5, 7], "mode": "bilinear"},
         lambda x: F.interpolate(x, size=(5, 7), mode="bilinear", align_corners=False)),
    pool("upsample", [1, 2, 5, 7], {"size": [3, 4]}, lambda x: F.interpolate(x, size=(3, 4), mode="nearest-exact")),
    pool("pad", [1, 2, 3, 4], {"padding": [1, 0, 2, 3]}, lambda x: F.pad(x, (2, 3, 1, 0))),
    pool("crop", [1, 2, 5, 6], {"cropping": [1, 2]}, lambda x: x[:, :, 1:-1, 2:-2]),
    pool("permute", [2, 3, 4, 5], {"order": [2, 3, 1]}, lambda x: x.permute(0, 2, 3, 1)),
    pool("reshape", [2, 3, 4], {"shape": [2, 6]}, lambda x: x.reshape(2, 2, 6)),
    pool("flatten", [2, 3, 4], {}, lambda x: x.flatten(1)),
    pool("slice", [2, 5, 3], {"axis": 1, "begin": 1, "end": 4}, lambda x: x[:, 1:4]),
    pool("l2_normalize", [3, 5, 2], {}, lambda x: F.normalize(x, dim=1)),
    joined("add", [[2, 3], [2, 3], [2, 3]], {"activation": "relu"}, lambda a, b, c: F.relu(a + b + c)),
    joined("multiply", [[2, 3, 4, 4], [2, 3, 1, 1]], {}, lambda a, b: a * b),
    joined("concat", [[2, 3, 4], [2, 1, 4]], {}, lambda a, b: torch.cat([a, b], 1)),
    layer_norm([4, 6], [6]),
    layer_norm([2, 3, 6], [6]),
    layer_norm([2, 2, 3, 4], [2, 3, 4]),
    group_norm([2, 6, 3, 2], 3),
    group_norm([3, 4], 2),
    embedding(),
    position_embedding(),
    attention([2, 3, 4], None, 2, {}),
    attention([2, 4, 6], None, 3, {"causal": True}),
    attention([2, 3, 4], [2, 5, 6], 2, {}),
    pool("stop_gradient", [2, 3], {}, lambda x: x.detach() + 0 * x),
    activation("relu", F.relu), activation("elu", lambda x: F.elu(x, 0.5), alpha=0.5), activation("gelu", F.gelu),
    activation("gelu_tanh", lambda x: F.gelu(x, approximate="tanh")), activation("silu", F.silu), activation("sigmoid", torch.sigmoid),
    activation("tanh", torch.tanh), activation("softplus", F.softplus), activation("hard_swish", F.hardswish),
    pool("activation", [2, 3, 4], {"function": "softmax", "axis": -1}, lambda x: F.softmax(x, -1)),
    pool("activation", [3, 4], {"function": "softmax"}, lambda x: F.softmax(x, 1)),
    pool("activation", [3, 4], {"function": "leaky_relu", "slope": 0.25}, lambda x: F.leaky_relu(x, 0.25)),
    conv2d_transpose([1, 2, 4, 3], [2, 3, 3, 2], {"dilation": [2, 3], "padding": [1, 0]}, dilation=(2, 3), padding=(1, 0)),
    conv2d_transpose([2, 4, 3, 3], [4, 3, 3, 3], {"groups": 2, "stride": 2, "padding": 1, "output_padding": 1}, groups=2, stride=2,
                     padding=1, output_padding=1),
    conv2d_transpose([1, 3, 3, 4], [3, 1, 2, 2], {"groups": 3, "dilation": 2, "stride": [1, 2]}, groups=3, dilation=2, stride=(1, 2)),
    pool("slice", [2, 5, 3], {"axis": -1, "begin": 1}, lambda x: x[:, :, 1:]),
    pool("l2_normalize", [3, 5, 2], {"axis": -1}, lambda x: F.normalize(x, dim=-1)),
    joined("concat", [[2, 3, 4], [2, 3, 1]], {"axis": -1}, lambda a, b: torch.cat([a, b], -1)),
    layer_norm_along([2, 3, 2, 4], 1),
    layer_norm_along([2, 3, 4, 5], -2),
    layer_norm_along([2, 3, 5], 1),
]

if __name__ == "__main__":
    path = pathlib.Path(__file__).with_name("layers.json")
    rows = ",\n".join("  " + json.dumps(row) for row in CASES)
    path.write_text(f'{{"made_by": "python tests/golden/layers.py", "torch": "{torch.__version__}", "cases": [\n{rows}\n]}}\n')
    print(f"{path}: {len(CASES)} cases")
