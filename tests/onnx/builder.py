"""A program of the project's ops under construction, as the fixture holds it (translate.py says how)."""
import dataclasses

import numpy as np

ELEMENTWISE = {"relu", "leaky_relu", "sigmoid", "tanh", "exp", "log", "sqrt", "rsqrt", "square", "abs", "sign",
               "reciprocal", "affine", "greater_equal", "stop_gradient", "erf", "softmax"}
BROADCASTING = {"add", "subtract", "multiply", "divide", "maximum", "minimum"}
MOVING = {"reshape", "transpose", "concat", "slice", "pad"}  # of any type
FLOATING = {"float", "f32", "f64"}

TYPES = {"float32": "f32", "float64": "f64", "int32": "i32", "int64": "i64", "uint8": "u8"}


class LeftOut(Exception):
    """A case that does not apply: `kind` is one of report.KINDS, `why` what the report groups by."""

    def __init__(self, kind, why):
        super().__init__(f"{kind}: {why}")
        self.kind = kind
        self.why = why


class OtherType(Exception):
    """The case converts between floating types, so that it can't be run in one that is chosen later."""


def narrower(why):
    return LeftOut("narrower", why)


def empty():
    return LeftOut("empty", "an extent is 0, and each of ours is at least 1")


def only_floating():
    return narrower("our arithmetic is on f32 and f64; integers are only moved, converted and counted with")


@dataclasses.dataclass
class Value:
    """What an ONNX name stands for. `array`: its numbers where they are known; `folds`: whether they are the same in every
    run (a constant, a shape), rather than this case's input. `id`: its number in the program, once it is there."""
    shape: tuple
    dtype: str  # of the program: "float" (chosen when it is run), f32, f64, i32, i64 or u8
    array: np.ndarray | None = None
    folds: bool = False
    id: int | None = None
    boolean: bool = False  # 0 and 1 that stand for no and yes


def shape_of(op, shapes, at):
    """The shape of the op's (first) result."""
    first = shapes[0] if shapes else ()
    if op in ELEMENTWISE:
        return first
    if op in BROADCASTING:
        return np.broadcast_shapes(*shapes)
    if op in ("fill", "constant_values", "broadcast_to", "reshape"):
        return tuple(at["shape"])
    if op in ("cast", "bias_add", "batch_norm", "normalize_rows", "momentum_update", "adam_update"):
        return first
    if op.startswith("reduce_"):
        axes = at["axes"] or list(range(len(first)))
        kept = [1 if i in axes else n for i, n in enumerate(first)]
        return tuple(kept if at["keep_dims"] else [n for i, n in enumerate(kept) if i not in axes])
    if op == "matmul":
        rows, columns = first[-1 if at["transpose_a"] else -2], shapes[1][-2 if at["transpose_b"] else -1]
        return first[:-2] + (rows, columns)
    if op == "transpose":
        return tuple(first[i] for i in at["permutation"])
    if op == "concat":
        axis = at["axis"]
        return first[:axis] + (sum(s[axis] for s in shapes),) + first[axis + 1:]
    if op in ("slice", "pad"):
        axis = at["axis"]
        extent = at["end"] - at["begin"] if op == "slice" else first[axis] + at["before"] + at["after"]
        return first[:axis] + (extent,) + first[axis + 1:]
    if op == "one_hot":
        return first + (at["classes"],)
    if op == "select":
        return shapes[1]
    if op == "gather_rows":
        return shapes[1] + (first[1],)
    if op == "scatter_add_rows":
        return (at["rows"], first[-1])
    if op == "conv2d_backward_data":
        return (first[0], shapes[1][1] * at["groups"]) + tuple(at["input_size"])
    raise KeyError(f"the shape of {op}'s result is not known here")


class Builder:
    """`floating`: the case's floating type, which the program is free of: it computes in "float", whatever that is when it is run.
    None: it has both, and they are kept."""

    def __init__(self, floating):
        self.floating = floating
        self.exact = floating is None
        self.inputs = []  # (id, array, dtype)
        self.nodes = []
        self._count = 0  # of values

    def given(self, array, folds=False):
        """A value whose numbers are known. It enters the program when an op first takes it."""
        if not isinstance(array, (np.ndarray, np.generic)):
            raise LeftOut("type", type_name(array))
        array = np.asarray(array)
        boolean = array.dtype == bool
        if not boolean and str(array.dtype) not in TYPES:
            raise LeftOut("type", type_name(array))
        word = "u8" if boolean else TYPES[str(array.dtype)]
        if word in ("f32", "f64") and not self.exact:
            word = "float"
        return Value(array.shape, word, array, folds, boolean=boolean)

    def constant(self, numbers, like):
        """Floating numbers of our own making, of the type of `like`."""
        numbers = np.asarray(numbers, np.float64)
        narrow = numbers.astype(np.float32)
        value = self.given(narrow if (narrow == numbers).all() else numbers, folds=True)
        value.dtype = like.dtype
        return value

    def place(self, value):
        """The value's number in the program."""
        if value.id is not None:
            return value.id
        if value.boolean:
            raise LeftOut("type", "bool")
        if 0 in value.shape:
            raise empty()
        finite = value.array.dtype.kind == "f" and np.isfinite(value.array).all()
        if value.folds and finite and value.array.size <= 64:
            value.id = self._constant_op(value).id
        else:
            value.id = self._next()
            self.inputs.append((value.id, value.array, value.dtype))
        return value.id

    def _next(self):
        self._count += 1
        return self._count - 1

    def _constant_op(self, value):
        attributes = {"dtype": value.dtype, "shape": list(value.shape)}
        numbers = [float(x) for x in value.array.flat]
        if len(set(numbers)) == 1:
            return self.op("fill", [], value=numbers[0], **attributes)
        return self.op("constant_values", [], values=numbers, **attributes)

    def op(self, name, operands, **attributes):
        """Appends one of ops.h and returns its (first) result."""
        return self.ops(name, operands, 1, **attributes)[0]

    def ops(self, name, operands, results, **attributes):
        dtype = self._type_of(name, operands, attributes)
        shape = shape_of(name, [x.shape for x in operands], attributes)
        return self._append({"op": name, "attributes": attributes}, operands, [(shape, dtype)] * results)

    def node(self, words, operands, shape, weights=None):
        """Appends what is no op (a layer, a loss, an activation), with its result's shape. `weights`: its weights and
        statistics by name."""
        if weights:
            words["weights"] = {key: self.place(value) for key, value in weights.items()}
        dtype = operands[0].dtype
        if dtype not in FLOATING:
            raise only_floating()
        return self._append(words, operands, [(shape, dtype)])[0]

    def _append(self, words, operands, results):
        words["inputs"] = [self.place(x) for x in operands]
        made = [Value(tuple(int(n) for n in shape), dtype, id=self._next()) for shape, dtype in results]
        words["outputs"] = [value.id for value in made]
        self.nodes.append({key: value for key, value in words.items() if value != {}})
        if words.get("op") in MOVING and all(x.boolean for x in operands):
            made[0].boolean = True
        return made

    def _type_of(self, name, operands, attributes):
        if "dtype" in attributes:
            return attributes["dtype"]
        if name in MOVING or name == "select":
            operands = operands[name == "select":]
            kinds = {x.dtype for x in operands}
            if len(kinds) > 1:
                raise OtherType()
            return operands[0].dtype
        values = operands[:1] if name in ("gather_rows", "scatter_add_rows") else operands
        floats = [x for x in values if not (name == "adam_update" and x.dtype == "i64")]
        if any(x.dtype not in FLOATING for x in floats):
            raise only_floating()
        if len({x.dtype for x in floats}) > 1:
            raise OtherType()
        return operands[0].dtype

    # Steps that many operators take.

    def affine(self, x, scale, shift=0.0):
        return self.op("affine", [x], scale=float(scale), shift=float(shift))

    def reshape(self, x, shape):
        shape = [int(n) for n in shape]
        return x if list(x.shape) == shape else self.op("reshape", [x], shape=shape)

    def transpose(self, x, permutation):
        permutation = [int(i) for i in permutation]
        return x if permutation == sorted(permutation) else self.op("transpose", [x], permutation=permutation)

    def broadcast(self, x, shape):
        return x if tuple(x.shape) == tuple(shape) else self.op("broadcast_to", [x], shape=[int(n) for n in shape])

    def reduce(self, kind, x, axes, keep=True):
        return self.op(f"reduce_{kind}", [x], axes=[int(a) for a in axes], keep_dims=int(keep))

    def slice(self, x, axis, begin, end):
        if begin == 0 and end == x.shape[axis]:
            return x
        if end <= begin:
            raise empty()
        return self.op("slice", [x], axis=int(axis), begin=int(begin), end=int(end))

    def pad(self, x, axis, before, after):
        if before == 0 and after == 0:
            return x
        return self.op("pad", [x], axis=int(axis), before=int(before), after=int(after))

    def indices(self, x):
        """Integers as the i32 that our ops take."""
        return x if x.dtype == "i32" else self.op("cast", [x], dtype="i32")


def type_name(array):
    """ONNX's word for the type of what a case gives."""
    if isinstance(array, (list, dict)) or array is None:
        return "sequence, map or optional"
    name = str(getattr(array, "dtype", type(array).__name__))
    return "string" if name == "object" or name.startswith("<U") else name
