"""The object detector of npm's @vladmandic/human: CenterNet on MobileNetV3, a graph model of TensorFlow.js.

Input 1 x 3 x 512 x 512: R, G, B, 0 to 255. Output "detections", 1 x 100 x 6: left, top, right, bottom in pixels of the input,
score, class; highest score first.
"""

from collections.abc import Callable

from .graph import Graph
from .tensorflow_graph import read_tensorflow_js
from .tensorflow_layers import Layers, Value

FOLDER = "package/models/"
SIDE = 512


def convert(read: Callable[[str], bytes]) -> bytes:
    nodes = read_tensorflow_js(read(f"{FOLDER}centernet.json"), lambda name: read(f"{FOLDER}{name}"))
    graph = Graph(opset=17)
    pixels = Value(graph.input("images", [1, 3, SIDE, SIDE]), [1, SIDE, SIDE, 3], planes=True)
    found = Layers(nodes, graph, "tower_0/images", pixels).channels_last("tower_0/detections")
    graph.output(found.name, "detections", found.shape)
    return graph.network()
