"""Turns the layers of a TensorFlow graph of convolutions into ONNX."""

import dataclasses
import math

import numpy

from .graph import Graph, same_padding
from .tensorflow_graph import Node


@dataclasses.dataclass
class Value:
    """What a node gives, as it is in ONNX."""

    name: str
    shape: list[int]  # in TensorFlow's order: batch, height, width, channels
    planes: bool = False  # of 4 dimensions, channels before height and width


class Layers:
    """ONNX nodes are made when their values are asked for, so that only what the outputs need is turned.

    TensorFlow has channels last, ONNX first. Values of convolutions stay channels first until something asks for them as
    TensorFlow has them.
    """

    def __init__(self, nodes: dict[str, Node], graph: Graph, input_node: str, input_value: Value) -> None:
        self.nodes = nodes
        self.graph = graph
        self.made: dict[str, list[Value]] = {input_node: [input_value]}

    def value(self, reference: str) -> Value:
        """@param reference "node" or "node:output" """
        name, _, output = reference.partition(":")
        if name not in self.made:
            node = self.nodes[name]
            layer = LAYERS.get(node.op)
            if layer is None:
                raise ValueError(f"{name}: the operator {node.op} is not known")
            given = layer(self, node)
            self.made[name] = given if isinstance(given, list) else [given]
        return self.made[name][int(output or 0)]

    def channels_last(self, reference: str) -> Value:
        value = self.value(reference)
        if not value.planes:
            return value
        return Value(self.graph.node("Transpose", value.name, perm=[0, 2, 3, 1]), value.shape)

    def constant(self, reference: str) -> numpy.ndarray | None:
        node = self.nodes[reference.partition(":")[0]]
        if node.op == "Identity":
            return self.constant(node.inputs[0])
        return node.attributes["value"] if node.op == "Const" else None

    def const(self, node: Node) -> Value:
        array = node.attributes["value"]
        array = array.astype(numpy.int64) if array.dtype == numpy.int32 else array
        return Value(self.graph.constant(array, node.name), list(array.shape))

    def identity(self, node: Node) -> Value:
        return self.value(node.inputs[0])

    def convolution(self, node: Node) -> Value:
        into = self.value(node.inputs[0])
        weights = self.constant(node.inputs[1])
        height, width, channels, count = weights.shape
        is_depthwise = "Depthwise" in node.op
        if is_depthwise:
            weights = weights.transpose(2, 3, 0, 1).reshape(channels * count, 1, height, width)
        else:
            weights = weights.transpose(3, 2, 0, 1)
        strides = node.attributes["strides"][1:3]
        dilations = node.attributes.get("dilations", [1, 1, 1, 1])[1:3]
        sides, pads = self.padding(node, into.shape, (height, width), dilations)
        fused = node.attributes.get("fused_ops", [])
        inputs = [into.name, self.graph.constant(weights, f"{node.name}/weights")]
        if b"BiasAdd" in fused:
            inputs.append(self.graph.constant(self.constant(node.inputs[2]), f"{node.name}/bias"))
        name = self.graph.node("Conv", *inputs, kernel_shape=[height, width], strides=strides, pads=pads, dilations=dilations,
                               group=channels if is_depthwise else 1)
        for operator in fused:
            if operator in (b"Relu", b"Relu6"):
                name = self.graph.relu6(name) if operator == b"Relu6" else self.graph.node("Relu", name)
            elif operator != b"BiasAdd":
                raise ValueError(f"{node.name}: the fused operator {operator.decode()} is not known")
        return Value(name, [into.shape[0], *sides, len(weights)], planes=True)

    @staticmethod
    def padding(node: Node, shape: list[int], kernel: tuple[int, int], dilations: list[int]) -> tuple[list[int], list[int]]:
        """Height and width of the result, and ONNX's pads."""
        strides = (node.attributes.get("strides"))[1:3]
        if node.attributes["padding"] == b"VALID":
            return [(shape[1 + i] - kernel[i]) // strides[i] + 1 for i in range(2)], [0, 0, 0, 0]
        both = [same_padding(shape[1 + i], kernel[i], strides[i], dilations[i]) for i in range(2)]
        return [side for side, _, _ in both], [both[0][1], both[1][1], both[0][2], both[1][2]]

    def batch_normalization(self, node: Node) -> Value:
        into = self.value(node.inputs[0])
        scale, offset, mean, variance = (self.constant(name).astype(numpy.float64) for name in node.inputs[1:5])
        factor = scale / numpy.sqrt(variance + node.attributes["epsilon"])
        by_channel = (1, -1, 1, 1)
        name = self.graph.node("Mul", into.name, self.graph.floats(factor.reshape(by_channel)))
        name = self.graph.node("Add", name, self.graph.floats((offset - mean * factor).reshape(by_channel)))
        return Value(name, into.shape, into.planes)

    def bias(self, node: Node) -> Value:
        into = self.value(node.inputs[0])
        bias = self.graph.floats(self.constant(node.inputs[1]).reshape(1, -1, 1, 1))
        return Value(self.graph.node("Add", into.name, bias), into.shape, into.planes)

    def activation(self, node: Node) -> Value:
        into = self.value(node.inputs[0])
        name = self.graph.relu6(into.name) if node.op == "Relu6" else self.graph.node(node.op, into.name)
        return Value(name, into.shape, into.planes)

    def arithmetic(self, node: Node) -> Value:
        # FloorDiv and FloorMod are those of whole numbers from 0 on, of which ONNX's are the same.
        operator = {"AddV2": "Add", "FloorDiv": "Div", "FloorMod": "Mod"}.get(node.op, node.op)
        values = [self.value(name) for name in node.inputs]
        planes = any(value.planes for value in values)
        names = []
        for value, reference in zip(values, node.inputs):
            if planes and not value.planes:
                array = self.constant(reference)
                names.append(self.graph.constant(array.reshape(1, -1, 1, 1) if array.size > 1 else array.reshape(1, 1, 1, 1)))
            else:
                names.append(value.name)
        shape = list(numpy.broadcast_shapes(*(value.shape for value in values)))
        return Value(self.graph.node(operator, *names), shape, planes)

    def mean(self, node: Node) -> Value:
        into = self.value(node.inputs[0])
        axes = sorted(self.constant(node.inputs[1]).ravel().tolist())
        if not into.planes or axes != [1, 2] or not node.attributes.get("keep_dims"):
            raise ValueError(f"{node.name}: only the mean over height and width is known, with its dimensions kept")
        return Value(self.graph.node("GlobalAveragePool", into.name), [into.shape[0], 1, 1, into.shape[3]], planes=True)

    def max_pool(self, node: Node) -> Value:
        into = self.value(node.inputs[0])
        kernel = node.attributes["ksize"][1:3]
        sides, pads = self.padding(node, into.shape, kernel, [1, 1])
        name = self.graph.node("MaxPool", into.name, kernel_shape=kernel, strides=node.attributes["strides"][1:3], pads=pads)
        return Value(name, [into.shape[0], *sides, into.shape[3]], planes=True)

    def resize(self, node: Node) -> Value:
        into = self.value(node.inputs[0])
        sides = self.constant(node.inputs[1])
        # Of a size that the graph computes: it doubles both sides.
        sides = [2 * into.shape[1], 2 * into.shape[2]] if sides is None else [int(side) for side in sides]
        places = "half_pixel" if node.attributes.get("half_pixel_centers") else "asymmetric"
        places = "align_corners" if node.attributes.get("align_corners") else places
        to = self.graph.integers([into.shape[0], into.shape[3], *sides])
        name = self.graph.node("Resize", into.name, "", "", to, mode="linear", coordinate_transformation_mode=places)
        return Value(name, [into.shape[0], *sides, into.shape[3]], planes=True)

    def concatenation(self, node: Node) -> Value:
        values = [self.value(name) for name in node.inputs[:-1]]
        planes = all(value.planes for value in values)
        if not planes:
            values = [self.channels_last(name) for name in node.inputs[:-1]]
        axis = int(self.constant(node.inputs[-1])) % len(values[0].shape)
        shape = list(values[0].shape)
        shape[axis] = sum(value.shape[axis] for value in values)
        turned = [0, 2, 3, 1][axis] if planes else axis
        return Value(self.graph.node("Concat", *(value.name for value in values), axis=turned), shape, planes)

    def reshape(self, node: Node) -> Value:
        into = self.channels_last(node.inputs[0])
        shape = self.wanted_shape(node.inputs[1])
        known = math.prod(side for side in shape if side != -1)
        shape = [math.prod(into.shape) // known if side == -1 else side for side in shape]
        return Value(self.graph.reshape(into.name, shape), shape)

    def wanted_shape(self, reference: str) -> list[int]:
        array = self.constant(reference)
        if array is not None:
            return [int(side) for side in array]
        node = self.nodes[reference]
        if node.op != "Pack":
            raise ValueError(f"{reference}: a shape by {node.op} is not known")
        # What is computed is the number of pictures.
        sides = [self.constant(name) for name in node.inputs]
        return [1 if side is None else int(side) for side in sides]

    def other_dimensions(self, node: Node) -> Value:
        into = self.channels_last(node.inputs[0])
        shape = list(into.shape)
        if node.op == "ExpandDims":
            axis = int(self.constant(node.inputs[1]))
            shape.insert(axis if axis >= 0 else len(shape) + 1 + axis, 1)
        else:
            gone = [axis % len(shape) for axis in node.attributes.get("squeeze_dims", [])]
            shape = [side for axis, side in enumerate(shape) if (axis not in gone if gone else side != 1)]
        return Value(self.graph.reshape(into.name, shape), shape)

    def cast(self, node: Node) -> Value:
        into = self.value(node.inputs[0])
        return Value(self.graph.node("Cast", into.name, to=1), into.shape, into.planes)  # to float

    def top(self, node: Node) -> list[Value]:
        into = self.channels_last(node.inputs[0])
        count = int(self.constant(node.inputs[1]))
        values, places = self.graph.node("TopK", into.name, self.graph.integers([count]), outputs=2)
        shape = into.shape[:-1] + [count]
        return [Value(values, shape), Value(places, shape)]

    def gather(self, node: Node) -> Value:
        into, places = self.channels_last(node.inputs[0]), self.value(node.inputs[1])
        if int(self.constant(node.inputs[2])) != 0:
            raise ValueError(f"{node.name}: only gathering along the first dimension is known")
        return Value(self.graph.node("Gather", into.name, places.name, axis=0), places.shape + into.shape[1:])

    def strided_slice(self, node: Node) -> Value:
        into = self.channels_last(node.inputs[0])
        begins, ends, strides = (self.constant(name).tolist() for name in node.inputs[1:4])
        if any(stride != 1 for stride in strides) or node.attributes.get("new_axis_mask"):
            raise ValueError(f"{node.name}: strides and new dimensions are not known")

        def masked(mask: str, i: int) -> bool:
            return bool(node.attributes.get(mask, 0) >> i & 1)

        name, shape, gone = into.name, list(into.shape), []
        axis = 0
        for i, (begin, end) in enumerate(zip(begins, ends)):
            if masked("ellipsis_mask", i):
                axis += len(shape) - len(begins) + 1
                continue
            side = shape[axis]
            begin = 0 if masked("begin_mask", i) else begin % side
            end = side if masked("end_mask", i) else end if end > 0 else side + end
            if masked("shrink_axis_mask", i):
                end = begin + 1
                gone.append(axis)
            if (begin, end) != (0, side):
                name = self.graph.slice(name, axis, begin, min(end, side))
                shape[axis] = min(end, side) - begin
            axis += 1
        left = [side for axis, side in enumerate(shape) if axis not in gone]
        return Value(self.graph.reshape(name, left) if gone else name, left)


LAYERS = {
    "Const": Layers.const,
    "Identity": Layers.identity,
    **dict.fromkeys(["Conv2D", "_FusedConv2D", "DepthwiseConv2dNative", "FusedDepthwiseConv2dNative"], Layers.convolution),
    **dict.fromkeys(["FusedBatchNorm", "FusedBatchNormV3"], Layers.batch_normalization),
    "BiasAdd": Layers.bias,
    **dict.fromkeys(["Relu", "Relu6", "Sigmoid"], Layers.activation),
    **dict.fromkeys(["Add", "AddV2", "Mul", "Sub", "Equal", "FloorDiv", "FloorMod"], Layers.arithmetic),
    "Mean": Layers.mean,
    "MaxPool": Layers.max_pool,
    "ResizeBilinear": Layers.resize,
    "ConcatV2": Layers.concatenation,
    "Reshape": Layers.reshape,
    **dict.fromkeys(["ExpandDims", "Squeeze"], Layers.other_dimensions),
    "Cast": Layers.cast,
    "TopKV2": Layers.top,
    "GatherV2": Layers.gather,
    "StridedSlice": Layers.strided_slice,
}
