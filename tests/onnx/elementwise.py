"""Operators that work element by element, and reductions."""
import numpy as np

from builder import only_floating
from registry import Node, narrower, operator

SAME = {"Abs": "abs", "Exp": "exp", "Log": "log", "Sqrt": "sqrt", "Reciprocal": "reciprocal", "Sigmoid": "sigmoid",
        "Tanh": "tanh", "Relu": "relu", "Sign": "sign", "Erf": "erf"}
PAIRS = {"Add": "add", "Sub": "subtract", "Mul": "multiply", "Div": "divide"}
FOLDS = {"Max": "maximum", "Min": "minimum", "Sum": "add"}


@operator(*SAME)
def unary(n: Node):
    return n.b.op(SAME[n.type], [n[0]])


@operator("Neg")
def negate(n: Node):
    return n.b.affine(n[0], -1)


def unchanged(n):
    return n.b.node({"activation": "linear"}, [n[0]], n[0].shape)


@operator("Identity")
def identity(n: Node):
    return unchanged(n) if n.alone else n[0]


@operator(*PAIRS)
def pair(n: Node):
    return n.b.op(PAIRS[n.type], [n[0], n[1]])


@operator(*FOLDS)
def fold(n: Node):
    if len(n.operands) == 1:
        return unchanged(n)
    if n.type == "Sum" and len({x.shape for x in n.operands}) == 1:
        return n.b.node({"layer": "add"}, list(n.operands), n[0].shape)
    result = n[0]
    for operand in n.operands[1:]:
        result = n.b.op(FOLDS[n.type], [result, operand])
    return result


@operator("Mean")
def mean(n: Node):
    result = n[0]
    for operand in n.operands[1:]:
        result = n.b.op("add", [result, operand])
    return n.b.affine(result, 1 / len(n.operands))


@operator("Pow")
def power(n: Node):
    if n[1].array is None or n[1].array.size != 1 or n[1].array.flat[0] not in (2, 3):
        raise narrower("our powers are fixed ones: squares, roots, reciprocals")
    square = n.b.op("square", [n[0]])
    return square if n[1].array.flat[0] == 2 else n.b.op("multiply", [n[0], square])


# Comparisons, as our maximum's gradient has them: 1 where a − b ≥ 0.


def at_least(b, left, right):
    result = b.op("greater_equal", [b.op("subtract", [left, right])], threshold=0.0)
    result.boolean = True
    return result


def negated(b, mask):
    result = b.affine(mask, -1, 1)
    result.boolean = True
    return result


@operator("GreaterOrEqual", "LessOrEqual", "Greater", "Less")
def compare(n: Node):
    left, right = (n[0], n[1]) if n.type in ("GreaterOrEqual", "Less") else (n[1], n[0])
    result = at_least(n.b, left, right)
    return result if n.type.endswith("Equal") else negated(n.b, result)


def above(n, x, threshold):
    """1 where x > threshold, else 0"""
    return n.b.affine(n.b.op("greater_equal", [n.b.affine(x, -1)], threshold=float(-threshold)), -1, 1)


@operator("Binarizer")
def binarizer(n: Node):
    return above(n, n[0], n.get("threshold", 0.0))


@operator("Where")
def where(n: Node):
    """Yes and no are 1 and 0 of ours."""
    gate, shape = n[0], np.broadcast_shapes(n[0].shape, n[1].shape, n[2].shape)
    if gate.id is None:
        gate = n.b.given(gate.array.astype(np.float64 if n.b.floating == "float64" else np.float32), gate.folds)
    return n.b.op("select", [n.b.broadcast(x, shape) for x in (gate, n[1], n[2])])


@operator("Clip")
def clip(n: Node):
    """As the embedding layer holds its indices within the table."""
    result = n[0]
    for index, name in ((1, "maximum"), (2, "minimum")):
        if n.has(index):
            result = n.b.op(name, [result, n[index]])
    return result if result is not n[0] else unchanged(n)


# Activations: those of ours by their names, others from their parts.


def activation(n, name, **options):
    return n.b.node({"activation": name, "options": {k: float(v) for k, v in options.items()}}, [n[0]], n[0].shape)


@operator("LeakyRelu")
def leaky_relu(n: Node):
    return activation(n, "leaky_relu", slope=n.get("alpha", 0.01))


@operator("Elu")
def elu(n: Node):
    return activation(n, "elu", alpha=n.get("alpha", 1.0))


@operator("Gelu")
def gelu(n: Node):
    return activation(n, "gelu_tanh" if n.get("approximate", "none") == "tanh" else "gelu")


@operator("Softplus")
def softplus(n: Node):
    return activation(n, "softplus")


@operator("HardSwish")
def hard_swish(n: Node):
    return activation(n, "hard_swish")


@operator("Swish")
def swish(n: Node):
    alpha = n.get("alpha", 1.0)
    if alpha == 1:
        return activation(n, "silu")
    return n.b.op("multiply", [n[0], n.b.op("sigmoid", [n.b.affine(n[0], alpha)])])


@operator("SwiGLU")
def swiglu(n: Node):
    return n.b.op("multiply", [swish(n), n[1]])


@operator("Mish")
def mish(n: Node):
    return n.b.op("multiply", [n[0], n.b.op("tanh", [activation(n, "softplus")])])


@operator("HardSigmoid")
def hard_sigmoid(n: Node):
    line = n.b.affine(n[0], n.get("alpha", 0.2), n.get("beta", 0.5))
    return n.b.op("minimum", [n.b.op("relu", [line]), n.b.constant(1.0, n[0])])


@operator("Softsign")
def softsign(n: Node):
    return n.b.op("divide", [n[0], n.b.affine(n.b.op("abs", [n[0]]), 1, 1)])


@operator("Selu")
def selu(n: Node):
    alpha = n.get("alpha", 1.67326319217681884765625)
    return n.b.affine(activation(n, "elu", alpha=alpha), n.get("gamma", 1.05070102214813232421875))


@operator("Celu")
def celu(n: Node):
    """max(x, 0) + min(alpha·(e^(x/alpha) − 1), 0): elu of x/alpha, times alpha."""
    alpha = n.get("alpha", 1.0)
    scaled = n.b.affine(n[0], 1 / alpha)
    return n.b.affine(n.b.node({"activation": "elu"}, [scaled], n[0].shape), alpha)


@operator("PRelu")
def prelu(n: Node):
    """max(x, 0) − slope·max(−x, 0)"""
    below = n.b.op("multiply", [n[1], n.b.op("relu", [n.b.affine(n[0], -1)])])
    return n.b.op("subtract", [n.b.op("relu", [n[0]]), below])


@operator("ThresholdedRelu")
def thresholded_relu(n: Node):
    return n.b.op("multiply", [n[0], above(n, n[0], n.get("alpha", 1.0))])


@operator("Shrink")
def shrink(n: Node):
    """x − bias above lambd, x + bias below −lambd, 0 between."""
    bias, edge = n.get("bias", 0.0), n.get("lambd", 0.5)
    minus = n.b.affine(n[0], -1)
    upper = n.b.op("multiply", [n.b.affine(n[0], 1, -bias), above(n, n[0], edge)])
    lower = n.b.op("multiply", [n.b.affine(n[0], 1, bias), above(n, minus, edge)])
    return n.b.op("add", [upper, lower])


# Reductions


@operator("ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceL1", "ReduceL2", "ReduceSumSquare", "ReduceLogSum",
          "ReduceLogSumExp")
def reduce(n: Node):
    if n[0].boolean:
        raise only_floating()
    rank = len(n[0].shape)
    axes = n.get("axes") or n.integers(1, [])
    keep = bool(n.get("keepdims", 1))
    if not axes and n.get("noop_with_empty_axes", 0):
        axes = None
    else:
        axes = [(a + rank) % rank for a in axes]

    def over(kind, x):
        return x if axes is None else n.b.reduce(kind, x, axes, keep)

    def before(name, x):
        return n.b.op(name, [x])

    x, kind = n[0], n.type.removeprefix("Reduce")
    if kind in ("Sum", "Mean", "Max"):
        return over(kind.lower(), x) if axes is not None else unchanged(n)
    if kind == "Min":
        return n.b.affine(over("max", n.b.affine(x, -1)), -1)
    if kind == "L1":
        return over("sum", before("abs", x))
    if kind in ("L2", "SumSquare"):
        total = over("sum", before("square", x))
        return before("sqrt", total) if kind == "L2" else total
    return before("log", over("sum", before("exp", x) if kind == "LogSumExp" else x))


@operator("Softmax")
def softmax(n: Node):
    if n.opset < 13:
        raise narrower("before opset 13 a softmax is over all axes from one on")
    return n.b.op("softmax", [n[0]], axis=n.axis(default=-1))


@operator("LogSoftmax")
def log_softmax_node(n: Node):
    return log_softmax(n.b, n[0], n.axis(default=-1))


def log_softmax(b, x, axis):
    """As the cross_entropy loss with class weights has it."""
    shifted = b.op("subtract", [x, b.op("stop_gradient", [b.reduce("max", x, [axis])])])
    return b.op("subtract", [shifted, b.op("log", [b.reduce("sum", b.op("exp", [shifted]), [axis])])])
