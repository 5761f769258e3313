#!/usr/bin/env python3
"""Trains the network egg_synthetic.onnx on synthetic phantoms, and writes it with its model card and held-out scores.

    python3 -m venv /tmp/train && /tmp/train/bin/pip install -r examples/egg_scan/model/requirements.txt
    cmake --build build --target egg_write_phantoms
    /tmp/train/bin/python examples/egg_scan/model/train.py build/examples/egg_scan/model/egg_write_phantoms

Phantoms and their preprocessing come from the C++ program, so that training sees what the service will see. The scores of
the held-out phantoms that tests compare with are computed without any C++: from the slices, with the NumPy version of the
steps in tests/unit/vision/reference.
"""

import functools
import hashlib
import json
import pathlib
import subprocess
import sys
import tempfile
import time

import jax
import jax.numpy as jnp
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parents[2] / "tests/unit/vision/reference"))
import steps  # noqa: E402

CHAIN = "mask|bias|clip(1,99)|zscore|crop(2)|letterbox(64,64)"
LABELS = ["synthetic_plain", "synthetic_spot"]
NAME, VERSION = "egg_synthetic", "1"
SEED = 20240501
TRAIN_SERIES, TRAIN_COUNT = 1, 6000
HELD_OUT_SERIES, HELD_OUT_COUNT, SCORED_COUNT = 2, 2000, 64
EPOCHS, BATCH, RATE = 14, 64, 3e-3
RAW_SIDE, SIDE = 128, 64
CHANNELS = [1, 8, 16, 24, 32]  # of the image, and after each convolution


def phantoms(program, series, count):
    """Slices (16 bit), prepared images and classes of a series."""
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "phantoms"
        subprocess.run([program, str(series), str(count), CHAIN, str(file)], check=True)
        record = np.dtype([("spot", np.uint8), ("slice", "<u2", (RAW_SIDE, RAW_SIDE)), ("prepared", "<f4", (SIDE, SIDE))])
        all_of_them = np.fromfile(file, record)
    return all_of_them["slice"], all_of_them["prepared"], all_of_them["spot"].astype(np.int32)


def initial(key):
    """Weights as He et al. (ICCV 2015) draw them: four 3 x 3 convolutions, then one score for each label."""
    weights = []
    for less, more in zip(CHANNELS, CHANNELS[1:]):
        key, now = jax.random.split(key)
        weights.append((jax.random.normal(now, (more, less, 3, 3)) * np.sqrt(2 / (9 * less)), jnp.zeros(more)))
    key, now = jax.random.split(key)
    weights.append((jax.random.normal(now, (2, CHANNELS[-1])) * np.sqrt(1 / CHANNELS[-1]), jnp.zeros(2)))
    return weights


def logits(weights, images):
    """Of images N x SIDE x SIDE."""
    value = images[:, None]
    for i, (kernel, offset) in enumerate(weights[:-1]):
        value = jax.lax.conv_general_dilated(value, kernel, (1, 1), "SAME") + offset[None, :, None, None]
        value = jax.nn.relu(value)
        if i < len(weights) - 2:
            value = jax.lax.reduce_window(value, -jnp.inf, jax.lax.max, (1, 1, 2, 2), (1, 1, 2, 2), "VALID")
    value = value.max(axis=(2, 3))
    matrix, offset = weights[-1]
    return value @ matrix.T + offset


def loss(weights, images, classes):
    return -jnp.mean(jax.nn.log_softmax(logits(weights, images))[jnp.arange(len(classes)), classes])


@jax.jit
def update(state, images, classes, rate):
    """A step of Adam (Kingma and Ba, ICLR 2015)."""
    weights, first, second, count = state
    value, slope = jax.value_and_grad(loss)(weights, images, classes)
    count = count + 1
    first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, slope)
    second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, second, slope)
    weights = jax.tree.map(
        lambda w, m, v: w - rate * (m / (1 - 0.9**count)) / (jnp.sqrt(v / (1 - 0.999**count)) + 1e-8),
        weights, first, second)
    return (weights, first, second, count), value


def turned(random, images):
    """Quarter turns and reflections, which no egg knows of."""
    images = np.rot90(images, random.integers(4), axes=(1, 2))
    return np.ascontiguousarray(images[:, :, ::-1] if random.integers(2) else images)


def train(images, classes):
    random = np.random.default_rng(SEED)
    weights = initial(jax.random.key(SEED))
    state = (weights, jax.tree.map(jnp.zeros_like, weights), jax.tree.map(jnp.zeros_like, weights), 0)
    batches = len(images) // BATCH
    for epoch in range(EPOCHS):
        order, losses = random.permutation(len(images)), []
        for batch in range(batches):
            chosen = order[batch * BATCH:(batch + 1) * BATCH]
            done = (epoch * batches + batch) / (EPOCHS * batches)
            rate = RATE * 0.5 * (1 + np.cos(np.pi * done))
            state, value = update(state, turned(random, images[chosen]), classes[chosen], rate)
            losses.append(float(value))
        print(f"epoch {epoch + 1}: loss {np.mean(losses):.4f}", flush=True)
    return [(np.asarray(a, np.float32), np.asarray(b, np.float32)) for a, b in state[0]]


def scores(weights, images):
    """Probabilities of the labels."""
    run = jax.jit(functools.partial(logits, weights))
    parts = [images[i:i + 100] for i in range(0, len(images), 100)]
    return np.concatenate([np.asarray(jax.nn.softmax(run(part))) for part in parts])


def export(weights, path):
    nodes, constants, value = [], {}, "image"

    def node(kind, given, **attributes):
        made = f"{kind.lower()}{len(nodes)}"
        nodes.append(helper.make_node(kind, given, [made], **attributes))
        return made

    def constant(name, array):
        constants[name] = array
        return name

    for i, (kernel, offset) in enumerate(weights[:-1]):
        value = node("Conv", [value, constant(f"kernel{i}", kernel), constant(f"offset{i}", offset)],
                     kernel_shape=[3, 3], pads=[1, 1, 1, 1])
        value = node("Relu", [value])
        if i < len(weights) - 2:
            value = node("MaxPool", [value], kernel_shape=[2, 2], strides=[2, 2])
    value = node("Flatten", [node("GlobalMaxPool", [value])])
    value = node("Gemm", [value, constant("matrix", weights[-1][0]), constant("offset", weights[-1][1])], transB=1)
    nodes.append(helper.make_node("Softmax", [value], ["scores"], axis=1))
    graph = helper.make_graph(
        nodes, NAME,
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 1, SIDE, SIDE])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, [1, len(LABELS)])],
        [numpy_helper.from_array(array, name) for name, array in constants.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)], ir_version=6, producer_name="Conveyor",
                              doc_string="Trained on synthetic phantoms alone; of no meaning for real eggs.")
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString())


def main():
    program, started = sys.argv[1], time.time()
    _, images, classes = phantoms(program, TRAIN_SERIES, TRAIN_COUNT)
    slices, held_out, held_out_classes = phantoms(program, HELD_OUT_SERIES, HELD_OUT_COUNT)
    weights = train(images, classes)
    network = HERE / f"{NAME}.onnx"
    export(weights, network)

    predicted = scores(weights, held_out)
    confusion = [[int(np.sum((held_out_classes == true) & (predicted.argmax(1) == said))) for said in (0, 1)]
                 for true in (0, 1)]
    accuracy = (confusion[0][0] + confusion[1][1]) / HELD_OUT_COUNT

    prepared = np.stack([steps.run(CHAIN, steps.sample(one))["pixels"] for one in slices[:SCORED_COUNT]])
    print("largest difference of the steps in C++ and NumPy:", np.abs(prepared - held_out[:SCORED_COUNT]).max())
    lines = [f"# Score of {LABELS[1]} for each phantom of series {HELD_OUT_SERIES}, and whether it has the spot; by train.py."]
    lines += [f"{number} {score:.8f} {spot}" for number, (score, spot) in
              enumerate(zip(scores(weights, prepared)[:, 1], held_out_classes))]
    (HERE / f"{NAME}_scores.txt").write_text("\n".join(lines) + "\n")

    card = {
        "name": NAME,
        "version": VERSION,
        "sha256": hashlib.sha256(network.read_bytes()).hexdigest(),
        "preprocess": CHAIN,
        "labels": LABELS,
        "input": {"width": SIDE, "height": SIDE, "scale": 1},
        "about": {
            "what": "Tells synthetic MR slices of eggs whose embryo has a dark spot from those whose embryo has none. "
                    "Trained and tested on synthetic phantoms alone: of no meaning for real eggs.",
            "made by": "examples/egg_scan/model/train.py",
            "seed": SEED,
            "training": {"series": TRAIN_SERIES, "phantoms": TRAIN_COUNT, "epochs": EPOCHS},
            "held out": {"series": HELD_OUT_SERIES, "phantoms": HELD_OUT_COUNT, "accuracy": accuracy,
                         "confusion": {LABELS[true]: dict(zip(LABELS, confusion[true])) for true in (0, 1)}},
        },
    }
    (HERE / f"{NAME}.json").write_text(json.dumps(card, indent=2) + "\n")
    print(f"accuracy {accuracy:.4f}, confusion {confusion}, {network.stat().st_size} bytes, {time.time() - started:.0f} s")


main()
