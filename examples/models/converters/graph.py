"""Builds ONNX networks, with names and constants made on the way."""

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper


class Graph:
    """A network of one picture.

    @param opset 10 knows the limits of Clip as attributes, which is all that OpenCV 4 takes; 11 knows how Resize places pixels
    """

    def __init__(self, opset: int) -> None:
        self.opset = opset
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, onnx.TensorProto] = {}
        self.inputs: list[onnx.ValueInfoProto] = []
        self.outputs: list[onnx.ValueInfoProto] = []

    def input(self, name: str, shape: list[int]) -> str:
        self.inputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
        return name

    def constant(self, array: numpy.ndarray, name: str = "") -> str:
        name = name or f"constant{len(self.constants)}"
        self.constants[name] = numpy_helper.from_array(numpy.ascontiguousarray(array), name)
        return name

    def floats(self, values: object) -> str:
        return self.constant(numpy.asarray(values, numpy.float32))

    def integers(self, values: object) -> str:
        return self.constant(numpy.asarray(values, numpy.int64))

    def node(self, operator: str, *inputs: str, outputs: int = 1, **attributes: object):
        """@return the name of its output, or of its outputs"""
        names = [f"{operator}{len(self.nodes)}" + (f"_{i}" if outputs > 1 else "") for i in range(outputs)]
        self.nodes.append(helper.make_node(operator, list(inputs), names, **attributes))
        return names[0] if outputs == 1 else names

    def relu6(self, value: str) -> str:
        if self.opset < 11:
            return self.node("Clip", value, min=0.0, max=6.0)
        return self.node("Clip", value, self.floats(0), self.floats(6))

    def slice(self, value: str, axis: int, begin: int, end: int) -> str:
        if self.opset < 10:
            return self.node("Slice", value, starts=[begin], ends=[end], axes=[axis])
        return self.node("Slice", value, self.integers([begin]), self.integers([end]), self.integers([axis]))

    def reshape(self, value: str, shape: list[int]) -> str:
        return self.node("Reshape", value, self.integers(shape))

    def output(self, value: str, name: str, shape: list[int]) -> None:
        self.nodes.append(helper.make_node("Identity", [value], [name]))
        self.outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))

    def network(self) -> bytes:
        """The file, checked."""
        used = {name for node in self.nodes for name in node.input}
        constants = [tensor for name, tensor in self.constants.items() if name in used]
        graph = helper.make_graph(self.nodes, "network", self.inputs, self.outputs, constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", self.opset)], ir_version=8,
                                  producer_name="Conveyor's examples/models")
        onnx.checker.check_model(model, full_check=True)
        return model.SerializeToString(deterministic=True)


def same_padding(side: int, kernel: int, stride: int, dilation: int = 1) -> tuple[int, int, int]:
    """As TensorFlow pads "SAME": the side of the result, and the pixels before and behind."""
    result = -(-side // stride)
    pixels = max((result - 1) * stride + (kernel - 1) * dilation + 1 - side, 0)
    return result, pixels // 2, pixels - pixels // 2
