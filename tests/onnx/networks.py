"""Operators that are layers, losses and optimisers of ours, or are made of the same ops."""
import math

import numpy as np

from elementwise import log_softmax
from registry import LeftOut, Node, narrower, operator


@operator("MatMul")
def matmul(n: Node):
    left, right = n[0], n[1]
    if len(left.shape) == 1:
        left = n.b.reshape(left, (1, left.shape[0]))
    if len(right.shape) == 1:
        right = n.b.reshape(right, (right.shape[0], 1))
    leading = np.broadcast_shapes(left.shape[:-2], right.shape[:-2])
    left = n.b.broadcast(left, leading + left.shape[-2:])
    right = n.b.broadcast(right, leading + right.shape[-2:])
    product = n.b.op("matmul", [left, right], transpose_a=0, transpose_b=0)
    shape = list(product.shape)
    if len(n[0].shape) == 1:
        del shape[-2]
    if len(n[1].shape) == 1:
        del shape[-1]
    return n.b.reshape(product, shape)


@operator("Gemm")
def gemm(n: Node):
    """Our dense layer where it is one."""
    units = n[1].shape[1]
    plain = all(n.get(name, default) == default for name, default in (("transA", 0), ("transB", 0), ("alpha", 1.0), ("beta", 1.0)))
    if plain and (not n.has(2) or n[2].shape == (1, units)):
        weights = {"kernel": n[1]} | ({"bias": n.b.reshape(n[2], (units,))} if n.has(2) else {})
        return n.b.node({"layer": "dense", "parameters": {"units": units, "bias": n.has(2)}}, [n[0]], (n[0].shape[0], units),
                        weights=weights)
    product = n.b.op("matmul", [n[0], n[1]], transpose_a=n.get("transA", 0), transpose_b=n.get("transB", 0))
    if n.get("alpha", 1.0) != 1:
        product = n.b.affine(product, n.get("alpha"))
    if not n.has(2):
        return product
    added = n[2] if n.get("beta", 1.0) == 1 else n.b.affine(n[2], n.get("beta"))
    return n.b.op("add", [product, added])


# Normalisation


@operator("BatchNormalization")
def batch_norm(n: Node):
    """In training the running statistics move with the biased variance, where our layer takes PyTorch's unbiased one: the op."""
    epsilon = n.get("epsilon", 1e-5)
    if not n.get("training_mode", 0):
        names = ("scale", "shift", "mean", "variance")
        return n.b.node({"layer": "batch_norm", "parameters": {"epsilon": epsilon}, "training": False}, [n[0]], n[0].shape,
                        weights=dict(zip(names, n.operands[1:])))
    momentum = n.get("momentum", 0.9)
    y, mean, variance = n.b.ops("batch_norm", [n[0], n[1], n[2]], 3, epsilon=epsilon)
    mean.shape = variance.shape = n[3].shape

    def moved(running, batch):
        return n.b.op("add", [n.b.affine(running, momentum), n.b.affine(batch, 1 - momentum)])

    return [y, moved(n[3], mean), moved(n[4], variance)]


@operator("LayerNormalization")
def layer_norm(n: Node):
    """Our layer where it normalises the same axes; the statistics, which it does not give, are the op's."""
    shape, axis, epsilon = n[0].shape, n.axis(default=-1), n.get("epsilon", 1e-5)
    outer = shape[:axis] + (1,) * (len(shape) - axis)
    rows = (math.prod(shape[:axis]), math.prod(shape[axis:]))
    layered = n.has(2) and axis == (2 if len(shape) == 3 else 1)
    results = []
    if not layered or n.wants(1) or n.wants(2):
        results = n.b.ops("normalize_rows", [n.b.reshape(n[0], rows)], 3, epsilon=epsilon)
        results[1].shape = results[2].shape = rows[:1]
    if layered:
        y = n.b.node({"layer": "layer_norm", "parameters": {"epsilon": epsilon}}, [n[0]], shape,
                     weights={"scale": n[1], "shift": n[2]})
    else:
        y = n.b.op("multiply", [n.b.reshape(results[0], shape), n[1]])
        y = n.b.op("add", [y, n[2]]) if n.has(2) else y
    return [y, *(n.b.reshape(results[i], outer) for i in (1, 2) if n.wants(i))]


@operator("RMSNormalization")
def rms_norm(n: Node):
    axis = n.axis(default=-1)
    mean = n.b.reduce("mean", n.b.op("square", [n[0]]), range(axis, len(n[0].shape)))
    inverse = n.b.op("rsqrt", [n.b.affine(mean, 1, n.get("epsilon", 1e-5))])
    return n.b.op("multiply", [n.b.op("multiply", [n[0], inverse]), n[1]])


@operator("InstanceNormalization", "GroupNormalization")
def group_norm(n: Node):
    groups = n.get("num_groups", n[0].shape[1])
    return n.b.node({"layer": "group_norm", "parameters": {"groups": groups, "epsilon": n.get("epsilon", 1e-5)}}, [n[0]],
                    n[0].shape, weights={"scale": n[1], "shift": n[2]})


@operator("MeanVarianceNormalization")
def mean_variance_norm(n: Node):
    """Over batch, rows and columns; ONNX adds to the deviation what we add to the variance."""
    axes = n.get("axes", [0, 2, 3])
    centred = n.b.op("subtract", [n[0], n.b.reduce("mean", n[0], axes)])
    deviation = n.b.op("sqrt", [n.b.reduce("mean", n.b.op("square", [centred]), axes)])
    return n.b.op("divide", [centred, n.b.affine(deviation, 1, 1e-9)])


@operator("LpNormalization")
def lp_norm(n: Node):
    """Our l2_normalize layer, or its form where the axis is the batch's; sums of absolute values likewise."""
    axis = n.axis(default=-1)
    if n.get("p", 2) == 1:
        return n.b.op("divide", [n[0], n.b.reduce("sum", n.b.op("abs", [n[0]]), [axis])])
    if axis > 0:
        return n.b.node({"layer": "l2_normalize", "parameters": {"axis": axis}}, [n[0]], n[0].shape)
    least = n.b.op("maximum", [n.b.reduce("sum", n.b.op("square", [n[0]]), [axis]), n.b.constant(1e-12, n[0])])
    return n.b.op("multiply", [n[0], n.b.op("rsqrt", [least])])


@operator("Dropout")
def dropout(n: Node):
    ratio = n.get("ratio", n.number(1, 0.5))
    training = bool(n.number(2, 0.0))
    if training and ratio != 0:
        raise LeftOut("random", "random numbers are ours by seed, and the case's by another generator")
    if n.wants(1):
        raise narrower("our dropout does not tell which elements it kept")
    return n.b.node({"layer": "dropout", "parameters": {"rate": float(ratio)}, "training": training}, [n[0]], n[0].shape)


# Attention


@operator("Attention", "FlexAttention")
def attention(n: Node):
    """Our multi_head_attention layer with kernels that pick: the query is the first input, key and value lie side by side in
    the second, the output map changes nothing."""
    refuse_attention(n)
    tokens = [as_tokens(n, x) for x in n.operands[:3]]
    query, key, value = tokens
    width = query.shape[2]
    heads = n[0].shape[1] if len(n[0].shape) == 4 else n.get("q_num_heads")
    if key.shape[2] != width or value.shape[2] != width:
        raise narrower("the heads of our attention are of one size, as many for keys as for queries")
    if n.get("is_causal", 0) and query.shape[1] != key.shape[1]:
        raise narrower("our causal attention is of a sequence to itself")
    context = n.b.op("concat", [key, value], axis=2)
    scale = n.get("scale") * math.sqrt(width // heads) if n.get("scale") else 1.0
    one, none = np.eye(width), np.zeros((width, width))
    kernels = {"query_kernel": one * scale, "key_kernel": np.vstack([one, none]), "value_kernel": np.vstack([none, one]),
               "output_kernel": one}
    y = n.b.node({"layer": "multi_head_attention",
                  "parameters": {"heads": heads, "bias": False, "causal": bool(n.get("is_causal", 0))}},
                 [query, context], query.shape, weights={k: n.b.constant(v, query) for k, v in kernels.items()})
    if len(n[0].shape) == 3:
        return y
    batch, count, length, units = n[0].shape
    return n.b.transpose(n.b.reshape(y, (batch, length, count, units)), (0, 2, 1, 3))


def refuse_attention(n):
    if any(n.has(i) for i in range(3, len(n.operands))):
        raise narrower("our attention has neither masks, but that of causal, nor past keys")
    if any(n.wants(i) for i in range(1, len(n.proto.output))):
        raise narrower("our attention does not give its scores")
    if n.get("softcap", 0.0) or n.get("score_mod") or n.get("prob_mod"):
        raise narrower("our attention's scores are scaled products, unchanged before the softmax")
    if n.get("left_window_size", -1) != -1 or n.get("right_window_size", -1) != -1:
        raise narrower("our attention has neither masks, but that of causal, nor past keys")


def as_tokens(n, x):
    """batch×heads×tokens×units → batch×tokens×(heads·units); tokens stay as they are."""
    if len(x.shape) == 3:
        return x
    batch, heads, tokens, units = x.shape
    return n.b.reshape(n.b.transpose(x, (0, 2, 1, 3)), (batch, tokens, heads * units))


# Losses


@operator("SoftmaxCrossEntropyLoss", "NegativeLogLikelihoodLoss")
def cross_entropy(n: Node):
    """Our loss where it is the plain mean over rows; else the ops of its form with class weights."""
    batch, classes = n[0].shape[:2]
    order = [0, *range(2, len(n[0].shape)), 1]
    rows = n.b.reshape(n.b.transpose(n[0], order), (n[1].array.size, classes))
    labels = n.b.reshape(n.b.indices(n[1]), (n[1].array.size,))
    softmaxed = n.type.startswith("Softmax")
    logs = log_softmax(n.b, rows, 1) if softmaxed and (n.wants(1) or not plain(n)) else rows
    loss = mean_loss(n, rows, labels) if softmaxed and plain(n) else weighted_loss(n, logs, labels, classes)
    if not softmaxed or not n.wants(1):
        return loss
    spread = n.b.reshape(logs, (batch,) + n[0].shape[2:] + (classes,))
    return [loss, n.b.transpose(spread, [0, len(order) - 1, *range(1, len(order) - 1)])]


def plain(n):
    weighed = n.has(2) and (n[2].array <= 0).any()
    return n.get("reduction", "mean") == "mean" and "ignore_index" not in n.attributes and not weighed


def mean_loss(n, rows, labels):
    parameters = {"class_weights": [float(w) for w in n[2].array]} if n.has(2) else {}
    return n.b.node({"loss": "cross_entropy", "parameters": parameters}, [rows, labels], ())


def weighted_loss(n, logs, labels, classes):
    wanted = n.b.op("one_hot", [labels], classes=classes, dtype=logs.dtype)
    ignored = n.get("ignore_index", -1)
    weights = n[2] if n.has(2) else None
    if 0 <= ignored < classes:  # one outside of the classes is a row of zeros as it is
        kept = np.ones(classes)
        kept[ignored] = 0
        kept = n.b.constant(kept, logs)
        weights = kept if weights is None else n.b.op("multiply", [weights, kept])
    if weights is not None:
        wanted = n.b.op("multiply", [wanted, weights])
    each = n.b.affine(n.b.reduce("sum", n.b.op("multiply", [wanted, logs]), [1], False), -1)
    reduction = n.get("reduction", "mean")
    if reduction == "none":
        return n.b.reshape(each, n[1].shape)
    total = n.b.reduce("sum", each, [0], False)
    return total if reduction == "sum" else n.b.op("divide", [total, n.b.reduce("sum", wanted, [], False)])


# Optimisers: at T = 0 ONNX's neither correct for the first steps nor weigh the first gradient


@operator("Momentum", "Adam")
def update(n: Node):
    if n.number(1) != 0:
        raise narrower("ONNX corrects for the first steps by a formula of its own")
    count = (len(n.operands) - 2) // (3 if n.type == "Momentum" else 4)
    gate = n.b.constant(1.0, n[0])
    groups = [[n[2 + i + k * count] for k in range((len(n.operands) - 2) // count)] for i in range(count)]
    updated = [(momentum if n.type == "Momentum" else adam)(n, gate, *group) for group in groups]
    return [group[k] for k in range(len(updated[0])) for group in updated]


def regularised(n, weight, gradient):
    """As l2 of a weight enters its gradient."""
    return n.b.op("add", [n.b.affine(weight, n.get("norm_coefficient", 0.0)), gradient])


def momentum(n, gate, weight, gradient, velocity):
    return n.b.ops("momentum_update", [weight, regularised(n, weight, gradient), velocity, n[0], gate], 2,
                   momentum=n.get("alpha"), nesterov=int(n.get("mode") == "nesterov"))


def adam(n, gate, weight, gradient, m, v):
    if n.get("norm_coefficient_post", 0.0) != 0:
        raise narrower("ONNX's decay after the step is not AdamW's")
    step = n.b.given(np.array(10**6), folds=True)  # where 1 − β^step is 1, as without a correction
    results = n.b.ops("adam_update", [weight, regularised(n, weight, gradient), m, v, step, n[0], gate], 3,
                      beta1=n.get("alpha", 0.9), beta2=n.get("beta", 0.999), epsilon=n.get("epsilon", 0.0))
    return results
