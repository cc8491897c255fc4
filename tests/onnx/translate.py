#!/usr/bin/env python3
"""Makes the fixture of tests/onnx: the ONNX project's own test cases of its operators, as programs of ours.

    python3 -m venv VENV && VENV/bin/pip install onnx==1.23.0
    VENV/bin/python tests/onnx/translate.py     writes cases.json and cases.safetensors beside this file, and docs/onnx.md

Every case of `onnx.backend.test.case.node` is either translated or left out for a reason. cases.json holds

    "cases": {"name", "operator", "body" (whether it is an operator's definition by others, as ONNX gives it),
              "exact" (whether floating types are as given, rather than the one the test runs in),
              "tolerance" (where a case's expected numbers are rounded to a few digits),
              "inputs": {"value": number, "tensor": name of a tensor, "dtype"},
              "nodes": {"op" with "attributes", or "activation" with "options", or "layer" or "loss" with "parameters";
                        "inputs", "outputs": numbers of values; a layer's "weights" by name; "training"},
              "outputs": {"value", "tensor"}}
    "left_out": {"kind", "why", "cases": names}

The tensors lie in cases.safetensors, each once, under their numbers. The type "float" is the one that a test runs in.
"""
import collections
import dataclasses
import json
import pathlib
import sys
import warnings
import zlib

import numpy as np
import onnx
from onnx.reference import ReferenceEvaluator

import elementwise  # noqa: F401  the four modules declare their operators
import images  # noqa: F401
import movement  # noqa: F401
import networks  # noqa: F401
import report
from builder import FLOATING, Builder, LeftOut, OtherType, Value, empty
from missing import FAMILY_OF, RANDOM, STATIC
from registry import TRANSLATORS, Node

VERSION = "1.23.0"
MOST_BYTES = 128 * 1024  # of a case's tensors that no other has

# Expected numbers that are written out in the case, rounded to four digits.
ROUNDED = {"test_averagepool_2d_ceil_last_window_starts_on_pad": 1e-4}

here = pathlib.Path(__file__).resolve().parent


@dataclasses.dataclass
class Case:
    name: str
    operator: str
    body: bool
    program: dict | None = None
    left_out: LeftOut | None = None


# One case


def array_of(given):
    """Cases give some tensors as ONNX's files hold them."""
    return onnx.numpy_helper.to_array(given) if isinstance(given, onnx.TensorProto) else given


def has_no_counterpart(name):
    if name in STATIC.split():
        return LeftOut("static", "every shape of ours is known before a program runs")
    if name in RANDOM.split():
        return LeftOut("random", "random numbers are ours by seed, and the case's by another generator")
    return LeftOut("missing", FAMILY_OF[name])


class Translation:
    """The case's graph, node by node; what depends on constants and shapes alone is computed here."""

    def __init__(self, model, inputs, outputs, exact):
        self.graph = model.graph
        self.opset = next((o.version for o in model.opset_import if o.domain in ("", "ai.onnx")), 0)
        self.imports = model.opset_import
        floats = {str(a.dtype) for a in [*inputs, *outputs] if getattr(a, "dtype", None) in (np.float32, np.float64)}
        if len(floats) == 2 and not exact:
            raise OtherType()
        self.b = Builder(None if exact else next(iter(floats), "float32"))
        self.values = {"": None}
        for described, array in zip(self.graph.input, inputs):
            self.values[described.name] = array  # becomes a value when it is read
        self.alone = len(self.graph.node) == 1

    def read(self, name):
        value = self.values[name]
        if value is None or isinstance(value, Value):
            return value
        self.values[name] = self.b.given(value)
        return self.values[name]

    def run(self):
        for node in self.graph.node:
            if self.alone and node.op_type not in TRANSLATORS:
                raise has_no_counterpart(node.op_type)
            operands = [self.read(name) for name in node.input]
            results = self.folded(node, operands)
            if results is None:
                if node.op_type not in TRANSLATORS:
                    raise has_no_counterpart(node.op_type)
                results = TRANSLATORS[node.op_type](Node(node, self.b, operands, self.opset, self.alone))
            self.values.update(zip(node.output, results if isinstance(results, list) else [results]))

    def folded(self, node, operands):
        """The results where they are the same in every run, else None."""
        if self.alone:
            return None
        if node.op_type in STATIC.split():
            array = np.array(operands[0].shape, np.int64)
            if node.op_type == "Size":
                return [self.b.given(np.array(array.prod(), np.int64), folds=True)]
            bounds = {a.name: a.i for a in node.attribute}
            return [self.b.given(array[slice(bounds.get("start", 0), bounds.get("end"))], folds=True)]
        if node.op_type == "CastLike" and operands[0].folds and not operands[1].folds and operands[1].dtype in FLOATING:
            floating = {"f32": "float32", "f64": "float64"}.get(operands[1].dtype, self.b.floating)
            return [self.b.given(operands[0].array.astype(floating), folds=True)]
        if not all(x is None or x.folds for x in operands) or any(a.type == onnx.AttributeProto.GRAPH for a in node.attribute):
            return None
        graph = onnx.helper.make_graph(
            [node], "folded", [],
            [onnx.helper.make_empty_tensor_value_info(name) for name in node.output if name],
            [onnx.numpy_helper.from_array(x.array, name) for name, x in zip(node.input, operands) if x is not None])
        model = onnx.helper.make_model(graph, opset_imports=self.imports)
        return [self.b.given(np.asarray(a), folds=True) for a in ReferenceEvaluator(model).run(None, {})]

    def outputs(self, expected):
        """What the case expects of each of the program's values, checked against what the translators believe."""
        found = []
        for described, array in zip(self.graph.output, expected):
            value = self.read(described.name)
            wanted = self.b.given(array)
            if 0 in wanted.shape:
                raise empty()
            assert value.boolean == wanted.boolean and (wanted.boolean or value.dtype == wanted.dtype), described.name
            assert tuple(value.shape) == tuple(wanted.shape), described.name
            found.append((self.b.place(value), np.asarray(array)))
        return found


def translate(model, inputs, outputs):
    """The program and its outputs, or LeftOut is thrown."""
    for exact in (False, True):
        try:
            translation = Translation(model, inputs, outputs, exact)
            translation.run()
            found = translation.outputs(outputs)
        except OtherType:
            if exact:
                raise LeftOut("narrower", "our ops take operands of one floating type") from None
            continue
        assert translation.b.nodes, "nothing is left to run"
        return translation.b, found


# All cases


class Tensors:
    """The fixture's tensors, each once."""

    def __init__(self):
        self.numbers = {}
        self.arrays = []

    def key(self, array):
        array = np.ascontiguousarray(array.astype(np.uint8) if array.dtype == bool else array).reshape(array.shape)
        return (str(array.dtype), array.shape, array.tobytes()), array

    def new_bytes(self, arrays):
        keys = {self.key(a)[0] for a in arrays}
        return sum(len(key[2]) for key in keys if key not in self.numbers)

    def add(self, array):
        key, array = self.key(array)
        if key not in self.numbers:
            self.numbers[key] = str(len(self.arrays))
            self.arrays.append(array)
        return self.numbers[key]

    def write(self, path):
        """The safetensors format: the header's length, the header, the bytes one after the other."""
        header, offset = {}, 0
        data = b"".join(a.tobytes() for a in self.arrays)
        for number, array in enumerate(self.arrays):
            word = {"float32": "F32", "float64": "F64", "int32": "I32", "int64": "I64", "uint8": "U8"}[str(array.dtype)]
            header[str(number)] = {"dtype": word, "shape": list(array.shape), "data_offsets": [offset, offset + array.nbytes]}
            offset += array.nbytes
        header["__metadata__"] = {"made_by": f"tests/onnx/translate.py, onnx {VERSION}", "crc32": f"{zlib.crc32(data):08x}"}
        text = json.dumps(header, separators=(",", ":")).encode()
        text += b" " * (-len(text) % 8)
        path.write_bytes(len(text).to_bytes(8, "little") + text + data)


def entry_of(case, builder, outputs, tensors):
    arrays = [a for _, a, _ in builder.inputs] + [a for _, a in outputs]
    if tensors.new_bytes(arrays) > MOST_BYTES:
        raise LeftOut("large", f"more than {MOST_BYTES // 1024} KiB of numbers, which the fixture leaves out")
    rounded = {"tolerance": ROUNDED[case.name]} if case.name in ROUNDED else {}
    return {"name": case.name, "operator": case.operator, "body": case.body, "exact": builder.exact, **rounded,
            "inputs": [{"value": i, "tensor": tensors.add(a), "dtype": dtype} for i, a, dtype in builder.inputs],
            "nodes": builder.nodes, "outputs": [{"value": i, "tensor": tensors.add(a)} for i, a in outputs]}


def collect():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        np.random.seed(0)
        from onnx.backend.test.case.node import collect_testcases
        return collect_testcases(None)


def translate_all(found, tensors):
    operators = {c.name: c.model.graph.node[0].op_type for c in found if "_expanded" not in c.name}
    cases = []
    for c in found:
        body = "_expanded" in c.name
        operator = operators[c.name.split("_expanded")[0]] if body else c.model.graph.node[0].op_type
        case = Case(c.name, operator, body)
        inputs, outputs = ([array_of(x) for x in side] for side in c.data_sets[0])
        try:
            case.program = entry_of(case, *translate(c.model, inputs, outputs), tensors)
        except LeftOut as reason:
            case.left_out = reason
        cases.append(case)
    return cases


def main():
    if onnx.__version__ != VERSION:
        sys.exit(f"onnx {onnx.__version__} is installed, and the fixture is of {VERSION}: pip install onnx=={VERSION}")
    tensors = Tensors()
    cases = translate_all(collect(), tensors)
    left_out = collections.defaultdict(list)
    for case in cases:
        if case.left_out:
            left_out[case.left_out.kind, case.left_out.why].append(case.name)
    programs = [json.dumps(c.program, separators=(",", ":")) for c in cases if c.program]
    reasons = [json.dumps({"kind": kind, "why": why, "cases": names}) for (kind, why), names in sorted(left_out.items())]
    (here / "cases.json").write_text(
        f'{{"made_by": "tests/onnx/translate.py", "onnx": "{VERSION}",\n"cases": [\n' + ",\n".join(programs) +
        '\n],\n"left_out": [\n' + ",\n".join(reasons) + "\n]}\n")
    tensors.write(here / "cases.safetensors")
    (here.parents[1] / "docs" / "onnx.md").write_text(report.text(cases, VERSION))
    print(f"{len(cases)} cases, {len(programs)} apply; {sum(a.nbytes for a in tensors.arrays)} bytes of tensors")


if __name__ == "__main__":
    main()
