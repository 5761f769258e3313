#!/usr/bin/env bash
# The reference evaluator that comes with onnx, asked for operators whose definition is a short formula.
#
# Versions: onnx 1.23.2, onnxruntime 1.32.0, Python 3.11 or newer.
# Behaviour: onnx.reference.ReferenceEvaluator is what converters and engines compare themselves with, and its documentation
# calls it the reference of the standard. Without an error it answers three operators otherwise than the standard says:
#   LRN                      it goes through as many channels as there are samples in the batch: of one image with four
#                            channels it normalises the first, and leaves the squares out of the other three;
#   LpNormalization, p=1     it divides by the sum of the values instead of the sum of their absolute values;
#   Softmax, LogSoftmax      of opset 11 and older, which take all dimensions from the axis on as one, it takes along the axis
#                            alone, as opset 13 does.
# ONNX Runtime agrees with NumPy on all of them. Who trusts the reference accepts a wrong engine and mends a right one.
# Seen: LRN: the reference is 0.573 off, ONNX Runtime 0.000
#       LpNormalization: the reference is above 1 off, ONNX Runtime 0.000
#       Softmax 11: the reference's answer sums up to 36.0 over one sample, ONNX Runtime's to 1.0
# Exit code 0 while all of it is so. Needs python3 with venv.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check onnx==1.23.2 onnxruntime==1.32.0

cat >ask.py <<'PYTHON'
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator

SHAPE = [1, 4, 6, 6]
x = np.random.default_rng(1).standard_normal(SHAPE).astype(np.float32)


def ask(opset, operator, **attributes):
    """What the reference and ONNX Runtime answer to a graph of one operator."""
    info = [helper.make_tensor_value_info(name, TensorProto.FLOAT, SHAPE) for name in "xy"]
    graph = helper.make_graph([helper.make_node(operator, ["x"], ["y"], **attributes)], "graph", info[:1], info[1:])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return ReferenceEvaluator(model).run(None, {"x": x})[0], session.run(None, {"x": x})[0]


def off(answer, right):
    return float(np.abs(answer - right).max())


size, alpha, beta, bias = 3, 0.5, 0.6, 2.0
right = np.empty_like(x)
for channel in range(SHAPE[1]):
    near = x[:, max(0, channel - 1) : channel + 2]
    right[:, channel] = x[:, channel] / (bias + alpha / size * (near**2).sum(axis=1)) ** beta
reference, runtime = ask(17, "LRN", size=size, alpha=alpha, beta=beta, bias=bias)
print(f"LRN: the reference is {off(reference, right):.3f} off, ONNX Runtime {off(runtime, right):.3f}")
assert off(reference[:, 0], right[:, 0]) < 1e-4 and off(reference, right) > 0.1 and off(runtime, right) < 1e-4

right = x / np.abs(x).sum(axis=1, keepdims=True)
reference, runtime = ask(17, "LpNormalization", axis=1, p=1)
print(f"LpNormalization: the reference is {off(reference, right):.3f} off, ONNX Runtime {off(runtime, right):.3f}")
assert off(reference, x / x.sum(axis=1, keepdims=True)) < 1e-3 and off(reference, right) > 1 and off(runtime, right) < 1e-4

flat = np.exp(x.reshape(1, -1))
right = (flat / flat.sum()).reshape(SHAPE)
reference, runtime = ask(11, "Softmax", axis=1)
print(f"Softmax 11: the reference sums up to {reference.sum():.1f} over one sample, ONNX Runtime to {runtime.sum():.1f}")
assert abs(reference.sum() - 36) < 1e-3 and off(runtime, right) < 1e-4
reference, runtime = ask(11, "LogSoftmax", axis=1)
assert off(reference, np.log(right)) > 1 and off(runtime, np.log(right)) < 1e-4
PYTHON
python/bin/python ask.py
