#!/usr/bin/env bash
# Attributes of ONNX operators that OpenCV's new engine reads past.
#
# Versions: opencv-python-headless 5.0.0.93, onnx 1.23.2, onnxruntime 1.32.0.
# Behaviour: Resize with antialias=1 (opset 18), as exporters write it for images that are made smaller, is answered as if
# antialias were 0; Gelu with approximate="tanh" (opset 20) as the exact one. Neither is refused nor warned of, though OpenCV
# raises an error for other attributes that it cannot do. ONNX Runtime and the reference evaluator of onnx do both.
# Seen: Resize equals antialias=0, 0.37 off antialias=1
#       Gelu with approximate=tanh equals the exact one
# Exit code 0 while both are so. Needs python3 with venv.
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

x = np.random.default_rng(1).standard_normal((1, 4, 6, 6)).astype(np.float32)


def model(opset, operator, inputs, shape, **attributes):
    graph = helper.make_graph(
        [helper.make_node(operator, inputs, ["y"], **attributes)],
        "graph",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, x.shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, shape)],
        [numpy_helper.from_array(np.array([1, 1, 0.5, 0.5], np.float32), "half")] if "half" in inputs else [],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=9)
    onnx.checker.check_model(made, full_check=True)
    return made.SerializeToString()


def opencv(file):
    net = cv2.dnn.readNetFromONNX(np.frombuffer(file, np.uint8))
    net.setInput(x)
    return net.forward()


def runtime(file):
    return onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"]).run(None, {"x": x})[0]


def resize(antialias):
    return model(18, "Resize", ["x", "", "half"], [1, 4, 3, 3], mode="linear", antialias=antialias)


def gelu(approximate):
    return model(20, "Gelu", ["x"], x.shape, approximate=approximate)


with_it, without = runtime(resize(1)), runtime(resize(0))
assert np.abs(with_it - without).max() > 0.1
answer = opencv(resize(1))
assert np.allclose(answer, without, atol=1e-4)
print(f"Resize equals antialias=0, {np.abs(answer - with_it).max():.2f} off antialias=1")

assert np.abs(runtime(gelu("tanh")) - runtime(gelu("none"))).max() > 1e-4
assert np.allclose(opencv(gelu("tanh")), runtime(gelu("none")), atol=1e-5)
print("Gelu with approximate=tanh equals the exact one")
PYTHON

python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check onnx==1.23.2 onnxruntime==1.32.0 opencv-python-headless==5.0.0.93
python/bin/python ask.py
