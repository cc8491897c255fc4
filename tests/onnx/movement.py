"""Operators that move numbers, convert them, or look them up."""
import math

import numpy as np
import onnx

from builder import FLOATING, TYPES, OtherType, empty
from elementwise import unchanged
from registry import LeftOut, Node, narrower, operator


@operator("Reshape", "Flatten", "Squeeze", "Unsqueeze")
def reshaped(n: Node):
    shape = SHAPES[n.type](n, list(n[0].shape))
    if n.type == "Flatten" and n.axis(default=1) == 1:
        return n.b.node({"layer": "flatten"}, [n[0]], shape)
    return n.b.reshape(n[0], shape)


def shape_of_reshape(n, shape):
    wanted = n.integers(1)
    if 0 in wanted and n.get("allowzero", 0):
        raise empty()
    wanted = [shape[i] if extent == 0 else extent for i, extent in enumerate(wanted)]
    known = -math.prod(wanted) if -1 in wanted else 1
    return [math.prod(shape) // known if extent == -1 else extent for extent in wanted]


def shape_of_flatten(n, shape):
    axis = n.get("axis", 1)
    axis += len(shape) if axis < 0 else 0
    return [math.prod(shape[:axis]), math.prod(shape[axis:])]


def shape_of_squeeze(n, shape):
    axes = n.get("axes") or n.integers(1, [i for i, extent in enumerate(shape) if extent == 1])
    return [extent for i, extent in enumerate(shape) if i not in axes and i - len(shape) not in axes]


def shape_of_unsqueeze(n, shape):
    axes = n.get("axes") or n.integers(1)
    rank = len(shape) + len(axes)
    for axis in sorted((a + rank) % rank for a in axes):
        shape.insert(axis, 1)
    return shape


SHAPES = {"Reshape": shape_of_reshape, "Flatten": shape_of_flatten, "Squeeze": shape_of_squeeze, "Unsqueeze": shape_of_unsqueeze}


@operator("Transpose")
def transpose(n: Node):
    order = [int(i) for i in n.get("perm", range(len(n[0].shape))[::-1])]
    if n.alone and order[0] == 0:
        return n.b.node({"layer": "permute", "parameters": {"order": order[1:]}}, [n[0]], [n[0].shape[i] for i in order])
    return n.b.op("transpose", [n[0]], permutation=order)


@operator("Expand")
def expand(n: Node):
    return n.b.op("broadcast_to", [n[0]], shape=[int(e) for e in np.broadcast_shapes(n[0].shape, tuple(n.integers(1)))])


@operator("Tile")
def tile(n: Node):
    result = n[0]
    for axis, times in enumerate(n.integers(1)):
        result = result if times == 1 else n.b.op("concat", [result] * times, axis=axis)
    return result


@operator("Concat")
def concat(n: Node):
    """Our layer, where the batch stays."""
    axis = n.axis()
    parts = [part for part in n.operands if 0 not in part.shape]
    if axis == 0 or len(parts) < 2 or parts[0].dtype not in FLOATING:
        return n.b.op("concat", parts, axis=axis)
    shape = list(parts[0].shape)
    shape[axis] = sum(part.shape[axis] for part in parts)
    return n.b.node({"layer": "concat", "parameters": {"axis": axis}}, parts, shape)


@operator("Split")
def split(n: Node):
    axis = n.axis()
    extent, parts = n[0].shape[axis], len(n.proto.output)
    sizes = n.get("split") or n.integers(1)
    if not sizes:
        size = -(-extent // parts)
        sizes = [min(size, extent - i * size) for i in range(parts)]
    ends = np.cumsum(sizes)
    return [n.b.slice(n[0], axis, end - size, end) for size, end in zip(sizes, ends)]


@operator("Slice")
def slice_(n: Node):
    rank = len(n[0].shape)
    starts, ends = n.integers(1), n.integers(2)
    axes = n.integers(3, list(range(len(starts))))
    steps = n.integers(4, [1] * len(starts))
    if any(step != 1 for step in steps):
        raise narrower("our slice takes neighbours, without steps")
    result = n[0]
    for axis, start, end in zip(axes, starts, ends):
        axis = (axis + rank) % rank
        begin, end, _ = slice(start, end).indices(n[0].shape[axis])
        if n.alone and axis > 0 and begin < end and result.dtype in FLOATING:
            shape = result.shape[:axis] + (end - begin,) + result.shape[axis + 1:]
            result = n.b.node({"layer": "slice", "parameters": {"axis": axis, "begin": begin, "end": end}}, [result], shape)
        else:
            result = n.b.slice(result, axis, begin, end)
    return result


@operator("Pad")
def pad(n: Node):
    rank = len(n[0].shape)
    if n.get("mode", "constant") != "constant" or n.number(2, 0.0) != 0:
        raise narrower("our pad lays zeros")
    pads = n.integers(1)
    axes = [(a + rank) % rank for a in n.integers(3, list(range(rank)))]
    result = n[0]
    for axis, before, after in zip(axes, pads, pads[len(axes):]):
        result = n.b.pad(result, axis, max(before, 0), max(after, 0))
        result = n.b.slice(result, axis, max(-before, 0), result.shape[axis] - max(-after, 0))
    return result


@operator("CenterCropPad")
def center_crop_pad(n: Node):
    result, rank = n[0], len(n[0].shape)
    for axis, wanted in zip(n.get("axes", list(range(rank))), n.integers(1)):
        axis = (axis + rank) % rank
        extent = result.shape[axis]
        if wanted <= extent:
            begin = (extent - wanted) // 2
            result = n.b.slice(result, axis, begin, begin + wanted)
        else:
            before = (wanted - extent) // 2
            result = n.b.pad(result, axis, before, wanted - extent - before)
    return result


@operator("DepthToSpace")
def depth_to_space(n: Node):
    batch, channels, height, width = n[0].shape
    size = n.get("blocksize")
    depth = channels // size**2
    if n.get("mode", "DCR") == "DCR":
        parts, order = (batch, size, size, depth, height, width), (0, 3, 4, 1, 5, 2)
    else:
        parts, order = (batch, depth, size, size, height, width), (0, 1, 4, 2, 5, 3)
    moved = n.b.transpose(n.b.reshape(n[0], parts), order)
    return n.b.reshape(moved, (batch, depth, height * size, width * size))


@operator("SpaceToDepth")
def space_to_depth(n: Node):
    batch, depth, height, width = n[0].shape
    size = n.get("blocksize")
    order = (0, 3, 5, 1, 2, 4) if n.get("mode", "DCR") == "DCR" else (0, 1, 3, 5, 2, 4)
    moved = n.b.transpose(n.b.reshape(n[0], (batch, depth, height // size, size, width // size, size)), order)
    return n.b.reshape(moved, (batch, depth * size**2, height // size, width // size))


@operator("Cast", "CastLike")
def cast(n: Node):
    word = n[1].dtype if n.type == "CastLike" else word_of(str(onnx.helper.tensor_dtype_to_np_dtype(n.get("to"))))
    if word in ("f32", "f64") and not n.b.exact:
        if word != word_of(n.b.floating):
            raise OtherType()
        word = "float"
    return n[0] if n[0].dtype == word else n.b.op("cast", [n[0]], dtype=word)


def word_of(name):
    if name not in TYPES:
        raise LeftOut("type", name)
    return TYPES[name]


@operator("ConstantOfShape")
def constant_of_shape(n: Node):
    """In a graph its shape is known; here the shape is what the case gives."""
    value = n.get("value")
    array = np.zeros(1, np.float32) if value is None else onnx.numpy_helper.to_array(value)
    shape = n.integers(0)
    if 0 in shape:
        raise empty()
    like = n.b.given(array)
    return n.b.op("fill", [], dtype=like.dtype, shape=shape, value=float(array[0]))


@operator("Constant")
def constant(n: Node):
    array = onnx.numpy_helper.to_array(n.get("value"))
    like = n.b.given(array)
    return n.b.op("constant_values", [], dtype=like.dtype, shape=list(array.shape), values=[float(x) for x in array.flat])


# Looking up


def require_indices(indices, count):
    if indices.array is not None and ((indices.array < 0) | (indices.array >= count)).any():
        raise narrower("an index below 0 is not counted from the end, but stands for a row of zeros")


@operator("Gather")
def gather(n: Node):
    axis = n.axis()
    data, indices = n[0], n[1]
    require_indices(indices, data.shape[axis])
    if data.dtype not in FLOATING:
        raise narrower("our gather_rows takes rows of f32 and f64")
    rank = len(data.shape)
    first = n.b.transpose(data, [axis, *(i for i in range(rank) if i != axis)])
    rest = first.shape[1:]
    table = n.b.reshape(first, (first.shape[0], math.prod(rest)))
    rows = n.b.op("gather_rows", [table, n.b.indices(indices)])
    found = n.b.reshape(rows, indices.shape + rest)
    extra = len(indices.shape)
    order = [extra + i for i in range(axis)] + list(range(extra)) + [extra + i for i in range(axis, rank - 1)]
    return n.b.transpose(found, order)


@operator("ScatterND")
def scatter_nd(n: Node):
    data, indices, updates = n.operands
    if n.get("reduction", "none") != "add" or indices.shape[-1] != 1:
        raise narrower("our scatter_add_rows adds whole rows, and neither replaces nor picks elements")
    require_indices(indices, data.shape[0])
    width = math.prod(data.shape[1:])
    flat = n.b.reshape(n.b.indices(indices), (math.prod(indices.shape[:-1]),))
    rows = n.b.reshape(updates, (flat.shape[0], width))
    total = n.b.op("scatter_add_rows", [rows, flat], rows=int(data.shape[0]))
    return n.b.op("add", [data, n.b.reshape(total, data.shape)])


@operator("OneHot")
def one_hot(n: Node):
    depth = int(n.number(1))
    off, on = (float(x) for x in n.numbers(2))
    indices = n[0]
    if indices.array is not None and (indices.array < 0).any():
        raise narrower("an index below 0 is not counted from the end, but stands for a row of zeros")
    kind = str(n[2].array.dtype)
    if kind not in ("float32", "float64", "int32"):
        raise LeftOut("type", kind)
    hot = n.b.op("one_hot", [n.b.indices(indices)], classes=depth, dtype="float" if not n.b.exact else "f32")
    hot = hot if (off, on) == (0, 1) else n.b.affine(hot, on - off, off)
    rank = len(indices.shape) + 1
    axis = (n.get("axis", -1) + rank) % rank
    order = list(range(rank - 1))
    order.insert(axis, rank - 1)
    hot = n.b.transpose(hot, order)
    return n.b.op("cast", [hot], dtype="i32") if kind == "int32" else hot


@operator("Einsum")
def einsum(n: Node):
    equation = n.get("equation").replace(" ", "")
    if equation == "ij->ji":
        return n.b.op("transpose", [n[0]], permutation=[1, 0])
    if equation == "ij->i":
        return n.b.reduce("sum", n[0], [1], False)
    if equation == "->":
        return unchanged(n)
    if equation == "bij,bjk->bik":
        return n.b.op("matmul", [n[0], n[1]], transpose_a=0, transpose_b=0)
    if equation == "i,i":
        return n.b.reduce("sum", n.b.op("multiply", [n[0], n[1]]), [0], False)
    raise LeftOut("missing", "sums over index words such as a diagonal's")
