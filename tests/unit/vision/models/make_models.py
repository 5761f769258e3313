#!/usr/bin/env python3
"""Writes the networks of onnx_test.cc and onnx_detector_test.cc beside itself. Needs numpy and onnx (pip install onnx)."""

import pathlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

HERE = pathlib.Path(__file__).parent


def write(name, nodes, constants, given, made):
    graph = helper.make_graph(
        nodes,
        name,
        [helper.make_tensor_value_info("image", kind, shape) for kind, shape in given[:1]]
        + [helper.make_tensor_value_info(f"more{i}", kind, shape) for i, (kind, shape) in enumerate(given[1:])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, made)],
        [numpy_helper.from_array(np.asarray(value, np.float32), key) for key, value in constants.items()],
    )
    domains = sorted({node.domain for node in nodes} | {""})
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid(domain, 11) for domain in domains], ir_version=6)
    onnx.checker.check_model(model)
    (HERE / f"{name}.onnx").write_bytes(model.SerializeToString())


# The mean of each channel (R, G, B), and from them two scores.
MEANS = [
    helper.make_node("GlobalAveragePool", ["image"], ["pooled"]),
    helper.make_node("Flatten", ["pooled"], ["means"]),
    helper.make_node("Gemm", ["means", "weights", "bias"], ["scores"], transB=1),
]
TWO = {"weights": [[1, 2, -1], [0.5, -1, 3]], "bias": [0.25, -0.5]}
FLOAT = TensorProto.FLOAT

write("means", MEANS, TWO, [(FLOAT, [1, 3, 6, 8])], [1, 2])
write("means_any_size", MEANS, TWO, [(FLOAT, [1, 3, "height", "width"])], [1, 2])
write("means_gray", MEANS, {"weights": [[2]], "bias": [1]}, [(FLOAT, [1, 1, 4, 4])], [1, 1])
write("nhwc", [helper.make_node("Transpose", ["image"], ["turned"], perm=[0, 3, 1, 2]),
               helper.make_node("GlobalAveragePool", ["turned"], ["scores"])], {}, [(FLOAT, [1, 6, 8, 3])], [1, 3, 1, 1])
write("map", [helper.make_node("Relu", ["image"], ["scores"])], {}, [(FLOAT, [1, 3, 6, 8])], [1, 3, 6, 8])
write("two_inputs", [helper.make_node("Add", ["image", "more0"], ["scores"])], {},
      [(FLOAT, [1, 3, 1, 1]), (FLOAT, [1, 3, 1, 1])], [1, 3, 1, 1])
write("nan", [helper.make_node("GlobalAveragePool", ["image"], ["pooled"]), helper.make_node("Flatten", ["pooled"], ["means"]),
              helper.make_node("Gemm", ["means", "weights"], ["scores"], transB=1)],
      {"weights": [[float("nan"), 0, 0]]}, [(FLOAT, [1, 3, 6, 8])], [1, 1])
write("unknown", [helper.make_node("Conveyor", ["image"], ["scores"], domain="nowhere")], {}, [(FLOAT, [1, 3, 6, 8])],
      [1, 2])

# What two engines are compared by: three convolutions with weights of chance, but always the same ones.
random = np.random.default_rng(5)
SIZES = [3, 6, 8, 8]
CNN, WEIGHTS = [], {}
for i in range(3):
    WEIGHTS |= {f"k{i}": random.normal(0, 0.3, (SIZES[i + 1], SIZES[i], 3, 3)), f"c{i}": random.normal(0, 0.1, SIZES[i + 1])}
    CNN += [helper.make_node("Conv", ["image" if i == 0 else f"m{i}", f"k{i}", f"c{i}"], [f"a{i}"], kernel_shape=[3, 3], pads=[1] * 4),
            helper.make_node("Relu", [f"a{i}"], [f"r{i}"]),
            helper.make_node("MaxPool", [f"r{i}"], [f"m{i + 1}"], kernel_shape=[2, 2], strides=[2, 2])]
WEIGHTS |= {"weights": random.normal(0, 1, (5, 8)), "bias": random.normal(0, 1, 5)}
CNN += [helper.make_node("GlobalAveragePool", ["m3"], ["pooled"]), helper.make_node("Flatten", ["pooled"], ["means"]),
        helper.make_node("Gemm", ["means", "weights", "bias"], ["scores"], transB=1)]
write("small_cnn", CNN, WEIGHTS, [(FLOAT, [1, 3, 32, 32])], [1, 5])

# Detectors of a 3 x 40 x 40 image. Boxes stand where they stand; scores grow with the means of R, G and B.
def detector(name, outputs):
    """outputs: (shape without the batch, numbers at rest, which of them grow with which mean)"""
    nodes, constants, made = MEANS[:2], {}, []
    for i, (shape, rest, grow) in enumerate(outputs):
        weights = np.zeros((np.size(rest), 3))
        for place, channel in grow.items():
            weights[np.ravel_multi_index(place, shape), channel] = 1
        constants |= {f"weights{i}": weights, f"bias{i}": np.ravel(rest)}
        nodes = nodes + [
            helper.make_node("Gemm", ["means", f"weights{i}", f"bias{i}"], [f"flat{i}"], transB=1),
            helper.make_node("Reshape", [f"flat{i}", f"shape{i}"], [f"out{i}"]),
        ]
        made.append([1, *shape])
    order = range(len(outputs))
    graph = helper.make_graph(
        nodes, name, [helper.make_tensor_value_info("image", FLOAT, [1, 3, 40, 40])],
        [helper.make_tensor_value_info(f"out{i}", FLOAT, made[i]) for i in order],
        [numpy_helper.from_array(np.asarray(value, np.float32), key) for key, value in constants.items()]
        + [numpy_helper.from_array(np.asarray(made[i], np.int64), f"shape{i}") for i in order])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)], ir_version=6)
    onnx.checker.check_model(model)
    (HERE / f"{name}.onnx").write_bytes(model.SerializeToString())


# Centre, size; two on the left that share 9/11 of their union, one on the right, one of no size.
CENTRES = np.array([[10, 10, 10, 20], [11, 10, 10, 20], [30, 20, 8, 6], [20, 20, 0, 0]])
# "cat" grows with R, "dog" with G; the third is both.
COLUMNS = np.hstack([CENTRES, [[0.5, 0], [0.4, 0], [0.1, 0.2], [0.9, 0.9]]])
GROW = {(0, 0): 0, (1, 0): 0, (2, 0): 0, (2, 1): 1}
detector("yolo_columns", [((6, 4), COLUMNS.T, {(4 + c, row): ch for (row, c), ch in GROW.items()})])
ROWS = np.hstack([CENTRES, [[0.5]] * 4, 2 * COLUMNS[:, 4:]])
detector("yolo_rows", [((4, 7), ROWS, {(row, 5 + c): ch for (row, c), ch in GROW.items()})])
CORNERS = np.hstack([CENTRES[:, :2] - CENTRES[:, 2:] / 2, CENTRES[:, :2] + CENTRES[:, 2:] / 2]) / 40
SCORES = np.hstack([[[0.9]] * 4, COLUMNS[:, 4:]])
GROWING = {(row, 1 + c): ch for (row, c), ch in GROW.items()}
detector("ssd", [((4, 4), CORNERS, {}), ((4, 3), SCORES, GROWING)])
detector("ssd_scores_first", [((4, 3), SCORES, GROWING), ((4, 4), CORNERS, {})])
detector("ssd_ambiguous", [((4, 4), CORNERS, {}), ((4, 4), np.hstack([SCORES, SCORES[:, :1]]), {})])
detector("yolo_nan", [((6, 4), np.where(COLUMNS.T == 0.4, np.nan, COLUMNS.T), {})])
