"""Which ONNX operators are translated, and what their translators see."""
import dataclasses

import numpy as np
import onnx

from builder import Builder, LeftOut, Value, narrower

TRANSLATORS = {}


def operator(*names):
    """Declares how these operators are written with ours: a function of a Node to a result or several."""
    def declare(function):
        for name in names:
            TRANSLATORS[name] = function
        return function
    return declare


@dataclasses.dataclass
class Node:
    """One ONNX node, its operands translated."""
    proto: onnx.NodeProto
    b: Builder
    operands: list  # of Value, None where one is left out
    opset: int
    alone: bool  # the only node of its case

    @property
    def type(self):
        return self.proto.op_type

    @property
    def attributes(self):
        return {a.name: onnx.helper.get_attribute_value(a) for a in self.proto.attribute}

    def get(self, name, default=None):
        value = self.attributes.get(name, default)
        return value.decode() if isinstance(value, bytes) else value

    def has(self, index):
        return index < len(self.operands) and self.operands[index] is not None

    def wants(self, index):
        """Whether anybody reads this result."""
        return index < len(self.proto.output) and self.proto.output[index] != ""

    def __getitem__(self, index) -> Value:
        return self.operands[index]

    def numbers(self, index, default=None):
        """An operand's numbers, where the operator takes as an operand what is an attribute or a shape of ours."""
        if not self.has(index):
            return default
        if self[index].array is None:
            raise narrower("what the operator takes as an operand is fixed when a program is made")
        return self[index].array

    def integers(self, index, default=None):
        found = self.numbers(index)
        return default if found is None else [int(n) for n in np.ravel(found)]

    def number(self, index, default=None):
        found = self.numbers(index)
        return default if found is None else float(np.ravel(found)[0])

    def axis(self, name="axis", default=0, rank=None):
        rank = len(self[0].shape) if rank is None else rank
        return (self.get(name, default) + rank) % rank if rank else 0

    def images(self, what):
        """Fails unless operand 0 has two axes behind its channels."""
        if len(self[0].shape) != 4:
            raise narrower(f"our {what} is over two axes, not {len(self[0].shape) - 2}")


__all__ = ["LeftOut", "Node", "TRANSLATORS", "Value", "narrower", "operator"]
