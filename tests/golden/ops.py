#!/usr/bin/env python3
"""Makes ops.json: small cases of the ops with operands, results and gradients as PyTorch computes them in f64.

    python tests/golden/ops.py        writes ops.json beside this file

A case holds `op` and `attributes` by the names of core/include/generalizer/ops.h (a number with a point is an f64 attribute), the
`operands` in order, and the `results` in order, null for a workspace. Where it has `output_gradient`, that is the gradient of a loss by
the first result, and `gradients` holds the loss's gradient by each operand, null where there is none. Operands are multiples of 1/128, so they
are the same in f32. `sequences` are optimiser updates: weights after each of several gradients, from state zero.
"""
import json
import pathlib
import platform

import numpy as np
import torch
from torch.nn import functional as F

import philox

SEED = 7
cases, sequences = [], []
next_stream = iter(range(10**6))


def grid(*shape, low=-1.0, high=1.0):
    """Multiples of 1/64 in [low, high)."""
    steps = philox.uniform(SEED, next(next_stream), shape) * (high - low)
    return np.floor(steps * 64) / 64 + low


def off_zero(*shape):
    """As grid, but none nearer to 0 than 1/128, where relu and its kin have no derivative."""
    return grid(*shape) + 1 / 128


def distinct(*shape):
    """No two elements are equal, so that a maximum is one element."""
    order = np.argsort(philox.uniform(SEED, next(next_stream), int(np.prod(shape))), kind="stable")
    return ((order - order.size // 2) / 64).reshape(shape)


def tensor(array):
    kind = "i32" if np.issubdtype(np.asarray(array).dtype, np.integer) else "f64"
    return {"dtype": kind, "shape": list(np.shape(array)), "data": np.ravel(array).tolist()}


def case(op, operands, function, differentiable=None, **attributes):
    """Appends a case: `function` maps the operands' tensors to the list of results; `differentiable` are operands by position."""
    inputs = [torch.tensor(operand) for operand in operands]
    wanted = [i for i, x in enumerate(inputs) if x.is_floating_point()] if differentiable is None else differentiable
    for i in wanted:
        inputs[i].requires_grad_()
    results = function(*inputs)
    entry = {"op": op, "attributes": attributes, "operands": [tensor(operand) for operand in operands],
             "results": [None if result is None else tensor(result.detach().numpy()) for result in results]}
    if wanted:
        output_gradient = grid(*results[0].shape) if results[0].dim() else np.array(0.75)
        found = torch.autograd.grad(results[0], [inputs[i] for i in wanted], torch.tensor(output_gradient))
        by_operand = dict(zip(wanted, found))
        entry["output_gradient"] = tensor(output_gradient)
        entry["gradients"] = [tensor(by_operand[i].numpy()) if i in by_operand else None for i in range(len(inputs))]
    cases.append(entry)


def geometry(strides=(1, 1), padding=(0, 0, 0, 0), dilations=(1, 1), groups=1):
    return {"strides": list(strides), "padding": list(padding), "dilations": list(dilations), "groups": groups}


def convolution(x, w, g):
    top, bottom, left, right = g["padding"]
    return F.conv2d(F.pad(x, (left, right, top, bottom)), w, None, g["strides"], 0, g["dilations"], g["groups"])


def conv2d(x, w, **given):
    g = geometry(**given)
    case("conv2d", [grid(*x), grid(*w)], lambda a, b: [convolution(a, b, g)], **g)


def conv2d_backward_data(dy, w, output_padding=0, **given):
    """The transposed convolution; symmetric padding, as PyTorch has it."""
    g = geometry(**given)
    padding = g["padding"][::2]
    function = lambda a, b: F.conv_transpose2d(a, b, None, g["strides"], padding, output_padding, g["groups"], g["dilations"])
    size = list(function(torch.zeros(dy), torch.zeros(w)).shape[2:])
    case("conv2d_backward_data", [grid(*dy), grid(*w)], lambda a, b: [function(a, b)], **g, input_size=size)


def conv2d_backward_weights(x, w, **given):
    g = geometry(**given)
    kernel = torch.zeros(w, dtype=torch.float64, requires_grad=True)
    dy = grid(*convolution(torch.zeros(x, dtype=torch.float64), kernel, g).shape)
    function = lambda a, b: list(torch.autograd.grad(convolution(a, kernel, g), kernel, b))
    case("conv2d_backward_weights", [grid(*x), dy], function, [], **g, kernel_size=list(w[2:]))


def convolutions():
    conv2d([2, 1, 5, 5], [3, 1, 3, 3])
    conv2d([2, 3, 4, 5], [4, 3, 1, 1])
    conv2d([1, 2, 6, 7], [3, 2, 3, 3], strides=(2, 2), padding=(1, 1, 1, 1))
    conv2d([1, 2, 7, 6], [2, 2, 3, 2], strides=(2, 1), padding=(1, 1, 0, 0))
    conv2d([1, 2, 5, 5], [2, 2, 2, 2], padding=(0, 1, 0, 1))
    conv2d([1, 1, 8, 9], [2, 1, 3, 3], dilations=(2, 3))
    conv2d([2, 2, 7, 7], [2, 2, 3, 3], strides=(2, 2), padding=(2, 2, 2, 2), dilations=(2, 2))
    conv2d([1, 4, 5, 5], [6, 2, 3, 3], padding=(1, 1, 1, 1), groups=2)
    conv2d([2, 3, 5, 5], [3, 1, 3, 3], groups=3)
    conv2d([1, 2, 3, 3], [2, 2, 3, 3])
    conv2d_backward_data([1, 2, 3, 3], [2, 3, 3, 3])
    conv2d_backward_data([2, 2, 3, 3], [2, 1, 4, 4], strides=(2, 2), padding=(1, 1, 1, 1))
    conv2d_backward_data([1, 2, 3, 4], [2, 2, 3, 3], strides=(2, 2), padding=(1, 1, 1, 1), output_padding=1)
    conv2d_backward_data([1, 1, 3, 3], [1, 2, 2, 3], strides=(3, 2), output_padding=(2, 0))
    conv2d_backward_data([1, 2, 3, 3], [2, 1, 3, 3], strides=(2, 2), dilations=(2, 2), padding=(1, 1, 2, 2))
    conv2d_backward_data([1, 4, 3, 3], [4, 1, 3, 3], groups=2)
    conv2d_backward_weights([2, 1, 5, 5], [3, 1, 3, 3])
    conv2d_backward_weights([1, 2, 6, 7], [3, 2, 3, 3], strides=(2, 2), padding=(1, 1, 1, 1))
    conv2d_backward_weights([1, 1, 8, 9], [2, 1, 3, 3], dilations=(2, 3))
    conv2d_backward_weights([2, 4, 5, 5], [6, 2, 3, 3], padding=(1, 1, 1, 1), groups=2)


def pools():
    for x, kernel, strides, padding in [([2, 2, 4, 4], (2, 2), (2, 2), (0, 0)), ([1, 2, 5, 6], (2, 2), (2, 2), (0, 0)),
                                        ([1, 2, 6, 7], (3, 3), (2, 2), (1, 1)), ([1, 1, 6, 7], (3, 2), (1, 2), (1, 0)),
                                        ([2, 3, 3, 3], (3, 3), (1, 1), (0, 0))]:
        names = {"kernel": list(kernel), "strides": list(strides), "padding": [padding[0]] * 2 + [padding[1]] * 2}
        case("max_pool2d", [distinct(*x)], lambda a: [F.max_pool2d(a, kernel, strides, padding), None], **names)
        for include in (False, True):
            case("avg_pool2d", [grid(*x)], lambda a: [F.avg_pool2d(a, kernel, strides, padding, count_include_pad=include)], **names,
                 count_include_pad=int(include))


def normalisations():
    for x in ([4, 3, 2, 2], [6, 3], [1, 2, 3, 3], [2, 5, 1, 3]):
        c, axes = x[1], [axis for axis in range(len(x)) if axis != 1]
        scale, shift = grid(c, low=0.5, high=1.5), grid(c)
        for epsilon in (1e-5, 1e-3):
            case("batch_norm", [grid(*x, low=-2.0, high=3.0), scale, shift],
                 lambda a, s, b: [F.batch_norm(a, None, None, s, b, True, 0.1, epsilon), a.mean(axes), a.var(axes, correction=0)],
                 epsilon=epsilon)
        case("batch_norm_inference", [grid(*x), scale, shift, grid(c), grid(c, low=0.25, high=2.0)],
             lambda a, s, b, mean, variance: [F.batch_norm(a, mean, variance, s, b, False, 0.1, 1e-5)], [0, 1, 2], epsilon=1e-5)


def elementwise():
    case("relu", [off_zero(3, 5)], lambda x: [F.relu(x)])
    for slope in (0.01, 0.2):
        case("leaky_relu", [off_zero(3, 5)], lambda x: [F.leaky_relu(x, slope)], slope=slope)
    case("sigmoid", [grid(3, 5, low=-8.0, high=8.0)], lambda x: [torch.sigmoid(x)])
    case("tanh", [grid(3, 5, low=-4.0, high=4.0)], lambda x: [torch.tanh(x)])
    case("exp", [grid(3, 5, low=-4.0, high=4.0)], lambda x: [torch.exp(x)])
    case("log", [grid(3, 5, low=0.25, high=8.0)], lambda x: [torch.log(x)])
    case("sqrt", [grid(3, 5, low=0.25, high=8.0)], lambda x: [torch.sqrt(x)])
    case("rsqrt", [grid(3, 5, low=0.25, high=8.0)], lambda x: [torch.rsqrt(x)])
    case("square", [grid(3, 5)], lambda x: [x**2])
    case("abs", [off_zero(3, 5)], lambda x: [x.abs()])
    case("reciprocal", [grid(3, 5, low=0.25, high=4.0)], lambda x: [1 / x])
    case("affine", [grid(3, 5)], lambda x: [-2.5 * x + 0.75], scale=-2.5, shift=0.75)
    for a, b in (([2, 3, 4], [2, 3, 4]), ([2, 3, 4], [3, 1]), ([4, 1, 2], [3, 1]), ([2, 3], [])):
        case("add", [grid(*a), grid(*b)], lambda x, y: [x + y])
        case("subtract", [grid(*a), grid(*b)], lambda x, y: [x - y])
        case("multiply", [grid(*a), grid(*b)], lambda x, y: [x * y])
        case("divide", [grid(*a), grid(*b, low=0.5, high=2.0)], lambda x, y: [x / y])
    case("maximum", [grid(2, 5), off_zero(2, 5)], lambda x, y: [torch.maximum(x, y)])
    case("minimum", [grid(2, 5), off_zero(5)], lambda x, y: [torch.minimum(x, y)])


def the_rest():
    for transpose_a in (0, 1):
        for transpose_b in (0, 1):
            case("matmul", [grid(*(4, 3)[::-1 if transpose_a else 1]), grid(*(3, 5)[::-1 if transpose_b else 1])],
                 lambda a, b: [(a.T if transpose_a else a) @ (b.T if transpose_b else b)], transpose_a=transpose_a, transpose_b=transpose_b)
    case("bias_add", [grid(2, 3, 2, 2), grid(3)], lambda x, b: [x + b[:, None, None]])
    case("channel_sum", [grid(2, 3, 2, 2)], lambda x: [x.sum((0, 2, 3))])
    for axes, keep_dims in (([0], 0), ([0, 2], 1), ([1], 1), ([0, 1, 2], 0)):
        case("reduce_sum", [grid(2, 3, 4)], lambda x: [x.sum(axes, bool(keep_dims))], axes=axes, keep_dims=keep_dims)
        case("reduce_mean", [grid(2, 3, 4)], lambda x: [x.mean(axes, bool(keep_dims))], axes=axes, keep_dims=keep_dims)
        case("reduce_max", [distinct(2, 3, 4)], lambda x: [x.amax(axes, bool(keep_dims))], axes=axes, keep_dims=keep_dims)
    case("softmax", [grid(3, 5, low=-4.0, high=4.0)], lambda x: [x.softmax(1)], axis=1)
    case("softmax", [grid(2, 3, 2, 2)], lambda x: [x.softmax(1)], axis=1)
    case("softmax", [grid(2, 3, 4)], lambda x: [x.softmax(2)], axis=2)
    for spread in (2.0, 256.0):  # the second: a naive exponential overflows in f32
        labels = np.array([0, 4, 2, 2], dtype=np.int32)
        case("softmax_cross_entropy", [grid(4, 5, low=-spread, high=spread), labels],
             lambda x, y: [F.cross_entropy(x, y.long()), x.softmax(1)])
    case("mean_squared_error", [grid(2, 1, 3, 4), grid(2, 1, 3, 4)], lambda x, y: [F.mse_loss(x, y)])


def optimizer_sequence(op, make, **attributes):
    rate, first = 0.0625, grid(2, 3)
    weight = torch.tensor(first, requires_grad=True)
    optimizer = make([weight], rate)
    gradients, weights = [grid(2, 3) for _ in range(6)], []
    gradients[3] = np.zeros((2, 3))  # the moments still move the weight
    for gradient in gradients:
        weight.grad = torch.tensor(gradient)
        optimizer.step()
        weights.append(tensor(weight.detach().numpy().copy()))
    sequences.append({"op": op, "attributes": attributes, "learning_rate": rate, "weight": tensor(first),
                      "gradients": [tensor(gradient) for gradient in gradients], "weights": weights})


def optimizers():
    optimizer_sequence("sgd_update", lambda w, rate: torch.optim.SGD(w, rate))
    for nesterov in (0, 1):
        optimizer_sequence("momentum_update", lambda w, rate: torch.optim.SGD(w, rate, momentum=0.9, nesterov=bool(nesterov)),
                           momentum=0.9, nesterov=nesterov)
    for beta1, beta2, epsilon in ((0.9, 0.999, 1e-8), (0.9, 0.999, 1e-7), (0.5, 0.75, 1e-2)):
        optimizer_sequence("adam_update", lambda w, rate: torch.optim.Adam(w, rate, (beta1, beta2), epsilon, foreach=False),
                           beta1=beta1, beta2=beta2, epsilon=epsilon)


def main():
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    for group in (convolutions, pools, normalisations, elementwise, the_rest, optimizers):
        group()
    head = {"made_by": "python tests/golden/ops.py",
            "versions": {"torch": torch.__version__, "numpy": np.__version__, "python": platform.python_version()}}
    rows = [f'  {json.dumps(key)}: {json.dumps(value)}' for key, value in head.items()]
    for key, entries in (("cases", cases), ("sequences", sequences)):
        rows.append(f'  "{key}": [\n' + ",\n".join("    " + json.dumps(entry, separators=(",", ":")) for entry in entries) + "\n  ]")
    path = pathlib.Path(__file__).with_name("ops.json")
    path.write_text("{\n" + ",\n".join(rows) + "\n}\n")
    print(f"{path}: {len(cases)} cases of {len({entry['op'] for entry in cases})} ops, {len(sequences)} sequences")


if __name__ == "__main__":
    main()
