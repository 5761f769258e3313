#!/usr/bin/env python3
"""Writes the networks of onnx_test.cc beside itself. Needs numpy and onnx (pip install onnx)."""

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
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)], ir_version=6)
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
