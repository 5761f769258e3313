#!/usr/bin/env bash
# Networks that say their padding by name, run by OpenCV's dnn module and by ONNX Runtime.
#
# Versions: opencv-python-headless 5.0.0.93 (its new engine) and 4.14.0.94, onnx 1.23.2, onnxruntime 1.32.0.
# Behaviour: converters from TensorFlow write auto_pad. OpenCV takes SAME_LOWER (the odd row and column of zeros come first)
# for SAME_UPPER (they come last) in convolutions and both kinds of pools: the same shape, other numbers, no error. Of
# ConvTranspose it takes neither auto_pad nor output_shape: its answer has another size than the one the file declares for
# this output. SAME_UPPER of convolutions and pools is right. Both releases do the same.
# Seen (5.0.0): MaxPool, AveragePool and Conv with SAME_LOWER: each equals ONNX Runtime's answer to SAME_UPPER
#               ConvTranspose, auto_pad SAME_UPPER: 11 x 11 where 12 x 12 is declared
#               ConvTranspose, output_shape 12 x 12: 14 x 14 (4.14.0: 13 x 13)
# Exit code 0 while all of it is so. Needs python3 with venv.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >ask.py <<'PYTHON'
import cv2
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

rng = np.random.default_rng(1)
x = rng.standard_normal((1, 4, 6, 6)).astype(np.float32)


def model(operator, shape, weights=None, **attributes):
    inputs = ["x"] if weights is None else ["x", "w"]
    graph = helper.make_graph(
        [helper.make_node(operator, inputs, ["y"], **attributes)],
        "graph",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, x.shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, shape)],
        [] if weights is None else [numpy_helper.from_array(weights, "w")],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(made, full_check=True)
    return made.SerializeToString()


def opencv(file):
    net = cv2.dnn.readNetFromONNX(np.frombuffer(file, np.uint8))
    net.setInput(x)
    return net.forward()


def runtime(file):
    return onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"]).run(None, {"x": x})[0]


print("OpenCV", cv2.__version__)
kernel = rng.standard_normal((4, 4, 2, 2)).astype(np.float32)
for operator, weights in (("MaxPool", None), ("AveragePool", None), ("Conv", kernel)):
    lower, upper = (
        model(operator, [1, 4, 6, 6], weights, kernel_shape=[2, 2], auto_pad=pad) for pad in ("SAME_LOWER", "SAME_UPPER")
    )
    assert not np.allclose(runtime(lower), runtime(upper), atol=0.1)
    assert np.allclose(opencv(upper), runtime(upper), atol=1e-4)
    assert np.allclose(opencv(lower), runtime(upper), atol=1e-4)
    print(f"{operator} with SAME_LOWER: equals ONNX Runtime's answer to SAME_UPPER")

kernel = rng.standard_normal((4, 3, 3, 3)).astype(np.float32)
for name, value in (("auto_pad", "SAME_UPPER"), ("output_shape", [12, 12])):
    file = model("ConvTranspose", [1, 3, 12, 12], kernel, strides=[2, 2], **{name: value})
    assert runtime(file).shape == (1, 3, 12, 12)
    shape = opencv(file).shape
    print(f"ConvTranspose, {name} {value}: {shape[2]} x {shape[3]} where 12 x 12 is declared")
    assert shape[2:] != (12, 12)
PYTHON

for release in 5.0.0.93 4.14.0.94; do
  python3 -m venv "$release"
  "$release/bin/pip" install --quiet --disable-pip-version-check onnx==1.23.2 onnxruntime==1.32.0 \
    "opencv-python-headless==$release"
  "$release/bin/python" ask.py
done
