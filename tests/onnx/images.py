"""Operators on images: convolution, pooling, resampling."""
import math


from registry import Node, narrower, operator


def as_images(n, x):
    """A sequence N×C×L as images of one row."""
    if len(x.shape) == 3:
        return n.b.reshape(x, x.shape[:2] + (1, x.shape[2]))
    return x


def window_of(n, kernel, what):
    """What operators with windows share, over two axes: of sequences the first is one row."""
    if len(kernel) > 2:
        raise narrower(f"our {what} is over one or two axes, not {len(kernel)}")
    padded = [1] * (2 - len(kernel))
    pads = n.get("pads", [0] * 2 * len(kernel))
    half = len(kernel)
    sides = [0, 0] * len(padded) + [side for i in range(half) for side in (pads[i], pads[half + i])]
    return (padded + list(kernel), padded + list(n.get("strides", [1] * half)), padded + list(n.get("dilations", [1] * half)),
            sides)


def same_padding(size, kernel, stride, lower):
    total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
    small, large = total // 2, total - total // 2
    return [large, small] if lower else [small, large]


def padding_of(n, x, kernel, strides, dilations, sides):
    """{top, bottom, left, right}"""
    automatic = n.get("auto_pad", "NOTSET")
    if automatic in ("NOTSET", "VALID"):
        return sides
    return [side for i in range(2)
            for side in same_padding(x.shape[2 + i], (kernel[i] - 1) * dilations[i] + 1, strides[i], automatic == "SAME_LOWER")]


def flattened(n, y):
    """Back to a sequence where operand 0 is one."""
    return n.b.reshape(y, y.shape[:2] + y.shape[3:]) if len(n[0].shape) == 3 else y


@operator("Conv")
def conv(n: Node):
    kernel, strides, dilations, sides = window_of(n, n[1].shape[2:], "convolution")
    x, weights = as_images(n, n[0]), as_images(n, n[1])
    padding = padding_of(n, x, kernel, strides, dilations, sides)
    size = [(x.shape[2 + i] + padding[2 * i] + padding[2 * i + 1] - dilations[i] * (kernel[i] - 1) - 1) // strides[i] + 1
            for i in range(2)]
    filters = weights.shape[0]
    owned = {"kernel": weights} | ({"bias": n[2]} if n.has(2) else {})
    parameters = {"filters": filters, "kernel": kernel, "stride": strides, "padding": padding, "dilation": dilations,
                  "groups": n.get("group", 1), "bias": n.has(2)}
    return flattened(n, n.b.node({"layer": "conv2d", "parameters": parameters}, [x], (x.shape[0], filters, *size), weights=owned))


@operator("ConvTranspose")
def conv_transpose(n: Node):
    """Our conv2d_transpose layer; the op under it where there are groups or dilations, which the layer has not."""
    kernel, strides, dilations, sides = window_of(n, n[1].shape[2:], "convolution")
    x, weights = as_images(n, n[0]), as_images(n, n[1])
    missing = [0] * (4 - len(n[0].shape))
    extra = missing + list(n.get("output_padding", [0] * (len(n[0].shape) - 2)))
    full = [(x.shape[2 + i] - 1) * strides[i] + (kernel[i] - 1) * dilations[i] + 1 for i in range(2)]
    automatic = n.get("auto_pad", "NOTSET")
    wanted = n.get("output_shape")
    if automatic.startswith("SAME"):
        wanted = [x.shape[2 + i] * strides[i] for i in range(2)]
    padding, size = sides, [full[i] + extra[i] - sides[2 * i] - sides[2 * i + 1] for i in range(2)]
    if wanted:
        padding, size = [], list(wanted)
        for i in range(2):
            total = full[i] + extra[i] - wanted[i]
            small, large = total // 2, total - total // 2
            begin, end = (small, large) if automatic == "SAME_UPPER" else (large, small)
            padding += [max(begin, 0), max(end, 0)]
    open_ends = [size[i] - full[i] + padding[2 * i] + padding[2 * i + 1] for i in range(2)]
    if n.get("group", 1) == 1 and dilations == [1, 1] and all(0 <= e < s for e, s in zip(open_ends, strides)):
        filters = weights.shape[1]
        owned = {"kernel": weights} | ({"bias": n[2]} if n.has(2) else {})
        parameters = {"filters": filters, "kernel": kernel, "stride": strides, "padding": padding, "output_padding": open_ends,
                      "bias": n.has(2)}
        return flattened(n, n.b.node({"layer": "conv2d_transpose", "parameters": parameters}, [x], (x.shape[0], filters, *size),
                                     weights=owned))
    y = n.b.op("conv2d_backward_data", [x, weights], strides=strides, padding=padding, dilations=dilations, groups=n.get("group", 1),
               input_size=size)
    return flattened(n, n.b.op("bias_add", [y, n[2]]) if n.has(2) else y)


@operator("MaxPool", "AveragePool")
def pool(n: Node):
    what = "pooling"
    kernel, strides, dilations, sides = window_of(n, n.get("kernel_shape"), what)
    if n.wants(1):
        raise narrower("where our max_pool2d found the largest is for its gradient alone")
    if any(d != 1 for d in dilations):
        raise narrower("our pooling has no dilations")
    x = as_images(n, n[0])
    padding = padding_of(n, x, kernel, strides, dilations, sides)
    counts = bool(n.get("count_include_pad", 0))
    size = []
    for i in range(2):
        before, after = padding[2 * i:2 * i + 2]
        span = x.shape[2 + i] + before + after - kernel[i]
        outputs = span // strides[i] + 1
        if n.get("ceil_mode", 0) and span % strides[i] and outputs * strides[i] < x.shape[2 + i] + before:
            if counts:
                raise narrower("our mean counts all of the padding or none of it")
            outputs += 1
            padding[2 * i + 1] = (outputs - 1) * strides[i] + kernel[i] - x.shape[2 + i] - before
        size.append(outputs)
    words = {"layer": "max_pool2d" if n.type == "MaxPool" else "avg_pool2d",
             "parameters": {"kernel": kernel, "stride": strides, "padding": padding}}
    if n.type == "AveragePool":
        words["parameters"]["count_include_pad"] = counts
    return flattened(n, n.b.node(words, [x], x.shape[:2] + tuple(size)))


@operator("GlobalAveragePool", "GlobalMaxPool")
def global_pool(n: Node):
    n.images("pooling")
    if n.type == "GlobalMaxPool":
        return n.b.reduce("max", n[0], [2, 3])
    return n.b.node({"layer": "global_avg_pool2d", "parameters": {"keep_dims": True}}, [n[0]], n[0].shape[:2] + (1, 1))


# Resampling: ours has half-pixel centres, and "nearest" takes the pixel at ⌊(i + ½)·H/H'⌋. A case applies where it takes the same.


def coordinate(mode, i, scale, before, after):
    """Where output pixel i lies in the input, or None for what is not a matter of one axis."""
    if mode == "asymmetric":
        return i / scale
    if mode == "align_corners":
        return 0.0 if after == 1 else i * (before - 1) / (after - 1)
    if mode == "half_pixel_symmetric":
        adjustment = after / (scale * before)
        return before / 2 * (1 - adjustment) + (i + 0.5) / scale - 0.5
    if mode == "pytorch_half_pixel" and after == 1:
        return 0.0
    return (i + 0.5) / scale - 0.5


ROUND = {"round_prefer_floor": lambda x: math.ceil(x - 0.5), "round_prefer_ceil": lambda x: math.floor(x + 0.5),
         "floor": math.floor, "ceil": math.ceil}


def picks_alike(mode, nearest, scale, before, after):
    ours = [min((2 * i + 1) * before // (2 * after), before - 1) for i in range(after)]
    theirs = [ROUND[nearest](coordinate(mode, i, scale, before, after)) for i in range(after)]
    return ours == [min(max(t, 0), before - 1) for t in theirs]


def lies_alike(mode, scale, before, after):
    def held(x):
        return min(max(x, 0.0), before - 1.0)

    return all(abs(held((i + 0.5) * before / after - 0.5) - held(coordinate(mode, i, scale, before, after))) < 1e-6
               for i in range(after))


@operator("Resize", "Upsample")
def resize(n: Node):
    n.images("resampling")
    size, scales = target_of(n)
    mode = n.get("mode", "nearest")
    if mode == "cubic":
        raise narrower("our resampling is nearest or bilinear, not cubic")
    if n.get("antialias", 0) and any(s < 1 for s in scales):
        raise narrower("our resampling does not smooth what it makes smaller")
    where = "asymmetric" if n.type == "Upsample" else n.get("coordinate_transformation_mode", "half_pixel")
    if where == "tf_crop_and_resize":
        raise narrower("our resampling takes the whole image")
    nearest = "floor" if n.type == "Upsample" else n.get("nearest_mode", "round_prefer_floor")
    for before, after, scale in zip(n[0].shape[2:], size, scales):
        if not (picks_alike(where, nearest, scale, before, after) if mode == "nearest" else lies_alike(where, scale, before, after)):
            if mode == "nearest" and picks_alike(where, "round_prefer_ceil", scale, before, after):
                raise narrower("midway between two pixels our resampling takes the later one, as PyTorch's nearest-exact")
            raise narrower("our resampling has half-pixel centres and maps the whole image onto the whole")
    parameters = {"size": size, "mode": "nearest" if mode == "nearest" else "bilinear"}
    return n.b.node({"layer": "upsample", "parameters": parameters}, [n[0]], n[0].shape[:2] + tuple(size))


def target_of(n):
    """The size of rows and columns, and by what ONNX scales them."""
    shape = n[0].shape
    axes = [(a + 4) % 4 for a in n.get("axes", [0, 1, 2, 3])]
    given = n.numbers(1 if n.type == "Upsample" else 2)
    if given is not None and given.size:
        scale = dict(zip(axes, (float(s) for s in given)))
    else:
        wanted = dict(zip(axes, n.integers(3)))
        scale = {a: wanted[a] / shape[a] for a in axes}
        policy = n.get("keep_aspect_ratio_policy", "stretch")
        if policy != "stretch":
            scale = dict.fromkeys(axes, (min if policy == "not_larger" else max)(scale.values()))
            sizes = [math.floor(scale.get(a, 1) * shape[a] + 0.5) for a in (2, 3)]
            return sizes, [scale.get(a, 1.0) for a in (2, 3)]
    if any(scale.get(a, 1.0) != 1 for a in (0, 1)):
        raise narrower("our resampling is over rows and columns")
    sizes = [math.floor(scale.get(a, 1.0) * shape[a] + 1e-6) for a in (2, 3)]
    return sizes, [scale.get(a, 1.0) for a in (2, 3)]
