#!/usr/bin/env bash
# A convolution with dilations whose padding is said by name, in ONNX Runtime: it loads, and cannot be run.
#
# Versions: onnx 1.23.2 with its reference evaluator, onnxruntime 1.32.0.
# Behaviour: the checker of onnx takes the file, shape inference gives the output its size, ONNX Runtime makes a session of it
# without a warning, and says the right size of its output when asked. The first run raises INVALID_ARGUMENT: dilation is not
# supported for SAME_UPPER and SAME_LOWER. A service that loads its model at its start, and finds it good, fails with the first
# request. ConvTranspose and AveragePool are not asked here.
# Seen: session: made, its output is [1, 3, 6, 6]; run: INVALID_ARGUMENT, naming dilation; the reference: (1, 3, 6, 6)
# Exit code 0 while it is so. Needs python3 with venv.
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
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

x = np.random.default_rng(1).standard_normal((1, 4, 6, 6)).astype(np.float32)
weights = np.random.default_rng(2).standard_normal((3, 4, 3, 3)).astype(np.float32)
for pad in ("SAME_UPPER", "SAME_LOWER"):
    graph = helper.make_graph(
        [helper.make_node("Conv", ["x", "w"], ["y"], kernel_shape=[3, 3], dilations=[2, 2], auto_pad=pad)],
        "graph",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, x.shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 3, None, None])],
        [numpy_helper.from_array(weights, "w")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    expected = ReferenceEvaluator(model).run(None, {"x": x})[0]
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    told = session.get_outputs()[0].shape
    assert told == [1, 3, 6, 6] and expected.shape == (1, 3, 6, 6), (told, expected.shape)
    try:
        session.run(None, {"x": x})
        raise SystemExit(f"{pad}: it runs")
    except onnxruntime.capi.onnxruntime_pybind11_state.InvalidArgument as error:
        assert "Dilation not supported" in str(error), error
    print(f"{pad}: session: made, its output is {told}; run: INVALID_ARGUMENT; the reference: {expected.shape}")
PYTHON
python/bin/python ask.py
